//! The rules of a configuration that need no state.

#![cfg(test)]

use lambda_invocation_core::lifecycle::{Config, LifecycleScope, PlanOptions, plan, validate};

fn sound() -> Config {
    Config {
        function_name: "f".to_owned(),
        input: r#"{"a":1}"#.to_owned(),
        ..Config::default()
    }
}

fn crud(input: &str) -> Config {
    Config {
        input: input.to_owned(),
        lifecycle_scope: Some(LifecycleScope::Crud),
        ..sound()
    }
}

fn create_only(input: &str) -> Config {
    Config {
        input: input.to_owned(),
        ..sound()
    }
}

fn named(function_name: &str, qualifier: Option<&str>) -> Config {
    Config {
        function_name: function_name.to_owned(),
        qualifier: qualifier.map(str::to_owned),
        ..sound()
    }
}

fn tenant(tenant_id: &str) -> Config {
    Config {
        tenant_id: Some(tenant_id.to_owned()),
        ..sound()
    }
}

fn key(terraform_key: &str, config: Config) -> Config {
    Config {
        terraform_key: Some(terraform_key.to_owned()),
        ..config
    }
}

fn triggers(keys: &[&str]) -> Config {
    let pair = |(n, key): (usize, &&str)| ((*key).to_owned(), n.to_string());
    Config {
        triggers: keys.iter().enumerate().map(pair).collect(),
        ..sound()
    }
}

#[test]
fn sound_configurations_have_no_diagnostics() {
    let deep = "[".repeat(5_000) + &"]".repeat(5_000);
    for config in [
        sound(),
        create_only(""),
        create_only("[1]"),
        create_only(" \"text\"\n"),
        create_only("null"),
        create_only(r#"{"tf":1}"#),
        create_only(&deep),
        crud("{}"),
        crud(" {\"a\":1}\n"),
        crud(r#"{"a":{"tf":1}}"#),
        key("other", crud(r#"{"tf":1}"#)),
        named("f", Some("$LATEST")),
        named("f", Some("$LATEST.PUBLISHED")),
        named("f", Some("42")),
        named("f", Some(&"q".repeat(128))),
        named("f:PROD", None),
        named("f:PROD", Some("PROD")),
        named(
            "arn:aws:lambda:us-east-1:123456789012:function:f",
            Some("PROD"),
        ),
        tenant("Az09._:/=+-@ x"),
        tenant(&"t".repeat(256)),
        triggers(&["a", "b", "A"]),
    ] {
        assert_eq!(validate(&config), [], "{config:?}");
    }
}

#[test]
fn each_broken_rule_is_told_with_its_attribute() {
    let region = Config {
        region: Some(String::new()),
        ..sound()
    };
    let deep = format!(r#"{{"a":{}{}}}"#, "[".repeat(128), "]".repeat(128));
    for (config, attribute, rule) in [
        (named("", None), "function-name", "empty"),
        (named("a,b", None), "function-name", "letters, digits"),
        (named("f", Some("")), "qualifier", "1 to 128"),
        (named("f", Some("a b")), "qualifier", "1 to 128"),
        (named("f", Some("é")), "qualifier", "1 to 128"),
        (named("f", Some(&"q".repeat(129))), "qualifier", "1 to 128"),
        (named("f:PROD", Some("$LATEST")), "qualifier", "only one"),
        (region, "region", "empty"),
        (tenant(""), "tenant-id", "1 to 256"),
        (tenant("a,b"), "tenant-id", "1 to 256"),
        (tenant("a\r\nb"), "tenant-id", "1 to 256"),
        (tenant(&"t".repeat(257)), "tenant-id", "1 to 256"),
        (triggers(&["a", "b", "a"]), "triggers", "twice"),
        (create_only("{"), "input", "valid JSON"),
        (create_only(" "), "input", "valid JSON"),
        (create_only("{'a':1}"), "input", "line 1, column 2"),
        (crud("{"), "input", "valid JSON"),
        (crud(""), "input", "JSON object"),
        (crud("[{}]"), "input", "JSON object"),
        (crud("1"), "input", "JSON object"),
        (crud("null"), "input", "JSON object"),
        (crud("\"{}\""), "input", "JSON object"),
        (crud(&deep), "input", "128 levels"),
        (key("", sound()), "terraform-key", "empty"),
        (key("", crud("{}")), "terraform-key", "empty"),
    ] {
        let found = validate(&config);
        assert_eq!(found.len(), 1, "{config:?}: {found:?}");
        assert_eq!(found[0].attribute.as_str(), attribute, "{config:?}");
        assert!(found[0].message.contains(rule), "{config:?}: {found:?}");
    }
}

/// Terraform overwrites the user's value without a word.
#[test]
fn a_terraform_key_that_is_a_key_of_input_is_refused_instead_of_overwriting_it() {
    for config in [
        crud(r#"{"tf":1}"#),
        crud(r#"{"\u0074f":1}"#),
        key("a\"b", crud(r#"{"a\"b":1}"#)),
    ] {
        let found = validate(&config);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].attribute.as_str(), "terraform-key");
        assert!(found[0].message.contains("overwritten"), "{found:?}");
    }
}

#[test]
fn every_fault_is_reported_at_once_and_none_repeats_a_value() {
    let config = Config {
        function_name: "canary,".to_owned(),
        input: "{\"canary\":canary".to_owned(),
        qualifier: Some("canary canary".to_owned()),
        region: Some(String::new()),
        terraform_key: Some(String::new()),
        tenant_id: Some("canary,".to_owned()),
        client_context: Some("canary".to_owned()),
        lifecycle_scope: Some(LifecycleScope::Crud),
        triggers: vec![("canary".to_owned(), "canary".to_owned()); 2],
        replace_order: None,
    };
    let found = validate(&config);
    let attributes: Vec<_> = found.iter().map(|d| d.attribute.as_str()).collect();
    assert_eq!(
        attributes,
        [
            "function-name",
            "qualifier",
            "terraform-key",
            "input",
            "region",
            "tenant-id",
            "client-context",
            "triggers"
        ]
    );
    assert!(!format!("{found:?}").contains("canary"));
}

#[test]
fn a_plan_refuses_what_validate_finds() {
    let error = plan(None, Some(&crud("[]")), &PlanOptions::default()).unwrap_err();
    assert_eq!(error.argument, "input");
}

#[test]
fn a_scope_is_read_in_terraforms_spelling_only() {
    assert_eq!(
        LifecycleScope::parse("CREATE_ONLY"),
        Ok(LifecycleScope::CreateOnly)
    );
    assert_eq!(LifecycleScope::parse("CRUD"), Ok(LifecycleScope::Crud));
    for text in ["", "crud", "CREATE-ONLY", "UPDATE"] {
        let Err(error) = LifecycleScope::parse(text) else {
            panic!("{text} was taken for a scope");
        };
        assert_eq!(error.argument, "lifecycle-scope");
    }
}

#[test]
fn debug_shows_neither_input_nor_triggers() {
    let config = Config {
        triggers: vec![("canary".to_owned(), "canary".to_owned())],
        ..create_only("\"canary\"")
    };
    assert!(!format!("{config:?}").contains("canary"));
}
