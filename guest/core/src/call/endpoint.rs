//! Where Lambda is: regions, partitions, variants, and endpoints of one's own.
//!
//! Rules: the endpoint rule set of the service model and the partitions file of
//! the AWS SDKs.

use std::net::IpAddr;

use http::Uri;

use crate::error::ArgumentError;

/// Scheme of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// Plain HTTP, for loopback and by explicit permission only.
    Http,
    /// HTTP over TLS.
    Https,
}

impl Scheme {
    /// As written in a URL.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    /// The port that the authority leaves out.
    pub fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// A checked endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Its scheme.
    pub scheme: Scheme,
    /// Host, and port where it is not the scheme's own. Signed as `host`.
    pub authority: String,
    /// Path in front of the operation's, without a slash at its end; mostly empty.
    pub base_path: String,
}

impl Endpoint {
    /// Scheme and authority, for example `https://lambda.eu-central-1.amazonaws.com`.
    pub fn origin(&self) -> String {
        format!("{}://{}", self.scheme.as_str(), self.authority)
    }

    /// `path`, which begins with a slash, below the endpoint's own.
    pub(crate) fn path(&self, path: &str) -> String {
        [&self.base_path, path].concat()
    }
}

/// What the endpoint depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Variant {
    /// FIPS 140.
    pub fips: bool,
    /// IPv4 and IPv6.
    pub dualstack: bool,
}

/// A group of regions with a DNS suffix of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Partition {
    /// Its name in ARNs.
    pub id: &'static str,
    /// What its regions begin with.
    pub region_prefixes: &'static [&'static str],
    /// What the names of its endpoints end with.
    pub dns_suffix: &'static str,
    /// The same of its endpoints for IPv4 and IPv6.
    pub dualstack_dns_suffix: &'static str,
}

/// All partitions. The first whose prefix matches wins, so `us-gov-` and `us-iso-`
/// stand before `us-`; a region that matches none belongs to `aws`, the last.
pub const PARTITIONS: &[Partition] = &[
    partition(
        "aws-cn",
        &["cn-"],
        "amazonaws.com.cn",
        "api.amazonwebservices.com.cn",
    ),
    partition("aws-us-gov", &["us-gov-"], "amazonaws.com", "api.aws"),
    partition(
        "aws-eusc",
        &["eusc-de-"],
        "amazonaws.eu",
        "api.amazonwebservices.eu",
    ),
    partition("aws-iso", &["us-iso-"], "c2s.ic.gov", "api.aws.ic.gov"),
    partition(
        "aws-iso-b",
        &["us-isob-"],
        "sc2s.sgov.gov",
        "api.aws.scloud",
    ),
    partition(
        "aws-iso-e",
        &["eu-isoe-"],
        "cloud.adc-e.uk",
        "api.cloud-aws.adc-e.uk",
    ),
    partition(
        "aws-iso-f",
        &["us-isof-"],
        "csp.hci.ic.gov",
        "api.aws.hci.ic.gov",
    ),
    partition("aws", &[""], "amazonaws.com", "api.aws"),
];

const fn partition(
    id: &'static str,
    region_prefixes: &'static [&'static str],
    dns_suffix: &'static str,
    dualstack_dns_suffix: &'static str,
) -> Partition {
    Partition {
        id,
        region_prefixes,
        dns_suffix,
        dualstack_dns_suffix,
    }
}

impl Partition {
    /// The partition a region belongs to.
    pub fn of(region: &str) -> &'static Self {
        const AWS: &Partition = &partition("aws", &[""], "amazonaws.com", "api.aws");
        PARTITIONS
            .iter()
            .find(|p| p.region_prefixes.iter().any(|r| region.starts_with(r)))
            .unwrap_or(AWS)
    }
}

/// The endpoint for a region, or the one the user names.
///
/// # Errors
///
/// [`ArgumentError`] for a region that is no host label or, without an
/// endpoint of one's own, has not the form of a region; for an endpoint URL that
/// is not sound, or is `http` without being loopback or permitted by `allow_http`;
/// and for a custom endpoint together with FIPS or dual-stack.
pub fn resolve(
    region: &str,
    endpoint_url: Option<&str>,
    variant: Variant,
    allow_http: bool,
) -> Result<Endpoint, ArgumentError> {
    let url = endpoint_url.map(|url| ("endpoint-url", url));
    of_service("lambda", region, url, variant, allow_http)
}

/// [`resolve`] for a service by the first label of its host names; a URL comes with the
/// name of the argument that it is.
pub(crate) fn of_service(
    service: &str,
    region: &str,
    endpoint_url: Option<(&'static str, &str)>,
    variant: Variant,
    allow_http: bool,
) -> Result<Endpoint, ArgumentError> {
    check_host_label(region)?;
    if let Some((argument, url)) = endpoint_url {
        if variant.fips || variant.dualstack {
            return Err(ArgumentError::new(
                if variant.fips {
                    "use-fips"
                } else {
                    "use-dualstack"
                },
                "cannot be combined with endpoint-url: name the FIPS or dual-stack endpoint in the URL instead",
            ));
        }
        return custom(argument, url, allow_http);
    }
    check_region_form(region)?;
    let partition = Partition::of(region);
    let fips = if variant.fips { "-fips" } else { "" };
    let suffix = if variant.dualstack {
        partition.dualstack_dns_suffix
    } else {
        partition.dns_suffix
    };
    Ok(Endpoint {
        scheme: Scheme::Https,
        authority: format!("{service}{fips}.{region}.{suffix}"),
        base_path: String::new(),
    })
}

fn check_host_label(region: &str) -> Result<(), ArgumentError> {
    let sound = (1..=63).contains(&region.len())
        && region
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !region.starts_with('-')
        && !region.ends_with('-');
    if sound {
        Ok(())
    } else {
        Err(ArgumentError::new(
            "region",
            "must be a region code such as eu-central-1: lower-case letters, digits and hyphens",
        ))
    }
}

/// Catches `us-east` and `virginia` here rather than as a failed name lookup.
fn check_region_form(region: &str) -> Result<(), ArgumentError> {
    let (area, number) = region.rsplit_once('-').unwrap_or((region, ""));
    let sound = area.contains('-')
        && area.split('-').all(|word| !word.is_empty())
        && !number.is_empty()
        && number.bytes().all(|b| b.is_ascii_digit());
    if sound {
        Ok(())
    } else {
        Err(ArgumentError::new(
            "region",
            "must be a region code such as eu-central-1, with its number at the end: check AWS_REGION (--region)",
        ))
    }
}

/// [`checked`] for the URL given in `argument`.
pub(crate) fn custom(
    argument: &'static str,
    url: &str,
    allow_http: bool,
) -> Result<Endpoint, ArgumentError> {
    checked(url, allow_http).map_err(|reason| ArgumentError::new(argument, reason))
}

const FORM: &str = "must begin with https:// (or http:// for a loopback address) and must name a host, \
     an IPv4 address or an IPv6 address in brackets without a zone, with no more than a port and a \
     percent-encoded path after it";

/// Checks an endpoint URL of the user's own: `https`, or `http` for a loopback
/// address or with `allow_http`; no user info, query, fragment, IPv6 zone or
/// control character.
fn checked(url: &str, allow_http: bool) -> Result<Endpoint, &'static str> {
    if url.bytes().any(|b| b <= b' ' || b >= 0x7f) {
        return Err("must not hold spaces, control characters or characters outside ASCII");
    }
    if url.contains(['?', '#']) {
        return Err("must not hold a query or a fragment");
    }
    let uri: Uri = url.parse().map_err(|_| FORM)?;
    let scheme = match uri.scheme_str() {
        Some("https") => Scheme::Https,
        Some("http") => Scheme::Http,
        _ => return Err(FORM),
    };
    let authority = uri.authority().ok_or(FORM)?;
    if authority.as_str().contains('@') {
        return Err("must not hold user info; credentials are signed with, never sent");
    }
    let host = authority.host().to_ascii_lowercase();
    let address = check_host(&host).ok_or(FORM)?;
    let port = match authority.as_str().get(host.len()..).unwrap_or_default() {
        "" => scheme.default_port(),
        after => match after.strip_prefix(':').ok_or(FORM)?.parse::<u16>() {
            Ok(number) if number != 0 && !after.starts_with(":+") => number,
            _ => return Err("its port must be a number from 1 to 65535"),
        },
    };
    let base_path = uri.path().trim_end_matches('/');
    if !is_encoded(base_path) {
        return Err("its path must be percent-encoded");
    }
    // Servers and proxies remove them, each in its own way, and then the signature
    // does not match.
    let mut segments = base_path.split('/').skip(1);
    if segments.any(|segment| matches!(segment, "" | "." | "..")) {
        return Err("its path must hold no empty, '.' or '..' segment");
    }
    let loopback = match address {
        Host::Name => host == "localhost" || host.ends_with(".localhost"),
        Host::Address(ip) => ip.is_loopback(),
    };
    if scheme == Scheme::Http && !loopback && !allow_http {
        return Err(
            "http:// is accepted for loopback addresses only; use https://, or set allow-http to send payloads unencrypted",
        );
    }
    Ok(Endpoint {
        scheme,
        authority: if port == scheme.default_port() {
            host
        } else {
            format!("{host}:{port}")
        },
        base_path: base_path.to_owned(),
    })
}

enum Host {
    Name,
    Address(IpAddr),
}

fn check_host(host: &str) -> Option<Host> {
    if let Some(literal) = host.strip_prefix('[') {
        let address = literal.strip_suffix(']')?.parse().ok()?;
        return Some(Host::Address(IpAddr::V6(address)));
    }
    if let Ok(address) = host.parse() {
        return Some(Host::Address(IpAddr::V4(address)));
    }
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    (host.len() <= 253 && host.strip_suffix('.').unwrap_or(host).split('.').all(label))
        .then_some(Host::Name)
}

/// `pchar` and `/` of RFC 3986 section 3.3.
fn is_encoded(path: &str) -> bool {
    let mut pieces = path.split('%');
    let plain = |piece: &str| {
        piece
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@/".contains(&b))
    };
    pieces.next().is_some_and(plain)
        && pieces.all(|piece| {
            let hex = piece.get(..2).unwrap_or_default();
            hex.len() == 2 && hex.bytes().all(|b| b.is_ascii_hexdigit()) && plain(piece)
        })
}
