//! What the variables mean.

use lambda_invocation_tests::canary;
use lambda_invocation_tests::lambda_host::LambdaHost;
use lambda_invocation_tests::server;

use crate::stage;

fn call(url: &str) -> LambdaHost {
    LambdaHost::new(["invoke", "echo", "--payload", "{}"])
        .args(["--region", "us-east-1", "--retry", "never"])
        .args(["--endpoint-url", url, "--allow-http"])
        .keys(&canary::keys())
}

#[test]
fn what_no_proxy_lists_goes_without_a_proxy() {
    let (proxy, _held) = server::refusing();
    let via = format!("the proxy {proxy}");
    // A name and an address that lead nowhere.
    for (url, list, through) in [
        ("https://lambda.test", "", true),
        ("https://lambda.test", "other.test", true),
        ("https://lambda.test", "lambda.test", false),
        ("https://lambda.test", ".test", false),
        ("https://lambda.test", "lambda.test:443", false),
        ("https://lambda.test", "lambda.test:8443", true),
        ("https://lambda.test", "*", false),
        ("http://0.0.0.0:1", "0.0.0.0/8", false),
        ("http://0.0.0.0:1", "1.0.0.0/8", true),
    ] {
        for name in ["NO_PROXY", "no_proxy"] {
            let run = call(url)
                .env("HTTPS_PROXY", &proxy)
                .env("HTTP_PROXY", &proxy)
                .env(name, list)
                .run();
            let line = run.refusal(4);
            assert_eq!(line.contains(&via), through, "{url} {list:?}: {line}");
        }
    }
}

#[test]
fn what_is_near_goes_without_a_proxy() {
    let (proxy, _held) = server::refusing();
    let lambda = stage::answering("200 OK", "null".to_owned());
    let proxied = |run: LambdaHost| {
        run.env("HTTPS_PROXY", &proxy)
            .env("HTTP_PROXY", &proxy)
            .run()
    };
    let run = proxied(call(lambda.url()));
    assert_eq!(run.output(), "null", "{run:#?}");
    let run = proxied(LambdaHost::new(["invoke", "echo", "--local"]));
    assert_eq!(run.code, 0, "{run:#?}");
    // As botocore, which asks no proxy for the credentials of a container. It does for those
    // of an instance, where the proxy would answer for its own.
    let document = serde_json::json!({
        "AccessKeyId": "AKIAIOSFODNN7EXAMPLE",
        "SecretAccessKey": "s",
        "Token": "t",
        "Expiration": "2999-01-01T00:00:00Z",
    });
    let container = stage::answering("200 OK", document.to_string());
    let run = LambdaHost::new(["invoke", "echo", "--region", "us-east-1"])
        .args(["--endpoint-url", lambda.url()])
        .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", container.url());
    assert_eq!(proxied(run).output(), "null");
}

#[test]
fn a_proxy_makes_nothing_reachable_that_the_policy_denies() {
    let proxy = stage::answering("200 OK", "null".to_owned());
    for url in ["http://169.254.169.254", "http://[fd00:ec2::254]"] {
        let run = call(url).env("HTTP_PROXY", proxy.url()).run();
        let line = run.refusal(5);
        assert!(line.contains("denied by the host"), "{line}");
    }
    assert_eq!(proxy.connections(), 0);
}

#[test]
fn a_variable_that_names_no_proxy_is_refused_and_an_empty_one_is_none() {
    let lambda = stage::answering("200 OK", "null".to_owned());
    for (value, says) in [
        ("socks5://me:cAnArY@p:1080", "only proxies of http"),
        ("http://me:cAn/ArY@p:3128", "expected http://HOST:PORT"),
        ("http://", "expected http://HOST:PORT"),
    ] {
        let run = call(lambda.url()).env("HTTPS_PROXY", value).run();
        let line = run.refusal(2);
        assert!(line.contains("invalid HTTPS_PROXY: "), "{line}");
        assert!(line.contains(says) && !line.contains("cAn"), "{line}");
    }
    let run = call(lambda.url()).env("HTTPS_PROXY", "").run();
    assert_eq!(run.output(), "null", "{run:#?}");
}
