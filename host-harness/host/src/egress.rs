//! Where a component may connect: to the endpoint of the call it is making, and nowhere
//! else.
//!
//! The host derives that endpoint from the connection that the caller passed, by the same
//! rules as the component. An embedder allows further origins with
//! [`HostBuilder::allow`](crate::HostBuilder::allow). A request to any other origin fails
//! with `HTTP-request-denied` before a name is looked up.
//!
//! # An origin as text
//!
//! ```text
//! SCHEME "://" HOST [ ":" PORT ] [ "/" ]
//! ```
//!
//! | part     | may be                                                                  |
//! |----------|-------------------------------------------------------------------------|
//! | `SCHEME` | `https` or `http`; it must be there                                     |
//! | `HOST`   | a name, an IPv4 address, or an IPv6 address in brackets; no wildcard     |
//! | `PORT`   | 1 to 65535; absent means the scheme's own: 443 or 80                    |
//!
//! There is no wildcard on purpose: `*.amazonaws.com` would allow the S3 buckets and API
//! gateways of every AWS customer.
//!
//! # What matches
//!
//! Scheme, host and port must all be equal. Names are compared without regard to case
//! and never resolved, so `localhost` does not allow `127.0.0.1`. Addresses are compared
//! as addresses: an IPv4 address is the same inside an IPv6 one.
//!
//! ```
//! use lambda_invocation_host::egress::Origin;
//!
//! let allowed: Origin = "https://lambda.eu-central-1.amazonaws.com".parse()?;
//! assert_eq!(allowed, "https://Lambda.EU-Central-1.amazonaws.com:443/".parse()?);
//! assert_ne!(allowed, "http://lambda.eu-central-1.amazonaws.com".parse()?);
//! assert_ne!(allowed, "https://lambda.eu-central-1.amazonaws.com:8443".parse()?);
//!
//! assert!("https://*.amazonaws.com".parse::<Origin>().is_err());
//! assert!("lambda.eu-central-1.amazonaws.com".parse::<Origin>().is_err());
//! # Ok::<(), lambda_invocation_host::egress::OriginError>(())
//! ```
//!
//! # Names and addresses
//!
//! A name is looked up once for a connection. Its addresses are checked, and the connection is
//! made to one that passed, so an answer that is another one a moment later changes nothing.
//! A kept connection stays with the address that it has.
//!
//! Which addresses a name may have is not limited but for those below: VPC endpoints have
//! private ones, and local endpoints loopback ones. So who controls the DNS of an endpoint's
//! name chooses the machine that an `http` request reaches. With `https` that machine must also
//! have a certificate for the name. Through a proxy, the proxy looks names up.
//!
//! # Metadata services
//!
//! At link-local addresses (`169.254.0.0/16`, `fe80::/10`) and `fd00:ec2::/32` AWS gives
//! a machine its own credentials. They are refused even as the endpoint of a call, and
//! even when a name resolves to one, in IPv6's ways to write an IPv4 address (mapped,
//! compatible, NAT64, 6to4) too, unless exactly that origin was allowed:
//!
//! ```
//! use lambda_invocation_host::egress::Origin;
//!
//! let imds: Origin = "http://169.254.169.254".parse()?;
//! assert!(imds.is_metadata_service());
//! # Ok::<(), lambda_invocation_host::egress::OriginError>(())
//! ```

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;
use std::sync::Arc;

use http::Uri;
use lambda_invocation_core::call::endpoint::{Endpoint, Scheme};

/// A place to connect to: scheme, host and port. The [module](self) has the grammar.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    https: bool,
    host: Host,
    port: u16,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Host {
    /// In lower case.
    Name(String),
    /// IPv4 inside IPv6 is unwrapped.
    Address(IpAddr),
}

/// Why a text is not an [`Origin`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum OriginError {
    /// It does not begin with `https://` or `http://`.
    Scheme,
    /// Its host is not a name, an IPv4 address, or an IPv6 address in brackets.
    Host,
    /// Its port is not a number from 1 to 65535.
    Port,
    /// It goes on after the port: a path, a query or a fragment.
    Path,
    /// It holds user info.
    UserInfo,
}

impl fmt::Display for OriginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Scheme => "an origin begins with https:// or http://",
            Self::Host => {
                "the host of an origin is a name, an IPv4 address, or an IPv6 address in brackets; wildcards are not supported"
            }
            Self::Port => "the port of an origin is a number from 1 to 65535",
            Self::Path => "an origin ends after its host and port",
            Self::UserInfo => "an origin holds no user info",
        })
    }
}

impl std::error::Error for OriginError {}

impl FromStr for Origin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        let (scheme, rest) = text.split_once("://").ok_or(OriginError::Scheme)?;
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        if rest.contains(['/', '?', '#', '\\']) {
            return Err(OriginError::Path);
        }
        Self::from_parts(scheme, rest)
    }
}

impl Origin {
    fn from_parts(scheme: &str, authority: &str) -> Result<Self, OriginError> {
        let https = if scheme.eq_ignore_ascii_case("https") {
            true
        } else if scheme.eq_ignore_ascii_case("http") {
            false
        } else {
            return Err(OriginError::Scheme);
        };
        if authority.contains('@') {
            return Err(OriginError::UserInfo);
        }
        let (host, port) = match authority.rsplit_once(':') {
            // A colon inside brackets belongs to an IPv6 address.
            Some((host, port)) if !port.contains(']') => (host, Some(port)),
            _ => (authority, None),
        };
        let host = Host::parse(host).ok_or(OriginError::Host)?;
        let port = match port {
            None => default_port(https),
            // `parse` would accept a sign.
            Some(port) if port.bytes().all(|b| b.is_ascii_digit()) => port
                .parse()
                .ok()
                .filter(|port| *port != 0)
                .ok_or(OriginError::Port)?,
            Some(_) => return Err(OriginError::Port),
        };
        Ok(Self { https, host, port })
    }

    /// The origin a request with this URI goes to.
    pub(crate) fn of(uri: &Uri) -> Option<Self> {
        Self::from_parts(uri.scheme_str()?, uri.authority()?.as_str()).ok()
    }

    /// The origin of a resolved endpoint.
    pub(crate) fn of_endpoint(endpoint: &Endpoint) -> Option<Self> {
        let scheme = match endpoint.scheme {
            Scheme::Https => "https",
            Scheme::Http => "http",
        };
        Self::from_parts(scheme, &endpoint.authority).ok()
    }

    /// Whether it names an address where machines get their own credentials, by
    /// number. A name that resolves to one is caught when it is resolved.
    pub fn is_metadata_service(&self) -> bool {
        matches!(self.host, Host::Address(ip) if is_metadata_address(ip))
    }
}

impl Host {
    fn parse(text: &str) -> Option<Self> {
        if let Some(literal) = text.strip_prefix('[') {
            let ip: Ipv6Addr = literal.strip_suffix(']')?.parse().ok()?;
            return Some(Self::Address(IpAddr::V6(ip).to_canonical()));
        }
        if let Ok(ip) = text.parse() {
            return Some(Self::Address(IpAddr::V4(ip)));
        }
        let sound = (1..=253).contains(&text.len())
            && text.split('.').all(|label| {
                (1..=63).contains(&label.len())
                    && label
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
            });
        sound.then(|| Self::Name(text.to_ascii_lowercase()))
    }
}

fn default_port(https: bool) -> u16 {
    if https { 443 } else { 80 }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.https { "https://" } else { "http://" })?;
        match &self.host {
            Host::Name(name) => f.write_str(name)?,
            Host::Address(IpAddr::V4(ip)) => write!(f, "{ip}")?,
            Host::Address(IpAddr::V6(ip)) => write!(f, "[{ip}]")?,
        }
        if self.port != default_port(self.https) {
            write!(f, ":{}", self.port)?;
        }
        Ok(())
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Origin({self})")
    }
}

/// Whether machines get their own credentials there.
pub(crate) fn is_metadata_address(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.is_link_local(),
        IpAddr::V6(ip) => {
            let [a, b, ..] = ip.segments();
            ip.is_unicast_link_local()
                || (a == 0xfd00 && b == 0x0ec2)
                || embedded(ip).is_some_and(|ip| ip.is_link_local())
        }
    }
}

/// The IPv4 address that an IPv6 address stands for on the way: NAT64 (RFC 6052), 6to4 (RFC
/// 3056), IPv4-compatible (RFC 4291).
fn embedded(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let [.., g, h] = ip.segments();
    let (high, low) = match ip.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, ..] | [0, 0, 0, 0, 0, 0, ..] => (g, h),
        [0x2002, high, low, ..] => (high, low),
        _ => return None,
    };
    Some(Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)))
}

/// What a single call may reach.
#[derive(Debug, Clone)]
pub(crate) struct Policy {
    /// The endpoints of the call.
    pub(crate) endpoints: Vec<Origin>,
    /// What the embedder allows.
    pub(crate) allowed: Arc<[Origin]>,
}

impl Policy {
    /// Whether a request to this URI may be sent.
    pub(crate) fn permits(&self, uri: &Uri) -> bool {
        Origin::of(uri).is_some_and(|origin| {
            self.allowed.contains(&origin)
                || (self.endpoints.contains(&origin) && !origin.is_metadata_service())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn origin(text: &str) -> Origin {
        text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
    }

    fn permits(endpoints: &[&str], allowed: &[&str], uri: &str) -> bool {
        Policy {
            endpoints: endpoints.iter().copied().map(origin).collect(),
            allowed: allowed.iter().copied().map(origin).collect(),
        }
        .permits(&uri.parse().unwrap())
    }

    #[test]
    fn an_origin_is_written_back_in_one_way() {
        for (text, written) in [
            ("https://example.com", "https://example.com"),
            ("HTTPS://EXAMPLE.com:443/", "https://example.com"),
            ("http://example.com:443", "http://example.com:443"),
            ("http://127.0.0.1:9000", "http://127.0.0.1:9000"),
            ("http://[::1]:9000", "http://[::1]:9000"),
            ("http://[0:0:0:0:0:0:0:1]", "http://[::1]"),
            ("http://[::ffff:10.0.0.1]", "http://10.0.0.1"),
            ("http://my_host:80", "http://my_host"),
        ] {
            assert_eq!(origin(text).to_string(), written, "{text}");
        }
    }

    #[test]
    fn what_is_no_origin_is_refused_with_the_reason() {
        use OriginError::*;
        for (text, error) in [
            ("", Scheme),
            ("example.com", Scheme),
            ("ftp://example.com", Scheme),
            ("*://example.com", Scheme),
            ("https://", Host),
            ("https://*", Host),
            ("https://*.example.com", Host),
            ("https://exa mple.com", Host),
            ("https://example..com", Host),
            ("https://::1", Host),
            ("https://[::1", Host),
            ("https://[fe80::1%25eth0]", Host),
            ("https://[127.0.0.1]", Host),
            ("https://example.com:", Port),
            ("https://example.com:0", Port),
            ("https://example.com:+1", Port),
            ("https://example.com:65536", Port),
            ("https://example.com:https", Port),
            ("https://example.com/path", Path),
            ("https://example.com//", Path),
            ("https://example.com?q", Path),
            ("https://example.com#f", Path),
            ("https://evil.example\\example.com", Path),
            ("https://user@example.com", UserInfo),
            ("https://user:pw@example.com:1", UserInfo),
        ] {
            assert_eq!(text.parse::<Origin>(), Err(error), "{text}");
        }
    }

    #[test]
    fn only_the_endpoint_of_the_call_may_be_reached() {
        const ENDPOINT: &str = "https://lambda.us-east-1.amazonaws.com";
        for (uri, permitted) in [
            ("https://lambda.us-east-1.amazonaws.com/2015-03-31/x", true),
            ("https://LAMBDA.us-east-1.amazonaws.com:443/?q", true),
            ("http://lambda.us-east-1.amazonaws.com/", false),
            ("https://lambda.us-east-1.amazonaws.com:8443/", false),
            ("https://lambda.us-east-2.amazonaws.com/", false),
            (
                "https://lambda.us-east-1.amazonaws.com.evil.example/",
                false,
            ),
            ("https://evil.lambda.us-east-1.amazonaws.com/", false),
            ("https://lambda.us-east-1.amazonaws.com./", false),
            ("https://user@lambda.us-east-1.amazonaws.com/", false),
            (
                "https://lambda.us-east-1.amazonaws.com@evil.example/",
                false,
            ),
            ("/2015-03-31/x", false),
        ] {
            assert_eq!(permits(&[ENDPOINT], &[], uri), permitted, "{uri}");
            assert!(!permits(&[], &[], uri), "{uri} without an endpoint");
        }
    }

    #[test]
    fn an_allowed_origin_may_be_reached_beside_the_endpoint() {
        let allowed = ["http://127.0.0.1:9000", "https://example.com"];
        for (uri, permitted) in [
            ("http://127.0.0.1:9000/", true),
            ("http://[::ffff:127.0.0.1]:9000/", true),
            ("https://example.com/", true),
            ("http://localhost:9000/", false),
            ("http://127.0.0.1:9001/", false),
            ("http://127.0.0.1/", false),
        ] {
            assert_eq!(permits(&[], &allowed, uri), permitted, "{uri}");
        }
    }

    #[test]
    fn a_metadata_service_is_refused_unless_it_was_allowed_by_name() {
        for literal in [
            "http://169.254.169.254",
            "http://169.254.170.2",
            "http://[fd00:ec2::254]",
            "http://[fe80::1]",
            "http://[::ffff:169.254.169.254]",
            "http://[::169.254.169.254]",
            "http://[64:ff9b::169.254.169.254]",
            "http://[2002:a9fe:a9fe::]",
        ] {
            assert!(!permits(&[literal], &[], literal), "{literal} as endpoint");
            assert!(permits(&[], &[literal], literal), "{literal} allowed");
        }
        assert!(permits(&["http://10.0.0.1"], &[], "http://10.0.0.1"));
    }

    #[test]
    fn every_endpoint_that_core_resolves_is_an_origin() {
        use lambda_invocation_core::call::endpoint::{Variant, resolve};
        for (region, url) in [
            ("us-east-1", None),
            ("cn-north-1", None),
            ("us-gov-west-1", None),
            ("us-east-1", Some("http://localhost:4566")),
            ("us-east-1", Some("http://[::1]:80/base")),
            (
                "us-east-1",
                Some("https://vpce-1.lambda.us-east-1.vpce.amazonaws.com"),
            ),
        ] {
            let endpoint = resolve(region, url, Variant::default(), false).unwrap();
            let expected = origin(&endpoint.origin());
            assert_eq!(Origin::of_endpoint(&endpoint), Some(expected));
        }
    }
}
