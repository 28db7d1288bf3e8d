use std::fs;

use super::*;

fn json(text: &str) -> Result<ConfigFile, String> {
    ConfigFile::parse(text, Format::Json)
}

fn toml(text: &str) -> Result<ConfigFile, String> {
    ConfigFile::parse(text, Format::Toml)
}

/// The only managed invocation of a file.
fn only(file: ConfigFile) -> Invocation {
    let mut invocations = file.invocations.unwrap().into_values();
    let only = invocations.next().unwrap();
    assert!(invocations.next().is_none());
    only
}

/// An invocation with the attributes that have to be there, and this one, in TOML.
fn with(attribute: &str) -> Result<Invocation, String> {
    toml(&format!(
        "[invocation.a]\nfunction_name = 'f'\ninput = ''\n{attribute}"
    ))
    .map(only)
}

fn everything() -> Invocation {
    Invocation {
        config: Config {
            function_name: "f".to_owned(),
            input: r#"{"a":1}"#.to_owned(),
            qualifier: Some("PROD".to_owned()),
            region: Some("eu-central-1".to_owned()),
            terraform_key: Some("key".to_owned()),
            tenant_id: Some("tenant".to_owned()),
            client_context: Some("eyJjIjoxfQ==".to_owned()),
            lifecycle_scope: Some(LifecycleScope::Crud),
            triggers: vec![("t".to_owned(), "1".to_owned())],
            replace_order: Some(ReplaceOrder::CreateFirst),
        },
        depends_on: Vec::new(),
    }
}

#[test]
fn terraform_and_pulumi_names_mean_the_same_in_both_formats() {
    let snake = r#"{"invocation":{"a":{
        "function_name":"f", "input":"{\"a\":1}", "qualifier":"PROD", "region":"eu-central-1",
        "terraform_key":"key", "tenant_id":"tenant", "lifecycle_scope":"CRUD",
        "client_context":"eyJjIjoxfQ==",
        "triggers":{"t":"1"}, "create_before_destroy":true, "depends_on":[]}}}"#;
    let camel = r#"{"invocation":{"a":{
        "functionName":"f", "input":{"a":1}, "qualifier":"PROD", "region":"eu-central-1",
        "pulumiKey":"key", "tenantId":"tenant", "lifecycleScope":"CRUD",
        "clientContext":{"c":1},
        "triggers":{"t":1}, "deleteBeforeReplace":false, "dependsOn":[]}}}"#;
    let in_toml = r#"
        [invocation.a]
        function_name = "f"
        input = { a = 1 }
        qualifier = "PROD"
        region = "eu-central-1"
        terraformKey = "key"
        tenant_id = "tenant"
        client_context = { c = 1 }
        lifecycle_scope = "CRUD"
        triggers.t = "1"
        createBeforeDelete = true
        "#;
    for file in [json(snake), json(camel), toml(in_toml)] {
        assert_eq!(only(file.unwrap()), everything());
    }
}

#[test]
fn absent_and_null_attributes_take_their_defaults() {
    let least = r#"{"invocation":{"a":{"function_name":"f","input":"",
        "qualifier":null,"triggers":null,"depends_on":null,"create_before_destroy":null}}}"#;
    let expected = Invocation {
        config: Config {
            function_name: "f".to_owned(),
            ..Config::default()
        },
        depends_on: Vec::new(),
    };
    assert_eq!(only(json(least).unwrap()), expected);
}

#[test]
fn replace_order_has_a_spelling_of_each_engine() {
    use ReplaceOrder::{CreateFirst, DeleteFirst};
    for (attribute, order) in [
        ("", None),
        ("create_before_destroy = true", Some(CreateFirst)),
        ("createBeforeDestroy = true", Some(CreateFirst)),
        ("create_before_delete = true", Some(CreateFirst)),
        ("create_before_destroy = false", Some(DeleteFirst)),
        ("delete_before_replace = true", Some(DeleteFirst)),
        ("deleteBeforeReplace = false", Some(CreateFirst)),
    ] {
        let config = with(attribute).unwrap().config;
        assert_eq!(config.replace_order, order, "{attribute}");
    }
}

#[test]
fn a_string_is_kept_and_a_value_encoded_as_jsonencode_does() {
    for (input, encoded) in [
        (r#""{ \"b\": 1, \"a\": 2 }""#, r#"{ "b": 1, "a": 2 }"#),
        (r#""""#, ""),
        (r#""no JSON""#, "no JSON"),
        (
            r#"{ "b": 1, "a": [ true, null ] }"#,
            r#"{"a":[true,null],"b":1}"#,
        ),
        (r"[]", "[]"),
        (
            r#"{"n":[12345678901234567890, 1.50, 1e400, -0.0]}"#,
            r#"{"n":[12345678901234567890,1.50,1e400,-0.0]}"#,
        ),
        (r#"{"<&>":"é"}"#, r#"{"\u003c\u0026\u003e":"é"}"#),
    ] {
        let file = format!(r#"{{"invocation":{{"a":{{"function_name":"f","input":{input}}}}}}}"#);
        assert_eq!(only(json(&file).unwrap()).config.input, encoded, "{input}");
        let file = format!(r#"{{"ephemeral":{{"a":{{"function_name":"f","payload":{input}}}}}}}"#);
        assert_eq!(json(&file).unwrap().ephemerals["a"].payload, encoded);
    }
}

#[test]
fn triggers_hold_what_terraform_turns_into_strings() {
    let mut triggers = with("triggers = { s = 'x', n = 1.50, t = true }")
        .unwrap()
        .config
        .triggers;
    triggers.sort();
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    assert_eq!(
        triggers,
        [pair("n", "1.50"), pair("s", "x"), pair("t", "true")]
    );
}

#[test]
fn an_ephemeral_table_is_read_with_all_of_its_attributes() {
    let expected = EphemeralConfig {
        function_name: "f".to_owned(),
        payload: r#"{"a":1}"#.to_owned(),
        // {"client":{"id":1}}
        client_context: Some("eyJjbGllbnQiOnsiaWQiOjF9fQ==".to_owned()),
        qualifier: Some("PROD".to_owned()),
        region: Some("eu-central-1".to_owned()),
        tenant_id: Some("tenant".to_owned()),
        log_type: Some(LogType::Tail),
    };
    let rest = "qualifier = 'PROD'\nregion = 'eu-central-1'\n";
    for text in [
        "function_name = 'f'\npayload = '{\"a\":1}'\ntenant_id = 'tenant'\nlog_type = 'Tail'\nclient_context = 'eyJjbGllbnQiOnsiaWQiOjF9fQ=='",
        "functionName = 'f'\npayload.a = 1\ntenantId = 'tenant'\nlogType = 'Tail'\nclientContext.client.id = 1",
    ] {
        let file = toml(&format!("[ephemeral.one]\n{rest}{text}")).unwrap();
        assert_eq!(file.ephemerals["one"], expected);
        assert_eq!(file.invocations, None);
    }
}

#[test]
fn a_file_without_the_table_is_told_from_one_with_an_empty_table() {
    assert_eq!(toml("").unwrap().invocations, None);
    assert_eq!(
        toml("[invocation]").unwrap().invocations,
        Some(BTreeMap::new())
    );
    assert_eq!(
        json(r#"{"invocation":{}}"#).unwrap().invocations,
        Some(BTreeMap::new())
    );
    assert_eq!(json(r#"{"invocation":null}"#).unwrap().invocations, None);
}

#[test]
fn faults_are_refused_by_table_and_attribute_and_without_the_value() {
    for (attribute, refusal) in [
        (
            "lifecycle_scpoe = 'sekrit'",
            "there is no attribute \"lifecycle_scpoe\"; did you mean lifecycle_scope?",
        ),
        ("xyz = 'sekrit'", "there is no attribute \"xyz\""),
        ("payload = 'sekrit'", "there is no attribute \"payload\""),
        (
            "functionName = 'sekrit'",
            "function_name and functionName are the same attribute; give only one of them",
        ),
        (
            "terraform_key = 'a'\npulumiKey = 'sekrit'",
            "terraform_key and pulumiKey are the same attribute; give only one of them",
        ),
        (
            "create_before_destroy = true\ndeleteBeforeReplace = true",
            "create_before_destroy and delete_before_replace say the same thing; give only one of them",
        ),
        (
            "create_before_destroy = 'sekrit'",
            "create_before_destroy must be true or false",
        ),
        ("qualifier = 1", "qualifier must be a string"),
        ("tenantId = ['sekrit']", "tenantId must be a string"),
        (
            "lifecycle_scope = 'sekrit'",
            "lifecycle_scope must be CREATE_ONLY or CRUD",
        ),
        (
            "lifecycle_scope = 'crud'",
            "lifecycle_scope must be CREATE_ONLY or CRUD",
        ),
        ("triggers = 'sekrit'", "triggers must be a table"),
        (
            "triggers = { a = ['sekrit'] }",
            "triggers must hold strings, numbers and truths only",
        ),
        (
            "depends_on = 'sekrit'",
            "depends_on must be a list of names",
        ),
        ("depends_on = [1]", "depends_on must hold names only"),
        (
            "depends_on = ['b']",
            "depends_on: there is no invocation \"b\"",
        ),
        (
            "depends_on = ['a']",
            "depends_on: these depend on each other: a -> a",
        ),
        (
            "qualifier = 'sekrit ${b.result}'",
            "qualifier refers to the result of another invocation",
        ),
        (
            "triggers.x = 'sekrit ${b.result}'",
            "triggers refers to the result of another invocation",
        ),
    ] {
        let fault = with(attribute).unwrap_err();
        assert!(
            fault.starts_with(&format!("[invocation.a] {refusal}")),
            "{attribute}: {fault}"
        );
        assert!(!fault.contains("sekrit"), "{fault}");
    }
    for (text, refusal) in [
        (r#"[]"#, "must be a table"),
        (r#""sekrit""#, "must be a table"),
        (
            r#"{"invocations":{}}"#,
            "there is no attribute \"invocations\"; did you mean invocation?",
        ),
        (
            r#"{"invocation":[]}"#,
            "invocation must be a table of tables",
        ),
        (
            r#"{"invocation":{"a":1}}"#,
            "[invocation.a] must be a table",
        ),
        (
            r#"{"invocation":{"a":{}}}"#,
            "[invocation.a] function_name is missing",
        ),
        (
            r#"{"invocation":{"a":{"function_name":"f"}}}"#,
            "[invocation.a] input is missing",
        ),
        (
            r#"{"invocation":{"a":{"function_name":"f","input":1}}}"#,
            "[invocation.a] input must be a string, an object or an array",
        ),
        (
            r#"{"invocation":{"a":{"function_name":"f","input":{"x":["${b.result}"]}}}}"#,
            "[invocation.a] input refers to the result",
        ),
        (
            r#"{"ephemeral":{"a":{"function_name":"f"}}}"#,
            "[ephemeral.a] payload is missing",
        ),
        (
            r#"{"ephemeral":{"a":{"function_name":"f","payload":"","log_type":"tail"}}}"#,
            "[ephemeral.a] log_type must be None or Tail",
        ),
        (
            r#"{"ephemeral":{"a":{"function_name":"f","payload":"","client_context":1}}}"#,
            "[ephemeral.a] client_context must be a string in base64, or an object",
        ),
        (
            r#"{"ephemeral":{"a":{"function_name":"f","payload":"","depends_on":[]}}}"#,
            "[ephemeral.a] there is no attribute \"depends_on\"",
        ),
        (
            r#"{"invocation":{"a b":{}}}"#,
            "invocation \"a b\": a name has letters, digits, '_' and '-' only",
        ),
        (
            "{\"invocation\":{\"\\u001b[31m\":{}}}",
            "invocation \"?[31m\": a name has",
        ),
        (r#"{"invocation":{"":{}}}"#, "invocation \"\": a name has"),
        (
            r#"{"invocation":{},"invocation":{}}"#,
            "an object has the same key twice",
        ),
        (r#"{"invocation":"#, "not JSON: it ends too early"),
    ] {
        let fault = json(text).unwrap_err();
        assert!(fault.starts_with(refusal), "{text}: {fault}");
    }
}

#[test]
fn dependencies_are_names_of_the_file_and_sorted() {
    let table = |name: &str, on: &str| {
        format!("[invocation.{name}]\nfunction_name = 'f'\ninput = ''\ndepends_on = [{on}]\n")
    };
    let file = [
        table("a", "'c', 'invocation.b', 'c'"),
        table("b", "'c'"),
        table("c", ""),
    ]
    .concat();
    let invocations = toml(&file).unwrap().invocations.unwrap();
    assert_eq!(invocations["a"].depends_on, ["b", "c"]);

    let cycle = [table("a", "'b'"), table("b", "'c'"), table("c", "'b'")].concat();
    assert_eq!(
        toml(&cycle).unwrap_err(),
        "[invocation.b] depends_on: these depend on each other: b -> c -> b"
    );
    let unknown = [table("first", ""), table("second", "'frist'")].concat();
    assert_eq!(
        toml(&unknown).unwrap_err(),
        "[invocation.second] depends_on: there is no invocation \"frist\"; did you mean first?"
    );
}

#[test]
fn a_dollar_sign_may_be_meant_as_text() {
    let input = r#"{"template":"\u0024{a.result}"}"#;
    let file = format!("[invocation.a]\nfunction_name = 'f'\ninput = '{input}'");
    assert_eq!(only(toml(&file).unwrap()).config.input, input);
}

#[test]
fn a_file_is_read_with_or_without_a_byte_order_mark() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("config");
    for text in ["{}", "\u{feff}{}", "\u{feff}[invocation]", " \n{}"] {
        fs::write(&path, text).unwrap();
        ConfigFile::read(&path).unwrap();
    }
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("config.json");
    let refusal = ConfigFile::read(&path).unwrap_err().to_string();
    assert!(refusal.contains("config.json: "), "{refusal}");
    fs::write(&path, b"\xff").unwrap();
    let refusal = ConfigFile::read(&path).unwrap_err().to_string();
    assert!(refusal.contains("config.json: "), "{refusal}");
    fs::write(&path, r#"{"invocation":{"a":{}}}"#).unwrap();
    let refusal = ConfigFile::read(&path).unwrap_err().to_string();
    assert!(
        refusal.ends_with("config.json: [invocation.a] function_name is missing"),
        "{refusal}"
    );
}

#[test]
fn an_argument_is_placed_in_the_file_it_came_from_and_others_are_not() {
    let path = Path::new("file.toml");
    for (kind, argument, expected) in [
        (
            Kind::Invocation,
            "function-name",
            "invalid config: file.toml: [invocation.a] function_name: rule",
        ),
        (
            Kind::Invocation,
            "payload",
            "invalid config: file.toml: [invocation.a] input: rule",
        ),
        (
            Kind::Ephemeral,
            "payload",
            "invalid config: file.toml: [ephemeral.a] payload: rule",
        ),
        (
            Kind::Ephemeral,
            "client-context",
            "invalid config: file.toml: [ephemeral.a] client_context: rule",
        ),
        (
            Kind::Invocation,
            "endpoint-url",
            "invalid endpoint-url: rule",
        ),
        (Kind::Invocation, "region", "invalid region: rule"),
    ] {
        let error = in_table(Error::invalid(argument, "rule"), path, kind, "a");
        assert_eq!(error.to_string(), expected);
    }
    let other = in_table(Error::NoRegion, path, Kind::Invocation, "a");
    assert_eq!(other, Error::NoRegion);
}

#[test]
fn every_attribute_is_in_the_documentation() {
    let page = include_str!("../../../../docs/lifecycle.md");
    for name in INVOCATION.iter().chain(EPHEMERAL).copied().flatten() {
        assert!(page.contains(&format!("`{name}`")), "{name}");
    }
}
