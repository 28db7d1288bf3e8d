//! Endpoints: the regions' own against botocore's table, and those of one's own.

#![cfg(test)]

mod support;

use std::collections::BTreeSet;

use lambda_invocation_core::call::endpoint::{
    Endpoint, PARTITIONS, Partition, Scheme, Variant, resolve,
};
use lambda_invocation_core::error::ArgumentError;
use support::{CANARY, refusal};

const NO_VARIANT: Variant = Variant {
    fips: false,
    dualstack: false,
};

fn custom(url: &str, allow_http: bool) -> Result<Endpoint, ArgumentError> {
    resolve("us-east-1", Some(url), NO_VARIANT, allow_http)
}

#[test]
fn every_region_in_every_variant_resolves_as_in_botocore() {
    let table = include_str!("vectors/endpoints.txt");
    let mut partitions = BTreeSet::new();
    let mut rows = 0;
    for row in table.lines().filter(|row| !row.starts_with('#')) {
        let [region, variant, url]: [&str; 3] =
            row.split(' ').collect::<Vec<_>>().try_into().unwrap();
        let variant = Variant {
            fips: variant.contains("fips"),
            dualstack: variant.contains("dualstack"),
        };
        let endpoint = resolve(region, None, variant, false).unwrap();
        assert_eq!(endpoint.origin(), url, "{row}");
        assert_eq!(endpoint.base_path, "", "{row}");
        partitions.insert(Partition::of(region).id);
        rows += 1;
    }
    assert!(rows >= 4 * 40, "{rows}");
    let all: BTreeSet<&str> = PARTITIONS.iter().map(|partition| partition.id).collect();
    assert_eq!(all.len(), 8);
    assert_eq!(partitions, all, "a partition without a region in the table");
}

#[test]
fn a_region_belongs_to_one_partition() {
    for (region, partition) in [
        ("us-east-1", "aws"),
        ("mx-central-1", "aws"),
        ("cn-north-1", "aws-cn"),
        ("us-gov-east-1", "aws-us-gov"),
        ("eusc-de-east-1", "aws-eusc"),
        ("us-iso-west-1", "aws-iso"),
        ("us-isob-east-1", "aws-iso-b"),
        ("eu-isoe-west-1", "aws-iso-e"),
        ("us-isof-south-1", "aws-iso-f"),
        ("moon-north-1", "aws"),
    ] {
        assert_eq!(Partition::of(region).id, partition, "{region}");
    }
}

#[test]
fn what_is_no_region_never_becomes_a_host_name() {
    let long = format!("us-{}-1", "e".repeat(60));
    for region in [
        "",
        "us",
        "us-east",
        "us-east-",
        "-us-east-1",
        "us--1",
        "us-east-1a",
        "US-EAST-1",
        "virginia",
        "us_east_1",
        "us-east-1.evil.example",
        "us-east-1/",
        "us-east-1#",
        "us-east-1@evil",
        "us east 1",
        "us-east-1\r\n",
        "us-öst-1",
        CANARY,
        &long,
    ] {
        let (argument, reason) = refusal(resolve(region, None, NO_VARIANT, false));
        assert_eq!(argument, "region", "{region:?}");
        assert!(!reason.contains(CANARY), "{region:?}: {reason}");
    }
}

#[test]
fn an_endpoint_of_ones_own_takes_any_host_label_as_region() {
    for region in ["local", "us-east-1", "us-east", "a"] {
        assert!(resolve(region, Some("https://lambda.example"), NO_VARIANT, false).is_ok());
    }
    for region in ["", "a b", "a/b", "a\nb", "-a", "a-", "ä"] {
        let refused = resolve(region, Some("https://lambda.example"), NO_VARIANT, false);
        assert_eq!(refusal(refused).0, "region", "{region:?}");
    }
}

#[test]
fn sound_endpoint_urls_are_taken_apart() {
    use Scheme::{Http, Https};
    let table: &[(&str, Scheme, &str, &str)] = &[
        (
            "https://lambda.example.com",
            Https,
            "lambda.example.com",
            "",
        ),
        (
            "https://lambda.example.com/",
            Https,
            "lambda.example.com",
            "",
        ),
        (
            "https://lambda.example.com.",
            Https,
            "lambda.example.com.",
            "",
        ),
        (
            "HTTPS://Lambda.Example.COM/Base/Path/",
            Https,
            "lambda.example.com",
            "/Base/Path",
        ),
        (
            "https://lambda.example.com:443",
            Https,
            "lambda.example.com",
            "",
        ),
        (
            "https://lambda.example.com:8443",
            Https,
            "lambda.example.com:8443",
            "",
        ),
        (
            "https://lambda.example.com:80",
            Https,
            "lambda.example.com:80",
            "",
        ),
        (
            "https://lambda.example.com:65535",
            Https,
            "lambda.example.com:65535",
            "",
        ),
        ("https://10.0.0.1", Https, "10.0.0.1", ""),
        ("https://my_host", Https, "my_host", ""),
        ("http://localhost", Http, "localhost", ""),
        ("http://localhost:80", Http, "localhost", ""),
        ("http://localhost:443", Http, "localhost:443", ""),
        ("http://LOCALHOST:4566", Http, "localhost:4566", ""),
        (
            "http://lambda.localhost:4566",
            Http,
            "lambda.localhost:4566",
            "",
        ),
        ("http://127.0.0.1:18080", Http, "127.0.0.1:18080", ""),
        ("http://127.255.0.9", Http, "127.255.0.9", ""),
        ("http://[::1]", Http, "[::1]", ""),
        ("http://[::1]:4566/x", Http, "[::1]:4566", "/x"),
        (
            "https://[2001:db8::1]:8443",
            Https,
            "[2001:db8::1]:8443",
            "",
        ),
        ("https://h/a%20b/c@d;e=f", Https, "h", "/a%20b/c@d;e=f"),
    ];
    for (url, scheme, authority, base_path) in table.iter().copied() {
        let endpoint = custom(url, false).unwrap_or_else(|e| panic!("{url}: {e}"));
        let expected = Endpoint {
            scheme,
            authority: authority.to_owned(),
            base_path: base_path.to_owned(),
        };
        assert_eq!(endpoint, expected, "{url}");
        assert_eq!(
            endpoint.origin(),
            format!("{}://{authority}", scheme.as_str())
        );
    }
}

#[test]
fn unsound_endpoint_urls_are_refused_by_their_rule() {
    let table: &[(&str, &str)] = &[
        ("", "must begin with https://"),
        ("lambda.example.com", "must begin with https://"),
        ("//lambda.example.com", "must begin with https://"),
        ("ftp://lambda.example.com", "must begin with https://"),
        ("https:lambda.example.com", "must begin with https://"),
        ("https://", "must name a host"),
        ("https:///path", "must name a host"),
        ("https://:443", "must name a host"),
        ("https://a..b", "must name a host"),
        ("https://a.b..", "must name a host"),
        ("https://.", "must name a host"),
        ("https://a%41b", "must name a host"),
        ("https://a:b:1", "must name a host"),
        ("https://[::1", "must name a host"),
        ("https://[::1]x", "must name a host"),
        ("https://[::1%25eth0]", "without a zone"),
        ("https://[fe80::1%eth0]:1", "without a zone"),
        ("https://[127.0.0.1]", "must name a host"),
        ("https://user@h", "user info"),
        ("https://user:CANARYdoNotPrint@h", "user info"),
        ("https://h:", "port"),
        ("https://h:0", "port"),
        ("https://h:+8080", "port"),
        ("https://h:-1", "port"),
        ("https://h:65536", "port"),
        ("https://h:http", "port"),
        ("https://h?q=CANARYdoNotPrint", "query"),
        ("https://h/?q", "query"),
        ("https://h/a#f", "fragment"),
        ("https://h#f", "fragment"),
        ("https://h/a b", "spaces"),
        ("https://h/\r\nx-amz-date: now", "control characters"),
        ("https://h\n", "control characters"),
        ("https://h/ä", "outside ASCII"),
        ("https://ä", "outside ASCII"),
        ("https://h/a/../b", "segment"),
        ("https://h/./b", "segment"),
        ("https://h/..", "segment"),
        ("https://h//a", "segment"),
        ("https://h/a//b", "segment"),
        ("https://h/a\\b", "percent-encoded"),
        ("https://h/a\"b", "percent-encoded"),
        ("https://h/100%", "percent-encoded"),
        ("https://h/a%2", "percent-encoded"),
        ("https://h/a%zz", "percent-encoded"),
    ];
    for (url, rule) in table {
        let (argument, reason) = refusal(custom(url, true));
        assert_eq!(argument, "endpoint-url", "{url:?}");
        assert!(reason.contains(rule), "{url:?}: {reason}");
        assert!(!reason.contains(CANARY), "{url:?}: {reason}");
    }
}

#[test]
fn plain_http_needs_a_loopback_address_or_permission() {
    for url in [
        "http://lambda.example.com",
        "http://10.0.0.1",
        "http://128.0.0.1",
        "http://0.0.0.0",
        "http://[::2]",
        "http://[::ffff:127.0.0.1]",
        "http://localhost.example.com",
        "http://notlocalhost",
        "http://127.0.0.1.example.com",
        "http://127.1",
    ] {
        let (argument, reason) = refusal(custom(url, false));
        assert_eq!(argument, "endpoint-url", "{url}");
        assert!(reason.contains("allow-http"), "{url}: {reason}");
        assert_eq!(custom(url, true).unwrap().scheme, Scheme::Http, "{url}");
    }
}

#[test]
fn an_endpoint_of_ones_own_excludes_the_variants() {
    for (fips, dualstack, argument) in [
        (true, false, "use-fips"),
        (false, true, "use-dualstack"),
        (true, true, "use-fips"),
    ] {
        let variant = Variant { fips, dualstack };
        let refused = resolve("us-east-1", Some("https://h"), variant, false);
        let (named, reason) = refusal(refused);
        assert_eq!(named, argument);
        assert!(reason.contains("endpoint-url"), "{reason}");
    }
}
