//! `invoke --stream`: what the function writes is printed as it comes.

use std::io::Read as _;

use lambda_invocation_tests::lambda_host::LambdaHost;

use crate::local;

fn drip(event: &str) -> LambdaHost {
    local("drip").args(["--stream", "--payload", event])
}

const BOTH: [&str; 2] = ["--transport=component", "--transport=host"];

#[test]
fn what_the_function_writes_goes_to_standard_output_and_nothing_else() {
    for transport in BOTH {
        let run = drip(r#"{"pieces":3,"ms":1}"#).args([transport]).run();
        assert_eq!(run.output(), "piece 1 \npiece 2 \npiece 3 \n");
        assert_eq!(run.stderr, "");
    }
    let whole = local("identity").args(["--stream", "-p", "[1]"]).run();
    assert_eq!(whole.output(), "[1]");
}

#[test]
fn a_piece_is_printed_when_it_comes_and_an_interruption_says_that_the_function_may_run() {
    for transport in BOTH {
        let silent = drip(r#"{"pieces":1,"ms":1,"end":"silent"}"#);
        let mut running = silent.args([transport]).start();
        let mut piece = [0; 9];
        let out = running.child.stdout.as_mut().unwrap();
        out.read_exact(&mut piece).unwrap();
        assert_eq!(&piece, b"piece 1 \n");
        assert_eq!(running.interrupt(), 130);
        let mut said = String::new();
        let mut stderr = running.child.stderr.take().unwrap();
        stderr.read_to_string(&mut said).unwrap();
        assert_eq!(said, "\ninterrupted: the function may still run\n");
    }
}

#[test]
fn how_the_stream_ends_is_on_standard_error_and_in_the_exit_code() {
    for (end, code, said) in [
        ("fail", 1, "ValueError"),
        ("exception", 3, "The event asked for this error"),
        ("checksum", 3, "UnexpectedFrame"),
        ("unknown", 3, "UnexpectedEvent"),
        ("missing", 4, "the stream ended before its completion"),
        ("cut", 4, "the function may have run"),
    ] {
        let run = drip(&format!(r#"{{"pieces":1,"ms":1,"end":"{end}"}}"#)).run();
        assert_eq!(run.code, code, "{end}: {run:#?}");
        assert_eq!(run.stdout, "piece 1 \n", "{end}");
        assert!(run.stderr.contains(said), "{end}: {run:#?}");
    }
    let late = drip(r#"{"endless":true,"ms":20}"#)
        .args(["--timeout", "1s"])
        .run();
    assert_eq!(late.code, 4, "{late:#?}");
    assert!(late.stdout.starts_with("piece 1 \n"));
    assert!(
        late.stderr.contains("timed out after 1000 ms in total"),
        "{late:#?}"
    );
}

#[test]
fn the_log_is_shown_and_an_empty_answer_is_explained() {
    let run = drip(r#"{"pieces":0}"#).args(["--log-type", "Tail"]).run();
    assert_eq!(run.output(), "");
    assert!(run.stderr.contains("END RequestId"), "{run:#?}");
    assert!(
        run.stderr.contains("the function returned nothing"),
        "{run:#?}"
    );
    let dry = drip("{}").args(["--invocation-type", "DryRun"]).run();
    assert_eq!(dry.output(), "");
    assert!(dry.stderr.contains("dry run passed"), "{dry:#?}");
}

#[test]
fn what_has_no_stream_is_refused() {
    for (arguments, said) in [
        (["--invocation-type", "Event"], "invocation-type"),
        (
            ["--durable-execution-name", "once"],
            "durable-execution-name",
        ),
    ] {
        let run = drip("{}").args(arguments).run();
        assert!(run.refusal(2).contains(said), "{run:#?}");
    }
    let json = drip("{}").args(["--output", "json"]).run();
    assert_eq!(json.code, 2, "{json:#?}");
    assert!(json.stderr.contains("--stream"), "{json:#?}");
}

#[test]
fn a_reader_that_leaves_ends_an_endless_stream() {
    let endless = drip(r#"{"endless":true,"ms":1}"#);
    let mut running = endless.start();
    drop(running.child.stdout.take());
    assert_eq!(running.wait(), 4);
}
