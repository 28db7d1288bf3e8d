//! Instances that are kept, and those that are made ahead: when a call gets one, and when
//! it must not.

#![cfg(test)]

mod support;

use std::time::Duration;

use lambda_invocation_core::call::connection::{Connection, Credentials};
use lambda_invocation_core::call::request::Request;
use lambda_invocation_core::ephemeral::EphemeralConfig;
use lambda_invocation_core::error::Error;
use lambda_invocation_host::{CallError, Host, HostBuilder};

/// Answers `response-too-large` with, as the limit, how often any of its functions (the
/// allocator included) has run in this instance. `extra` runs first.
fn counting(extra: &str) -> HostBuilder {
    /// Where in the answer the cases and the number are: `result`, then `error`.
    const FAILED: &str = "(i32.store8 (i32.const 0) (i32.const 1))";
    let body = format!(
        "(global.set $ran (i32.add (global.get $ran) (i32.const 1)))
         (if (i32.eqz (memory.size)) (then (drop (memory.grow (i32.const 1)))))
         {extra}
         {FAILED}
         (i32.store8 (i32.const 8) (i32.const 8))
         (i64.store (i32.const 16) (i64.extend_i32_u (global.get $ran)))
         (return (i32.const 0))"
    );
    let component = support::component(&body, "(global $ran (mut i32) (i32.const 0))");
    Host::builder(component).no_cache()
}

fn request() -> Request {
    Request {
        function_name: "f".to_owned(),
        payload: b"{}".to_vec(),
        ..Request::default()
    }
}

async fn outcome(host: &Host, secret: &str) -> CallError {
    let connection = Connection {
        credentials: Some(Credentials {
            access_key_id: "id".to_owned(),
            secret_access_key: secret.to_owned(),
            session_token: None,
        }),
        ..Connection::default()
    };
    host.invoke(request(), connection).await.unwrap_err()
}

/// What the instance has counted after a call with this secret.
async fn count(host: &Host, secret: &str) -> u64 {
    match outcome(host, secret).await {
        CallError::Failed(Error::ResponseTooLarge(too_large)) => too_large.limit,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn by_default_each_call_has_a_new_instance() {
    let host = counting("").build().unwrap();
    let first = count(&host, "a").await;
    assert_eq!(count(&host, "a").await, first);
}

#[tokio::test]
async fn a_kept_instance_serves_the_next_call_with_the_same_credentials() {
    let host = counting("").reuse_instances(1).build().unwrap();
    let first = count(&host, "a").await;
    assert_eq!(count(&host, "a").await, 2 * first);
    assert_eq!(count(&host, "a").await, 3 * first);
}

#[tokio::test]
async fn an_instance_never_serves_other_credentials() {
    let host = counting("").reuse_instances(2).build().unwrap();
    let first = count(&host, "a").await;
    assert_eq!(count(&host, "b").await, first);
    assert_eq!(count(&host, "a").await, 2 * first);
    // The third finds no place: the one that has rested longest goes.
    assert_eq!(count(&host, "c").await, first);
    assert_eq!(count(&host, "b").await, first);
}

#[tokio::test]
async fn calls_without_credentials_share_instances_among_themselves_only() {
    let host = counting("").reuse_instances(4).build().unwrap();
    let first = count(&host, "a").await;
    let without = || async {
        let outcome = host.invoke(request(), Connection::default()).await;
        match outcome.unwrap_err() {
            CallError::Failed(Error::ResponseTooLarge(too_large)) => too_large.limit,
            other => panic!("{other:?}"),
        }
    };
    let alone = without().await;
    // It has fewer arguments to allocate for.
    assert!(alone < first);
    assert_eq!(without().await, 2 * alone);
}

/// Runs `extra` in the second call of an instance.
fn in_the_second_call(extra: &str) -> HostBuilder {
    // One call counts eight at most, and at least five.
    counting(&format!(
        "(if (i32.gt_u (global.get $ran) (i32.const 8)) (then {extra}))"
    ))
}

#[tokio::test]
async fn an_instance_is_gone_after_a_trap() {
    let host = in_the_second_call("unreachable").reuse_instances(1);
    let host = host.build().unwrap();
    let first = count(&host, "a").await;
    assert!((5..=8).contains(&first), "{first}");
    let second = outcome(&host, "a").await;
    assert!(matches!(second, CallError::Trapped { .. }), "{second:?}");
    assert_eq!(count(&host, "a").await, first);
}

#[tokio::test]
async fn an_instance_is_gone_after_the_time_limit() {
    let after = Duration::from_millis(100);
    let host = in_the_second_call("(loop $l (br $l))").reuse_instances(1);
    let host = host.time_limit(after).build().unwrap();
    let first = count(&host, "a").await;
    assert_eq!(
        outcome(&host, "a").await,
        CallError::TimeLimit {
            after,
            // Without a region there is no endpoint that it could have reached.
            maybe_ran: false
        }
    );
    assert_eq!(count(&host, "a").await, first);
}

#[tokio::test]
async fn an_instance_is_gone_after_a_call_that_was_dropped() {
    let host = in_the_second_call("(loop $l (br $l))").reuse_instances(1);
    let host = host.build().unwrap();
    let first = count(&host, "a").await;
    let dropped = tokio::time::timeout(Duration::from_millis(100), outcome(&host, "a")).await;
    assert!(dropped.is_err());
    assert_eq!(count(&host, "a").await, first);
}

#[tokio::test]
async fn an_instance_that_was_refused_memory_or_has_grown_is_not_kept() {
    const LIMIT: usize = 8 * 1024 * 1024;
    for (pages, kept) in [(1, true), (80, false), (1_000, false)] {
        let host = counting(&format!("(drop (memory.grow (i32.const {pages})))"));
        let host = host.reuse_instances(1).memory_limit(LIMIT).build().unwrap();
        let first = count(&host, "a").await;
        let second = count(&host, "a").await;
        assert_eq!(second, if kept { 2 * first } else { first }, "{pages}");
    }
}

#[tokio::test]
async fn open_neither_takes_an_instance_nor_leaves_one() {
    let host = counting("").reuse_instances(1).build().unwrap();
    let connection = Connection::default;
    let open = || async {
        let outcome = host.open(EphemeralConfig::default(), connection()).await;
        match outcome.unwrap_err() {
            CallError::Failed(Error::ResponseTooLarge(too_large)) => too_large.limit,
            other => panic!("{other:?}"),
        }
    };
    let first = open().await;
    assert_eq!(open().await, first);
    let invoked = host.invoke(request(), connection()).await.unwrap_err();
    assert_eq!(open().await, first);
    let again = host.invoke(request(), connection()).await.unwrap_err();
    assert_ne!(invoked, again);
}

#[tokio::test]
async fn an_instance_serves_a_thousand_calls() {
    let host = counting("").reuse_instances(1).build().unwrap();
    let first = count(&host, "a").await;
    for call in 2..=1_000 {
        assert_eq!(count(&host, "a").await, call * first);
    }
    assert_eq!(count(&host, "a").await, first);
}

#[tokio::test]
async fn an_instance_rests_no_longer_than_a_connection() {
    let rest = Duration::from_millis(20);
    let host = counting("").reuse_instances(1).pool_idle_timeout(rest);
    let host = host.build().unwrap();
    let first = count(&host, "a").await;
    tokio::time::sleep(rest * 3).await;
    assert_eq!(count(&host, "a").await, first);
}

/// Gives the host time to make what it makes between calls, and says how many spares wait.
async fn spares(host: &Host) -> String {
    tokio::time::sleep(Duration::from_millis(50)).await;
    let shown = format!("{host:?}");
    let (_, after) = shown.split_once("spare_instances: ").unwrap();
    after.chars().take_while(char::is_ascii_digit).collect()
}

#[tokio::test]
async fn a_spare_is_made_after_a_call_and_is_new_to_the_next() {
    for most in [1, 3] {
        let host = counting("").spare_instances(most).build().unwrap();
        assert_eq!(spares(&host).await, "0", "none before the first call");
        let first = count(&host, "a").await;
        for _ in 0..5 {
            assert_ne!(spares(&host).await, "0");
            assert_eq!(count(&host, "a").await, first);
        }
    }
    let host = counting("").spare_instances(0).build().unwrap();
    let first = count(&host, "a").await;
    assert_eq!(spares(&host).await, "0");
    assert_eq!(count(&host, "a").await, first);
}

#[tokio::test]
async fn an_instance_that_was_a_spare_is_kept_as_any_other() {
    let host = counting("").reuse_instances(1).build().unwrap();
    let first = count(&host, "a").await;
    // The one of `a` makes room, and a spare is made in its place.
    assert_eq!(count(&host, "b").await, first);
    assert_eq!(spares(&host).await, "1");
    assert_eq!(count(&host, "c").await, first);
    assert_eq!(count(&host, "c").await, 2 * first);
}

/// One more instance than calls and spares would not find a place in the pool.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn spares_leave_room_for_all_calls_however_many_end_at_once() {
    for spare in [1, 2] {
        let host = counting("").max_concurrent_calls(4).spare_instances(spare);
        let host = host.build().unwrap();
        let first = count(&host, "a").await;
        let callers: Vec<_> = (0..16)
            .map(|_| {
                let host = host.clone();
                tokio::spawn(async move {
                    for _ in 0..200 {
                        assert_eq!(count(&host, "a").await, first);
                    }
                })
            })
            .collect();
        for caller in callers {
            caller.await.unwrap();
        }
        assert_eq!(spares(&host).await, spare.to_string());
    }
}

#[tokio::test]
async fn open_has_a_spare_to_itself() {
    let host = counting("").build().unwrap();
    let open = || async {
        let outcome = host.open(EphemeralConfig::default(), Connection::default());
        match outcome.await.unwrap_err() {
            CallError::Failed(Error::ResponseTooLarge(too_large)) => too_large.limit,
            other => panic!("{other:?}"),
        }
    };
    let first = open().await;
    assert_eq!(spares(&host).await, "1");
    assert_eq!(open().await, first);
}
