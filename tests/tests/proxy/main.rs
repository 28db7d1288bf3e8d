//! `lambda-host` through HTTP proxies: one that others wrote, and some that misbehave.

#![cfg(test)]

mod refusals;
mod stage;
mod variables;

use lambda_invocation_tests::lambda_host::LambdaHost;
use lambda_invocation_tests::or_skip;

use stage::{Endpoint, Proxied};

/// A call that reaches the endpoint through a proxy alone.
fn call(endpoint: &Endpoint) -> LambdaHost {
    LambdaHost::new(["invoke", "echo", "--payload", "{\"a\":1}"])
        .args(["--region", "us-east-1", "--retry", "never"])
        .args(["--endpoint-url", &endpoint.url, "--allow-http"])
        .env("SSL_CERT_FILE", &endpoint.certificate)
        .keys(&endpoint.keys)
}

#[test]
fn a_call_goes_through_a_tunnel_with_tls_from_end_to_end() {
    let proxy = or_skip!(Proxied::start(None));
    let endpoint = Endpoint::with_tls();
    for name in ["HTTPS_PROXY", "https_proxy"] {
        let run = call(&endpoint).env(name, &proxy.url);
        let run = run.env("AWS_CA_BUNDLE", &endpoint.certificate);
        let run = run.env("SSL_CERT_FILE", "").run();
        assert_eq!(run.json()["event"]["a"], 1, "{run:#?}");
    }
    let run = call(&endpoint).env("HTTPS_PROXY", &proxy.url).run();
    assert_eq!(run.json()["event"]["a"], 1, "{run:#?}");
    assert_eq!(endpoint.requests(), 3);
    // Without it, the name is not found.
    let run = call(&endpoint).env("HTTP_PROXY", &proxy.url).run();
    let line = run.refusal(4);
    assert!(line.contains("the name lookup failed"), "{line}");
}

#[test]
fn the_user_and_the_password_in_the_url_are_given_to_the_proxy_and_shown_nowhere() {
    let proxy = or_skip!(Proxied::start(Some("me:p@s/cAnArY")));
    let endpoint = Endpoint::with_tls();
    let url = proxy.with_user("me:p%40s%2FcAnArY");
    let run = call(&endpoint).args(["-v"]).env("HTTPS_PROXY", &url).run();
    assert_eq!(run.json()["event"]["a"], 1, "{run:#?}");
    let said = format!("proxy: {} for https\n", proxy.url);
    assert!(run.stderr.contains(&said), "{run:#?}");
    assert!(!run.stderr.contains("cAnArY"), "{run:#?}");
    assert_eq!(endpoint.requests(), 1);
}

#[test]
fn a_password_that_is_wrong_or_missing_is_said_and_nothing_ran() {
    let proxy = or_skip!(Proxied::start(Some("me:right")));
    for endpoint in [Endpoint::with_tls(), Endpoint::plain()] {
        for (url, says) in [
            (
                proxy.with_user("me:cAnArY"),
                "does not accept the user and the password that it was given (HTTP 407)",
            ),
            (proxy.url.clone(), "wants a user and a password (HTTP 407)"),
        ] {
            let run = call(&endpoint)
                .env("HTTPS_PROXY", &url)
                .env("HTTP_PROXY", &url)
                .run();
            let line = run.refusal(4);
            let said = format!("the proxy {} {says}", proxy.url);
            assert!(line.contains(&said), "{line}");
            assert!(line.contains("so the function did not run"), "{line}");
            assert!(!line.contains("cAnArY"), "{line}");
        }
        assert_eq!(endpoint.requests(), 0);
    }
}

#[test]
fn a_plain_endpoint_is_reached_by_a_proxy_that_forwards() {
    for user in [None, Some("me:pw")] {
        let proxy = or_skip!(Proxied::start(user));
        let endpoint = Endpoint::plain();
        let url = match user {
            Some(user) => proxy.with_user(user),
            None => proxy.url.clone(),
        };
        for name in ["HTTP_PROXY", "http_proxy"] {
            let run = call(&endpoint).env(name, &url).run();
            assert_eq!(run.json()["event"]["a"], 1, "{run:#?}");
        }
        assert_eq!(endpoint.requests(), 2);
    }
}

#[test]
fn a_web_identity_is_shown_to_sts_through_the_proxy() {
    let proxy = or_skip!(Proxied::start(None));
    let endpoint = Endpoint::plain();
    let sts = stage::sts(&endpoint.keys);
    let run = LambdaHost::new(["invoke", "echo", "--payload", "{\"a\":1}"])
        .args(["--region", "us-east-1"])
        .args(["--endpoint-url", &endpoint.url, "--allow-http"])
        .file("token", "to.k.en")
        .env("AWS_WEB_IDENTITY_TOKEN_FILE", "token")
        .env("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/r")
        .env(
            "AWS_ENDPOINT_URL_STS",
            sts.url().replace("127.0.0.1", "sts.test"),
        )
        .env("HTTP_PROXY", &proxy.url)
        .run();
    assert_eq!(run.json()["event"]["a"], 1, "{run:#?}");
    assert_eq!(sts.connections(), 1);
}
