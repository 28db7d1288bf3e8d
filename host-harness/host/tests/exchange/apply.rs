//! Applies whose requests the host sends.

use lambda_invocation_core::lifecycle::{Config, LifecycleScope, ReplaceOrder};
use lambda_invocation_host::{ApplyError, Transport};

use super::{Behaviour, Then, answer, builder, connection, serve};

fn managed(order: ReplaceOrder) -> Config {
    Config {
        function_name: "f".to_owned(),
        input: r#"{"a":1}"#.to_owned(),
        lifecycle_scope: Some(LifecycleScope::Crud),
        replace_order: Some(order),
        ..Config::default()
    }
}

#[tokio::test]
async fn an_apply_ends_alike_both_ways() {
    fn failed() -> Then {
        answer(200, "x-amz-function-error: Unhandled\r\n", r#"{"a":1}"#)
    }
    let behaviours: &[(&str, Behaviour)] = &[
        ("good", |_| answer(200, "", "1")),
        ("failed", |_| failed()),
        ("failed later", |request| match request {
            0 => answer(200, "", "1"),
            _ => failed(),
        }),
        ("refused", |_| answer(404, "", r#"{"Message":"m"}"#)),
        ("closed later", |request| match request {
            0 => answer(200, "", "1"),
            _ => Then::Close,
        }),
        ("throttled once", |request| match request {
            0 => answer(429, "x-amz-retry-after: 1\r\n", "{}"),
            _ => answer(200, "", "1"),
        }),
    ];
    let orders = [ReplaceOrder::DeleteFirst, ReplaceOrder::CreateFirst];
    let hosts = [Transport::Component, Transport::Host]
        .map(|transport| builder(transport).build().unwrap());
    let good = serve(|_| answer(200, "", "0")).await;
    for order in orders {
        let created =
            hosts[0].lifecycle_apply(None, Some(managed(order)), false, connection(&good));
        let created = created.await.unwrap();
        let mut changed = managed(order);
        changed.input = r#"{"a":2}"#.to_owned();
        let mut too_long = managed(order);
        too_long.input = format!("{{\"a\":\"{}\"}}", "x".repeat(6_291_456));
        let plans = [
            ("create", None, Some(managed(order)), false),
            ("update", created.clone(), Some(changed), false),
            ("replace", created.clone(), Some(managed(order)), true),
            (
                "replace with too much",
                created.clone(),
                Some(too_long),
                true,
            ),
            ("delete", created.clone(), None, false),
            ("nothing", created.clone(), Some(managed(order)), false),
        ];
        for (plan, prior, desired, replace) in plans {
            for (name, behaviour) in behaviours {
                let mut outcomes = Vec::new();
                for host in &hosts {
                    let connection = connection(&serve(*behaviour).await);
                    let (prior, desired) = (prior.clone(), desired.clone());
                    let whole = host.lifecycle_apply(
                        prior.clone(),
                        desired.clone(),
                        replace,
                        connection.clone(),
                    );
                    let whole = whole.await;
                    let one = host.lifecycle_apply_one(prior, desired, replace, connection);
                    outcomes.push((whole, one.await));
                }
                assert_eq!(outcomes[0], outcomes[1], "{plan}, {name}");
            }
        }
    }
}

#[tokio::test]
async fn an_apply_that_is_stopped_keeps_what_was_done() {
    let good = serve(|_| answer(200, "", "0")).await;
    let limited = builder(Transport::Host).memory_limit(4 * 1024 * 1024);
    let host = limited.build().unwrap();
    for (order, left) in [
        (ReplaceOrder::DeleteFirst, false),
        (ReplaceOrder::CreateFirst, true),
    ] {
        let config = managed(order);
        let created = host.lifecycle_apply(None, Some(config.clone()), false, connection(&good));
        let prior = created.await.unwrap();
        // Reading so long an answer takes more memory than there is.
        let url = serve(|request| match request {
            0 => answer(200, "", "1"),
            _ => answer(500, "", &"x".repeat(5_000_000)),
        });
        let connection = connection(&url.await);
        let error = host.lifecycle_apply(prior, Some(config), true, connection);
        let Err(ApplyError::Stopped { error, state }) = error.await else {
            panic!("it went on");
        };
        assert!(error.maybe_ran(), "{error}");
        // What was created is kept, and that its predecessor is still there.
        let deposed = state.map(|state| (state.result, state.deposed.is_some()));
        assert_eq!(deposed, left.then(|| ("1".to_owned(), true)));
    }
}
