//! Exit code 2: bad arguments, credentials and profiles that are not there.

use lambda_invocation_tests::lambda_host::LambdaHost;
use lambda_invocation_tests::{build, canary};

use crate::{header, json_of_length, local};

#[test]
fn bad_arguments_are_refused_in_one_clear_line() {
    let table: &[(&[&str], &[&str])] = &[
        (&["f", "--payload", "not JSON"], &["payload", "JSON"]),
        (&["f", "--payload", "{"], &["payload", "JSON"]),
        (&["my function", "--payload", "{}"], &["function-name"]),
        (&["", "--payload", "{}"], &["function-name"]),
        (&["f:PROD", "--qualifier", "TEST"], &["qualifier"]),
        (&["f", "--qualifier", "a b"], &["qualifier"]),
        (&["f", "--client-context", "{"], &["client-context", "JSON"]),
        (&["f", "--tenant-id", "a\u{e9}"], &["tenant-id"]),
        (
            &["f", "--durable-execution-name", "a b"],
            &["durable-execution-name"],
        ),
        (&["f", "--region", "mars north"], &["region"]),
        (&["f", "--region", "us-east-1.example.com/"], &["region"]),
        (
            &["arn:aws:lambda:eu-west-1:123456789012:function:f"],
            &["region"],
        ),
        (
            &["f", "--endpoint-url", "http://example.com"],
            &["endpoint-url", "http"],
        ),
        (
            &["f", "--endpoint-url", "https://user:pw@example.com"],
            &["endpoint-url"],
        ),
        (&["f", "--endpoint-url", "example.com"], &["endpoint-url"]),
        (
            &["f", "--endpoint-url", "ftp://example.com"],
            &["endpoint-url"],
        ),
        (&["f", "--max-attempts", "0"], &["max-attempts", "1 to 10"]),
        (&["f", "--max-attempts", "11"], &["max-attempts", "1 to 10"]),
        (
            &["f", "--payload-file", "missing.json"],
            &["payload-file", "missing.json"],
        ),
    ];
    for (arguments, expected) in table {
        let run = LambdaHost::new(["invoke"])
            .args(*arguments)
            .env("AWS_REGION", "us-east-1")
            .keys(&canary::keys())
            .run();
        let line = run.refusal(2);
        for text in *expected {
            assert!(line.contains(text), "{arguments:?}: {line}");
        }
        assert!(!canary::is_in(line), "{line}");
    }
}

#[test]
fn a_payload_that_is_no_json_but_easily_taken_for_it_is_refused_with_what_to_write_instead() {
    for (payload, advice) in [
        ("file://event.json", "use --payload-file"),
        ("@event.json", "use --payload-file"),
        ("eyJhIjoxfQ==", "is base64"),
        ("\u{feff}{}", "byte order mark"),
    ] {
        let run = local("echo").args(["-p", payload]).run();
        let line = run.refusal(2);
        assert!(line.starts_with("error: invalid payload: "), "{line}");
        assert!(line.contains(advice), "{line}");
        let run = local("echo")
            .file("e.json", payload)
            .args(["-f", "e.json"])
            .run();
        let line = run.refusal(2);
        assert!(line.starts_with("error: invalid payload-file: "), "{line}");
        assert!(line.contains(advice), "{line}");
    }
}

#[test]
fn an_empty_variable_is_an_unset_one() {
    let run = LambdaHost::installed(&build::lambda_host())
        .args(["inspect"])
        .env("LAMBDA_COMPONENT", "")
        .run();
    // Where it is looked for in that case, this build has none or the right one.
    assert!(
        run.code == 0 || run.stderr.contains("nor beside it"),
        "{run:#?}"
    );
}

#[test]
fn a_payload_over_the_limit_is_refused_in_one_clear_line() {
    for (length, more, limit) in [
        (6_291_457, &[][..], "6291456"),
        (1_048_577, &["--invocation-type", "Event"][..], "1048576"),
    ] {
        let run = local("identity")
            .args(["--payload-file", "-"])
            .args(more)
            .stdin(json_of_length(length))
            .run();
        let line = run.refusal(2).replace([',', '_'], "");
        assert!(line.contains("payload") && line.contains(limit), "{line}");
    }
}

#[test]
fn a_call_without_credentials_is_refused_in_one_clear_line() {
    let run = LambdaHost::new(["invoke", "f", "--region", "us-east-1"]).run();
    let line = run.refusal(2);
    assert!(line.contains("no credentials"), "{line}");
    assert!(line.contains("AWS_ACCESS_KEY_ID"), "{line}");
}

#[test]
fn a_call_without_a_region_is_refused_in_one_clear_line() {
    let run = LambdaHost::new(["invoke", "f"]).keys(&canary::keys()).run();
    let line = run.refusal(2);
    assert!(line.contains("no region"), "{line}");
    assert!(line.contains("AWS_REGION"), "{line}");
}

#[test]
fn a_call_with_an_unknown_profile_is_refused_in_one_clear_line() {
    let run = LambdaHost::new([
        "invoke",
        "f",
        "--region",
        "us-east-1",
        "--profile",
        "nobody",
    ])
    .run();
    let line = run.refusal(2);
    assert!(line.contains("\"nobody\""), "{line}");
}

/// Whoever names a profile means it, and nobody else: not the environment, and not the
/// default profile. The region of the environment counts all the same, as in the AWS CLI.
#[test]
fn a_profile_that_is_named_is_the_only_source_of_credentials() {
    let call = |profile: &str| {
        LambdaHost::new(["prepare", "f", "--profile", profile])
            .file(
                ".aws/config",
                "[default]\nregion = us-west-1\n[profile dev]\nregion = eu-west-3\n",
            )
            .file(
                ".aws/credentials",
                "[default]\naws_access_key_id = AKIDDEFAULT\naws_secret_access_key = other\n\
                 [dev]\naws_access_key_id = AKIDPROFILE\naws_secret_access_key = own\n",
            )
            .env("AWS_REGION", "us-east-1")
            .keys(&canary::keys())
            .run()
    };
    let dev = call("dev");
    let dev = dev.json();
    let authorization = header(&dev, "authorization");
    assert!(
        authorization.contains("Credential=AKIDPROFILE/"),
        "{authorization}"
    );
    assert!(
        authorization.contains("/us-east-1/lambda/"),
        "{authorization}"
    );
    let typo = call("dve");
    let line = typo.refusal(2);
    assert!(line.contains("\"dve\""), "{line}");
}

#[test]
fn a_profile_gives_credentials_and_a_region() {
    let run = LambdaHost::new(["prepare", "f", "--profile", "dev", "-v"])
        .file(".aws/config", "[profile dev]\nregion = eu-west-3\n")
        .file(
            ".aws/credentials",
            format!(
                "[dev]\naws_access_key_id = AKIDPROFILE\naws_secret_access_key = {}\n",
                canary::keys().secret_access_key
            ),
        )
        .run();
    let authorization = run.json();
    let authorization = header(&authorization, "authorization");
    assert!(
        authorization.contains("Credential=AKIDPROFILE/"),
        "{authorization}"
    );
    assert!(
        authorization.contains("/eu-west-3/lambda/"),
        "{authorization}"
    );
    // What was asked with `-v`, and not more.
    assert!(run.stderr.starts_with("credentials: "), "{run:#?}");
    assert!(!canary::is_in(&run.stderr), "{run:#?}");
    assert!(!canary::is_in(&run.stdout), "{run:#?}");
}

#[test]
fn what_the_grammar_does_not_know_is_refused_with_help() {
    for arguments in [
        &["invoke"][..],
        &["invoke", "f", "--colour", "blue"],
        &["invoke", "f", "--invocation-type", "Sometimes"],
        &["invoke", "f", "--timeout", "soon"],
        &["invoke", "f", "--timeout", "0s"],
        &["invoke", "f", "--payload", "{}", "--payload-file", "-"],
        &["summon", "f"],
    ] {
        let run = LambdaHost::new(arguments).run();
        assert_eq!(run.code, 2, "{arguments:?}: {run:#?}");
        assert_eq!(run.stdout, "", "{arguments:?}");
        assert!(run.stderr.starts_with("error: "), "{arguments:?}: {run:#?}");
    }
}
