//! The enums of core are those of the WIT package, case by case: the plugin's bindings
//! read and write them by place.

#![allow(clippy::panic, clippy::unwrap_used, reason = "a test")]

use std::fs;

use lambda_invocation_core::call::connection::RetryMode;
use lambda_invocation_core::call::request::{InvocationType, LogType};
use lambda_invocation_core::error::{TimeoutPhase, TransportPhase};
use lambda_invocation_core::lifecycle::{
    Attribute, LifecycleEvent, LifecycleScope, PlanAction, ReplaceOrder, Replacement,
};

/// The name of each enum with its cases, and their places in core.
macro_rules! cases {
    ($($enum:ident { $($case:ident),+ })+) => {
        [$((stringify!($enum), vec![$((stringify!($case), $enum::$case as usize)),+])),+]
    };
}

#[test]
fn the_cases_of_enums_stand_in_the_order_of_the_wit_package() {
    let core = cases![
        InvocationType { RequestResponse, Event, DryRun }
        LogType { None, Tail }
        RetryMode { Never, Safe, Idempotent }
        TransportPhase { Connect, Tls, Request, Response, Host }
        TimeoutPhase { Connect, Response, Deadline }
        Attribute {
            FunctionName, Input, Qualifier, Region, TerraformKey, TenantId, ClientContext,
            LifecycleScope, Triggers, ReplaceOrder
        }
        LifecycleScope { CreateOnly, Crud }
        ReplaceOrder { DeleteFirst, CreateFirst }
        PlanAction { NoOp, Create, Update, Replace, Delete, Forget }
        LifecycleEvent { Create, Update, Delete }
        Replacement { None, Possible, Certain }
    ];
    let wit = wit_enums();
    assert_eq!(wit.len(), core.len(), "an enum is missing here");
    for (name, cases) in &wit {
        let (_, core) = core.iter().find(|(core, _)| core == name).unwrap();
        let places: Vec<_> = cases.iter().map(String::as_str).zip(0..).collect();
        assert_eq!(core, &places, "{name}");
    }
}

#[test]
fn an_enum_is_read_from_its_place() {
    macro_rules! read {
        ($($enum:ident),+) => {
            $(for (place, case) in cases_of(stringify!($enum)).iter().enumerate() {
                let read = $enum::_lift(place.try_into().unwrap());
                assert_eq!(&format!("{read:?}"), case);
            })+
        };
    }
    read!(
        InvocationType,
        LogType,
        RetryMode,
        TransportPhase,
        TimeoutPhase,
        Attribute,
        LifecycleScope,
        ReplaceOrder
    );
}

fn cases_of(name: &str) -> Vec<String> {
    let mut enums = wit_enums().into_iter();
    enums.find(|(wit, _)| wit == name).unwrap().1
}

/// The enums of the package with their cases, both as Rust spells them.
fn wit_enums() -> Vec<(String, Vec<String>)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../wit");
    let mut enums = Vec::new();
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        if path.is_dir() {
            continue;
        }
        let text = fs::read_to_string(path).unwrap();
        for part in text.split("    enum ").skip(1) {
            let (name, rest) = part.split_once(" {").unwrap();
            let (body, _) = rest.split_once('}').unwrap();
            let lines = body.lines().map(str::trim);
            let cases = lines.filter(|line| !line.is_empty() && !line.starts_with("///"));
            let cases = cases.map(|case| camel(case.trim_end_matches(',')));
            enums.push((camel(name), cases.collect()));
        }
    }
    enums
}

fn camel(kebab: &str) -> String {
    let words = kebab.split('-').map(|word| {
        let (first, rest) = word.split_at(1);
        [&first.to_uppercase(), rest].concat()
    });
    words.collect()
}
