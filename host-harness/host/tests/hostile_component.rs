//! Components that misbehave: each is world `plugin` with one body for every function.

#![cfg(test)]

mod support;

use std::time::{Duration, Instant};

use lambda_invocation_core::call::connection::Connection;
use lambda_invocation_core::call::request::Request;
use lambda_invocation_host::{CallError, Host, HostBuilder, LoadError, Permission};

fn builder(body: &str) -> HostBuilder {
    Host::builder(support::component(body, "")).no_cache()
}

async fn call(host: &Host) -> CallError {
    let request = Request {
        function_name: "f".to_owned(),
        payload: b"{}".to_vec(),
        ..Request::default()
    };
    // Without a region there would be nowhere to send anything.
    let connection = Connection {
        region: Some("us-east-1".to_owned()),
        ..Connection::default()
    };
    host.invoke(request, connection).await.unwrap_err()
}

#[tokio::test]
async fn a_trap_is_an_error_and_the_next_call_runs() {
    let host = builder("unreachable").build().unwrap();
    for _ in 0..3 {
        let error = call(&host).await;
        let CallError::Trapped { reason, .. } = &error else {
            panic!("{error:?}");
        };
        assert!(reason.contains("unreachable"), "{reason}");
        assert!(error.maybe_ran());
    }
}

// One thread for everything: the loop must give it up by itself.
#[tokio::test(flavor = "current_thread")]
async fn an_endless_loop_is_stopped_and_lets_others_run_meanwhile() {
    // Long beside what the other task needs, for machines with more to do than this.
    let limit = Duration::from_secs(2);
    let host = builder("(loop $l (br $l)) unreachable")
        .time_limit(limit)
        .build()
        .unwrap();
    let other = tokio::spawn(async {
        for _ in 0..5 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Instant::now()
    });
    let started = Instant::now();
    let error = call(&host).await;
    let ended = Instant::now();
    assert_eq!(
        error,
        CallError::TimeLimit {
            after: limit,
            maybe_ran: true
        }
    );
    assert!(ended - started < limit * 10, "{:?}", ended - started);
    assert!(other.await.unwrap() < ended);
}

#[tokio::test]
async fn memory_is_not_given_beyond_the_limit() {
    let limit = 8 * 1024 * 1024;
    let grow =
        "(loop $l (br_if $l (i32.ne (memory.grow (i32.const 16)) (i32.const -1)))) unreachable";
    let host = builder(grow).memory_limit(limit).build().unwrap();
    assert_eq!(
        call(&host).await,
        CallError::MemoryLimit {
            limit,
            maybe_ran: true
        }
    );
}

#[test]
fn proposals_that_no_component_here_needs_are_refused() {
    let table = [
        ("garbage collection", "", "(drop (ref.i31 (i32.const 1)))"),
        (
            "garbage collection",
            "(type $s (struct))",
            "(drop (struct.new $s))",
        ),
        (
            "typed references",
            "(type $f (func))",
            "(call_ref $f (ref.null $f))",
        ),
        ("exceptions", "(tag $t)", "(throw $t)"),
    ];
    for (proposal, fields, body) in table {
        let component = support::component(&format!("{body} unreachable"), fields);
        let error = Host::builder(component).no_cache().build().unwrap_err();
        assert!(
            matches!(error, LoadError::Component(_)),
            "{proposal}: {error}"
        );
    }
}

#[test]
fn what_is_no_component_does_not_load() {
    let module = wat::parse_str("(module)").unwrap();
    for bytes in [&b""[..], b"\0asm", b"not wasm at all", &module] {
        let error = Host::builder(bytes).no_cache().build().unwrap_err();
        assert!(matches!(error, LoadError::Component(_)), "{error}");
    }
}

#[test]
fn a_component_that_exports_something_else_does_not_load() {
    let empty = wat::parse_str("(component)").unwrap();
    let error = Host::builder(empty).no_cache().build().unwrap_err();
    assert!(matches!(error, LoadError::World(_)), "{error}");
    assert!(error.to_string().contains("lambda:invocation/"), "{error}");
}

#[test]
fn a_component_that_wants_files_does_not_load_but_can_be_inspected() {
    let greedy = wat::parse_str(
        r#"(component
            (import "wasi:filesystem/preopens@0.2.4"
                (instance (export "get-directories" (func)))))"#,
    )
    .unwrap();
    let error = Host::builder(&*greedy).no_cache().build().unwrap_err();
    assert!(matches!(error, LoadError::World(_)), "{error}");
    assert!(
        error.to_string().contains("wasi:filesystem/preopens"),
        "{error}"
    );

    let inspection = Host::builder(greedy).no_cache().inspect().unwrap();
    assert_eq!(inspection.permissions, [Permission::Filesystem]);
    assert_eq!(inspection.imports[0].functions, ["get-directories"]);
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = Host::load("no/such/component.wasm").unwrap_err();
    assert!(
        error.to_string().contains("no/such/component.wasm"),
        "{error}"
    );
}

#[test]
fn options_that_cannot_work_are_refused() {
    let error = builder("unreachable")
        .max_concurrent_calls(0)
        .build()
        .unwrap_err();
    assert!(matches!(error, LoadError::Option(_)), "{error}");
    for pem in [
        "",
        "not PEM",
        "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n",
    ] {
        let error = builder("unreachable")
            .root_certificates(pem)
            .build()
            .unwrap_err();
        assert!(matches!(error, LoadError::RootCertificates), "{error}");
    }
}

#[test]
fn debug_shows_no_value_of_a_variable() {
    let builder = builder("unreachable").env("AWS_SECRET_ACCESS_KEY", "CANARY");
    assert!(!format!("{builder:?}").contains("CANARY"));
    assert!(!format!("{:?}", builder.build().unwrap()).contains("CANARY"));
}

// Whether an instance computes for ever as it is made is up to chance, so that some are made
// for a call, and of those made ahead of one some hang. One thread: it must not be theirs.
#[test]
fn an_instance_that_is_made_ahead_and_never_ends_stops_nobody() {
    let limit = Duration::from_millis(200);
    let (done, waiting) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let host = Host::builder(support::component(
                // Answers `response-too-large`.
                "(if (i32.eqz (memory.size)) (then (drop (memory.grow (i32.const 1)))))
                 (i32.store8 (i32.const 0) (i32.const 1))
                 (i32.store8 (i32.const 8) (i32.const 8))
                 (return (i32.const 0))",
                "(func $start (if (i64.eqz (i64.and (call $random) (i64.const 1)))
                    (then (loop $l (br $l)))))
                 (start $start)",
            ))
            .no_cache()
            .time_limit(limit)
            .build()
            .unwrap();
            let (mut answered, mut stopped) = (0, 0);
            while answered < 5 || stopped < 1 {
                let request = Request {
                    function_name: "f".to_owned(),
                    payload: b"{}".to_vec(),
                    ..Request::default()
                };
                match host.invoke(request, Connection::default()).await {
                    Err(CallError::Failed(_)) => answered += 1,
                    Err(CallError::TimeLimit { .. }) => stopped += 1,
                    other => panic!("{other:?}"),
                }
                // No call is under way while the next instance is made.
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        });
        // Dropped with instances that still are being made.
        drop(runtime);
        done.send(()).unwrap();
    });
    waiting.recv_timeout(Duration::from_secs(60)).unwrap();
}
