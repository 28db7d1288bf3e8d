//! What holds for every sequence of configurations, every failure and every text.

#![cfg(test)]

use std::collections::BTreeMap;

use lambda_invocation_core::error::Error;
use lambda_invocation_core::json::check;
use lambda_invocation_core::lifecycle::json::Value;
use lambda_invocation_core::lifecycle::{
    Apply, Attribute, Config, LifecycleEvent, LifecycleScope, PlanAction, PlanOptions,
    PlannedRequest, ReplaceOrder, Replacement, State, import_state, payload, plan, upgrade_state,
    validate,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::subsequence;

/// The functions: they remember what they were told, and fail when told to.
#[derive(Default)]
struct World {
    /// What ran and succeeded, in order.
    log: Vec<String>,
    /// How many incarnations each place knows of, by the events of `crud`.
    alive: BTreeMap<Place, i64>,
}

/// Function, qualifier and region.
type Place = (String, String, Option<String>);

fn place(config: &Config) -> Place {
    (
        config.function_name.clone(),
        config.qualifier().to_owned(),
        config.region.clone(),
    )
}

impl World {
    fn invoke(&mut self, request: &PlannedRequest) -> Vec<u8> {
        self.log.push(format!(
            "{} {} {:?} {:?} {}",
            request.function_name,
            request.qualifier,
            request.region,
            request.tenant_id,
            request.payload
        ));
        // An answer that depends on the request, so that results can be compared.
        format!("{{\"seen\":{:?}}}", request.payload).into_bytes()
    }

    /// Counts an incarnation in or out. Only this side of the simulation looks at
    /// what a request means; the code under test is asked nothing.
    fn count(&mut self, request: &PlannedRequest, prior: Option<&State>) {
        let told = request.payload.contains("\"action\":");
        let was_told = |state: &State| state.config.lifecycle_scope == Some(LifecycleScope::Crud);
        let change = match request.event {
            LifecycleEvent::Create => i64::from(told),
            // The first update after create-only is how it learns of the incarnation.
            LifecycleEvent::Update => i64::from(!prior.is_some_and(was_told)),
            LifecycleEvent::Delete => -1,
        };
        let place = (
            request.function_name.clone(),
            request.qualifier.clone(),
            request.region.clone(),
        );
        *self.alive.entry(place).or_default() += change;
    }

    fn alive(&self) -> BTreeMap<Place, i64> {
        let mut alive = self.alive.clone();
        alive.retain(|_, count| *count != 0);
        alive
    }
}

/// The incarnations a state claims.
fn claimed(state: Option<&State>) -> BTreeMap<Place, i64> {
    let mut claimed = BTreeMap::new();
    let current = state.map(|state| &state.config);
    let deposed = state
        .and_then(|state| state.deposed.as_ref())
        .map(|deposed| &deposed.config);
    for config in [current, deposed].into_iter().flatten() {
        if config.lifecycle_scope == Some(LifecycleScope::Crud) {
            *claimed.entry(place(config)).or_default() += 1;
        }
    }
    claimed
}

/// One apply. The request at `fails_at`, counted from 0, fails.
fn apply(
    world: &mut World,
    prior: Option<State>,
    desired: Option<&Config>,
    fails_at: Option<usize>,
) -> (Option<State>, bool) {
    let before = prior.clone();
    let planned = plan(prior.as_ref(), desired, &PlanOptions::default()).unwrap();
    let mut made = 0;
    let mut apply = Apply::new(prior, desired, false).unwrap();
    while let Some(request) = apply.next_request() {
        assert_eq!(Some(request), planned.requests.get(made));
        if fails_at == Some(made) {
            let failed = apply.failed(Error::NoRegion);
            let completed: Vec<_> = planned.requests[..made].iter().map(|r| r.event).collect();
            assert_eq!(failed.completed, completed);
            return (failed.state, false);
        }
        world.count(request, before.as_ref());
        let answer = world.invoke(request);
        apply = apply.succeeded(answer).unwrap();
        made += 1;
    }
    assert_eq!(made, planned.requests.len());
    let state = apply.finish();
    if let (Some(before), Some(after)) = (&before, &state)
        && planned.result_known
    {
        assert_eq!(before.result, after.result);
    }
    (state, true)
}

fn any_config() -> impl Strategy<Value = Config> {
    let one_of =
        |texts: &'static [&'static str]| proptest::sample::select(texts).prop_map(str::to_owned);
    (
        one_of(&["f", "g", "f:PROD"]),
        one_of(&["{}", "{\"v\":1}", "{\"v\":2}", "{ \"v\":2 }"]),
        option::of(one_of(&["us-east-1", "eu-west-1"])),
        option::of(one_of(&["tf", "k"])),
        option::of(one_of(&["t", "u"])),
        option::of(prop_oneof![
            Just(LifecycleScope::CreateOnly),
            Just(LifecycleScope::Crud)
        ]),
        vec((one_of(&["a"]), one_of(&["1", "2"])), 0..2),
        option::of(prop_oneof![
            Just(ReplaceOrder::DeleteFirst),
            Just(ReplaceOrder::CreateFirst)
        ]),
        any::<bool>(),
    )
        .prop_map(
            |(function_name, input, region, key, tenant, scope, triggers, order, qualified)| {
                let qualifier = (qualified && function_name == "f").then(|| "7".to_owned());
                Config {
                    function_name,
                    input,
                    qualifier,
                    region,
                    terraform_key: key,
                    tenant_id: tenant,
                    client_context: None,
                    lifecycle_scope: scope,
                    triggers,
                    replace_order: order,
                }
            },
        )
}

fn copy(attribute: Attribute, from: &Config, to: &mut Config) {
    match attribute {
        Attribute::FunctionName => to.function_name.clone_from(&from.function_name),
        Attribute::Input => to.input.clone_from(&from.input),
        Attribute::Qualifier => to.qualifier.clone_from(&from.qualifier),
        Attribute::Region => to.region.clone_from(&from.region),
        Attribute::TerraformKey => to.terraform_key.clone_from(&from.terraform_key),
        Attribute::TenantId => to.tenant_id.clone_from(&from.tenant_id),
        Attribute::ClientContext => to.client_context.clone_from(&from.client_context),
        Attribute::LifecycleScope => to.lifecycle_scope = from.lifecycle_scope,
        Attribute::Triggers => to.triggers.clone_from(&from.triggers),
        Attribute::ReplaceOrder => to.replace_order = from.replace_order,
    }
}

/// What is wanted in turn, and which requests fail in the tries before the last.
fn any_story() -> impl Strategy<Value = Vec<(Option<Config>, Vec<usize>)>> {
    let wanted = prop_oneof![4 => any_config().prop_map(Some), 1 => Just(None)];
    vec((wanted, vec(0usize..3, 0..3)), 1..8)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// A failure costs a further apply and nothing else: not an invocation twice,
    /// not one left out, not another state.
    #[test]
    fn failures_at_any_step_change_neither_what_succeeds_nor_the_end(story in any_story()) {
        let (mut smooth, mut rough) = (World::default(), World::default());
        let (mut expected, mut state) = (None, None);
        for (desired, failures) in &story {
            expected = apply(&mut smooth, expected, desired.as_ref(), None).0;
            for &fails_at in failures {
                state = apply(&mut rough, state, desired.as_ref(), Some(fails_at)).0;
            }
            let (kept, finished) = apply(&mut rough, state, desired.as_ref(), None);
            state = kept;
            prop_assert!(finished);
            prop_assert_eq!(&state, &expected);
            prop_assert_eq!(&rough.log, &smooth.log);
            let again = plan(state.as_ref(), desired.as_ref(), &PlanOptions::default()).unwrap();
            prop_assert_eq!(again.action, PlanAction::NoOp);
        }
    }

    /// Also when the user gives up after a failure and wants something else, the
    /// state names every incarnation there is, and no other; so a deletion at the
    /// end reaches all of them, once.
    #[test]
    fn the_state_names_exactly_the_incarnations_there_are(story in any_story()) {
        let mut world = World::default();
        let mut state: Option<State> = None;
        for (desired, failures) in &story {
            let fails_at = failures.first().copied();
            let before = state.clone();
            state = apply(&mut world, state, desired.as_ref(), fails_at).0;
            // Leaving crud in place is asking for the incarnation to be let go.
            if let (Some(before), Some(after)) = (&before, &state)
                && before.config.lifecycle_scope == Some(LifecycleScope::Crud)
                && after.config.lifecycle_scope == Some(LifecycleScope::CreateOnly)
                && before.id == after.id
            {
                *world.alive.entry(place(&before.config)).or_default() -= 1;
            }
            prop_assert_eq!(world.alive(), claimed(state.as_ref()));
        }
        let (left, finished) = apply(&mut world, state, None, None);
        prop_assert!(finished);
        prop_assert_eq!(left, None);
        prop_assert!(world.alive().is_empty());
    }

    /// Whatever the unknown attributes turn out to be, the plan said as much or more:
    /// an engine that went by it is never surprised.
    #[test]
    fn a_plan_with_unknown_attributes_covers_the_plan_with_any_values(
        story in any_story(),
        imported in any::<bool>(),
        placeholder in any_config(),
        desired in any_config(),
        unknown in subsequence(Attribute::ALL.to_vec(), 0..=Attribute::ALL.len()),
        replace in any::<bool>(),
    ) {
        let mut world = World::default();
        let mut prior = imported.then(|| import_state("f,PROD,b326b5062b2f0e69046810717534cb09").unwrap());
        for (desired, failures) in story.iter().filter(|_| !imported) {
            prior = apply(&mut world, prior, desired.as_ref(), failures.first().copied()).0;
        }
        let mut incomplete = desired.clone();
        for attribute in &unknown {
            copy(*attribute, &placeholder, &mut incomplete);
        }
        let options = PlanOptions { unknown: unknown.clone(), replace };
        let known = PlanOptions { unknown: Vec::new(), replace };
        let Ok(actual) = plan(prior.as_ref(), Some(&desired), &known) else {
            return Ok(());
        };
        // No value there is refused for one that is not known.
        let planned = plan(prior.as_ref(), Some(&incomplete), &options).unwrap();
        // Nor looked at.
        prop_assert_eq!(&plan(prior.as_ref(), Some(&desired), &options).unwrap(), &planned);
        if unknown.is_empty() {
            prop_assert_eq!(&planned, &actual);
        }
        let rank = |action| match action {
            PlanAction::NoOp => 0,
            PlanAction::Update => 1,
            PlanAction::Replace => 2,
            // Not open to question.
            PlanAction::Create => 3,
            PlanAction::Delete | PlanAction::Forget => unreachable!("something is desired"),
        };
        prop_assert!(rank(planned.action) >= rank(actual.action), "{:?} {:?}", planned, actual);
        prop_assert_eq!(rank(planned.action) == 3, rank(actual.action) == 3);
        let replaces = actual.action == PlanAction::Replace;
        match planned.replace {
            Replacement::None => prop_assert!(!replaces, "{:?}", planned),
            Replacement::Possible => prop_assert!(!unknown.is_empty()),
            Replacement::Certain => prop_assert!(replaces, "{:?}", planned),
        }
        prop_assert_eq!(planned.replace == Replacement::None, planned.action != PlanAction::Replace);
        prop_assert!(!planned.result_known || actual.result_known);
    }

    /// As a caller does that stores the state after each request.
    #[test]
    fn one_request_at_a_time_comes_to_the_same(
        story in any_story(),
        desired in option::of(any_config()),
        replace in any::<bool>(),
    ) {
        let mut world = World::default();
        let mut prior = None;
        for (desired, failures) in &story {
            prior = apply(&mut world, prior, desired.as_ref(), failures.first().copied()).0;
        }
        let options = PlanOptions { unknown: Vec::new(), replace };
        let planned = plan(prior.as_ref(), desired.as_ref(), &options).unwrap();

        let mut at_once = Apply::new(prior.clone(), desired.as_ref(), replace).unwrap();
        while let Some(request) = at_once.next_request() {
            let answer = world.invoke(request);
            at_once = at_once.succeeded(answer).unwrap();
        }

        let mut state = prior;
        let mut created = false;
        for expected in &planned.requests {
            let apply = Apply::new(state, desired.as_ref(), replace && !created).unwrap();
            prop_assert_eq!(apply.next_request(), Some(expected));
            prop_assert_eq!(apply.next_of(Some(0)), Some(expected));
            let answer = world.invoke(expected);
            let apply = apply.succeeded(answer).unwrap();
            prop_assert_eq!(apply.next_of(Some(1)), None);
            prop_assert_eq!(apply.next_of(Some(2)), apply.next_request());
            prop_assert_eq!(apply.next_of(None), apply.next_request());
            state = apply.finish();
            created |= expected.event == LifecycleEvent::Create;
        }
        if planned.requests.is_empty() {
            state = Apply::new(state, desired.as_ref(), replace).unwrap().finish();
        }
        prop_assert_eq!(state, at_once.finish());
    }

    /// After any number of failures, one apply is enough.
    #[test]
    fn one_apply_without_failures_reaches_what_is_wanted(
        story in any_story(),
        wanted in any_config(),
    ) {
        let mut world = World::default();
        let mut state = None;
        for (desired, failures) in &story {
            state = apply(&mut world, state, desired.as_ref(), failures.first().copied()).0;
        }
        let state = apply(&mut world, state, Some(&wanted), None).0.unwrap();
        let mut expected = wanted.normalised();
        // These two go on from what is there: see `Config::region`, and the row of
        // `replace-order` in the table.
        if expected.region.is_none() {
            expected.region.clone_from(&state.config.region);
        }
        expected.replace_order = state.config.replace_order;
        prop_assert_eq!(&state.config, &expected);
        prop_assert_eq!(&state.deposed, &None);
        prop_assert_eq!(plan(Some(&state), Some(&wanted), &PlanOptions::default()).unwrap().action, PlanAction::NoOp);
    }

    #[test]
    fn normalising_twice_is_normalising_once_and_never_a_change(config in any_config()) {
        let normalised = config.normalised();
        prop_assert_eq!(normalised.normalised(), normalised.clone());
        let state = apply(&mut World::default(), None, Some(&config), None).0.unwrap();
        prop_assert_eq!(plan(Some(&state), Some(&normalised), &PlanOptions::default()).unwrap().action, PlanAction::NoOp);
    }

    #[test]
    fn no_text_makes_any_entry_panic(text in any::<String>(), other in any::<String>()) {
        let _ = import_state(&text);
        let _ = upgrade_state(0, &text);
        let _ = Value::parse(&text);
        let _ = payload::previous(&other);
        let _ = payload::Input::read(&text, &text).map(|input| input.payload(LifecycleEvent::Update, &other));
        let config = Config {
            function_name: text.clone(),
            input: other,
            qualifier: Some(text.clone()),
            lifecycle_scope: Some(LifecycleScope::Crud),
            ..Config::default()
        };
        let _ = validate(&config);
        let _ = plan(None, Some(&config), &PlanOptions::default());
    }

    /// Texts of the right alphabet get further in than random ones.
    #[test]
    fn no_text_that_resembles_what_is_read_makes_any_entry_panic(
        json in r#"([\[\]{}":,0-9eE.+\-ntfu \\\n/<é]|\\u[0-9a-fD]{0,4}|null|true|false|"id"|"function_name":"f"|"input":|"triggers":){0,40}"#,
        id in r"[a-zA-Z0-9_,:$@é\-]{0,20}[,_]?[0-9a-f]{30,34}(@[a-z\-]{0,9}-[0-9]{1,3})?",
    ) {
        let _ = import_state(&id);
        for json in [json.clone(), format!(r#"{{"id":"{id}","function_name":"f",{json}}}"#)] {
            let _ = upgrade_state(1, &json);
            let _ = payload::previous(&json);
            let _ = payload::Input::read(&json, "tf").map(|input| input.payload(LifecycleEvent::Update, &json));
            // What is JSON can be taken apart, as long as it is no deeper than here.
            prop_assert_eq!(Value::parse(&json).err(), check(json.as_bytes()).err(), "{}", json);
        }
    }
}
