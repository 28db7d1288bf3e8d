//! Where a request goes: a region, a URL, and words for the options.

use std::net::IpAddr;

use lambda_invocation_core::call::endpoint::{Endpoint, Scheme, Variant, resolve};
use lambda_invocation_core::call::function_name::FunctionName;

use crate::message::check_text;

/// What holds for every endpoint: what is sent there is a well-formed request.
pub fn check(endpoint: &Endpoint) {
    let Endpoint {
        authority,
        base_path,
        ..
    } = endpoint;
    assert!(
        !authority.is_empty() && !authority.contains('@'),
        "{authority:?}"
    );
    assert!(
        authority.bytes().all(|b| b.is_ascii_graphic()),
        "{authority:?}"
    );
    assert!(!authority.contains(['/', '?', '#', '\\']), "{authority:?}");
    assert!(
        base_path.is_empty() || base_path.starts_with('/'),
        "{base_path:?}"
    );
    assert!(
        base_path.bytes().all(|b| b.is_ascii_graphic()),
        "{base_path:?}"
    );
    assert!(!base_path.contains(['?', '#']), "{base_path:?}");
}

pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let mut lines = text.split('\n');
    let region = lines.next().unwrap_or_default();
    let url = lines.next().filter(|url| !url.is_empty());
    let options = lines.next().unwrap_or_default();
    let name = lines.next().unwrap_or_default();
    let variant = Variant {
        fips: options.contains("fips"),
        dualstack: options.contains("dualstack"),
    };
    let allow_http = options.contains("http");
    match resolve(region, url, variant, allow_http) {
        Ok(endpoint) => {
            check(&endpoint);
            if endpoint.scheme == Scheme::Http && !allow_http {
                let host = host(&endpoint.authority);
                let loopback = match host.parse::<IpAddr>() {
                    Ok(address) => address.is_loopback(),
                    Err(_) => host == "localhost" || host.ends_with(".localhost"),
                };
                assert!(loopback, "http to {host:?}");
            }
            // The same endpoint as a URL is itself again.
            let again = resolve(region, Some(&endpoint.origin()), Variant::default(), true);
            let again = again.expect("an endpoint's origin is an endpoint");
            assert_eq!(
                (again.scheme, again.authority),
                (endpoint.scheme, endpoint.authority)
            );
        }
        Err(error) => check_text(&error.to_string()),
    }
    if let Err(error) = FunctionName::parse(name) {
        check_text(&error.to_string());
    }
}

/// The host of an authority, without its port, brackets and final dot.
fn host(authority: &str) -> String {
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next(),
        None => authority.split(':').next(),
    };
    let host = host.unwrap_or_default().to_ascii_lowercase();
    host.strip_suffix('.').unwrap_or(&host).to_owned()
}
