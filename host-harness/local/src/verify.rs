//! Signature Version 4, checked as AWS checks it.
//!
//! The canonical request is built here from what arrived, by the published rules
//! ("Create a signed AWS API request", IAM User Guide), and shares no code with
//! the signer in the component: a mistake made there must not be made here too.
//! Only the `Authorization` header is read; a presigned URL counts as unsigned.

use std::borrow::Cow;
use std::sync::{Mutex, PoisonError};

use hmac::{Hmac, KeyInit as _, Mac as _};
use http::StatusCode;
use http::header::{self, HeaderMap, HeaderName};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};
use sha2::{Digest as _, Sha256};

use super::credentials::Credentials;
use super::date;
use super::reply::Refusal;

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const TERMINATOR: &str = "aws4_request";

const X_AMZ_DATE: HeaderName = HeaderName::from_static("x-amz-date");
const X_AMZ_SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");

/// How far the request's clock may be from the endpoint's, either way, in
/// minutes.
const WINDOW_MINUTES: i64 = 5;

/// The unreserved characters of RFC 3986 stay; all else is encoded.
const UNRESERVED: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
/// As [`UNRESERVED`], for a path whose segments are encoded one by one.
const PATH: AsciiSet = UNRESERVED.remove(b'/');

/// The part of a request that is signed, as it came off the wire.
pub(super) struct Received<'a> {
    pub(super) method: &'a str,
    pub(super) path: &'a str,
    pub(super) query: &'a str,
    pub(super) headers: &'a HeaderMap,
    pub(super) payload: &'a [u8],
}

/// Checks requests for one service in one region against one pair of keys.
pub(super) struct Verifier {
    region: String,
    service: &'static str,
    credentials: Credentials,
    /// When the session token ends, in seconds since 1970.
    session_expires: Option<i64>,
    /// The last signing key with its date: one derivation a day instead of one a
    /// request.
    signing_key: Mutex<Option<(String, [u8; 32])>>,
}

impl Verifier {
    pub(super) fn new(
        region: String,
        service: &'static str,
        credentials: Credentials,
        session_expires: Option<i64>,
    ) -> Self {
        Self {
            region,
            service,
            credentials,
            session_expires,
            signing_key: Mutex::new(None),
        }
    }

    /// Accepts a request signed with these credentials for this service and
    /// region at about `now` (seconds since 1970), and refuses any other in the
    /// words of AWS.
    pub(super) fn verify(&self, request: &Received<'_>, now: i64) -> Result<(), Refusal> {
        let authorization = match single(request.headers, &header::AUTHORIZATION)? {
            Some(text) => Authorization::parse(text)?,
            None => {
                return Err(Refusal::front_end(
                    StatusCode::FORBIDDEN,
                    "MissingAuthenticationTokenException",
                    "Missing Authentication Token",
                ));
            }
        };
        let amz_date = single(request.headers, &X_AMZ_DATE)?.ok_or_else(|| {
            incomplete("Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header.")
        })?;
        let signed_at = date::parse_basic(amz_date)
            .ok_or_else(|| incomplete("Date must be in ISO-8601 'basic format'."))?;

        self.check_scope(&authorization.scope, amz_date)?;
        self.check_keys(authorization.access_key_id, request.headers, now)?;
        check_window(signed_at, now)?;
        check_signed_headers(&authorization.signed_headers, request.headers)?;

        let canonical = canonical_request(request, &authorization.signed_headers);
        let to_sign = string_to_sign(&canonical, amz_date, &authorization.scope);
        let signature = hex(&hmac(
            &self.key(authorization.scope.date),
            to_sign.as_bytes(),
        ));
        if same(signature.as_bytes(), authorization.signature.as_bytes()) {
            Ok(())
        } else {
            Err(invalid_signature(
                "The request signature we calculated does not match the signature you provided. \
                 Check your AWS Secret Access Key and signing method. \
                 Consult the service documentation for details.",
            ))
        }
    }

    fn check_scope(&self, scope: &Scope<'_>, amz_date: &str) -> Result<(), Refusal> {
        if scope.terminator != TERMINATOR {
            return Err(invalid_signature(
                "Credential should be scoped with a valid terminator: 'aws4_request'.",
            ));
        }
        if scope.region != self.region {
            return Err(invalid_signature(format!(
                "Credential should be scoped to a valid region. This endpoint is in '{}'.",
                self.region
            )));
        }
        if scope.service != self.service {
            return Err(invalid_signature(format!(
                "Credential should be scoped to correct service: '{}'.",
                self.service
            )));
        }
        if amz_date.get(..8) != Some(scope.date) {
            return Err(invalid_signature(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP.",
            ));
        }
        Ok(())
    }

    /// Knows the caller: the access key id, and the session token where there is
    /// one.
    fn check_keys(
        &self,
        access_key_id: &str,
        headers: &HeaderMap,
        now: i64,
    ) -> Result<(), Refusal> {
        let token = single(headers, &X_AMZ_SECURITY_TOKEN)?;
        let token_matches = match (&self.credentials.session_token, token) {
            (None, None) => true,
            (Some(expected), Some(sent)) => same(expected.as_bytes(), sent.as_bytes()),
            _ => false,
        };
        if access_key_id != self.credentials.access_key_id || !token_matches {
            return Err(Refusal::front_end(
                StatusCode::FORBIDDEN,
                "UnrecognizedClientException",
                "The security token included in the request is invalid.",
            ));
        }
        if token.is_some() && self.session_expires.is_some_and(|end| now >= end) {
            return Err(Refusal::front_end(
                StatusCode::FORBIDDEN,
                "ExpiredTokenException",
                "The security token included in the request is expired",
            ));
        }
        Ok(())
    }

    /// The signing key of a day.
    fn key(&self, date: &str) -> [u8; 32] {
        let mut last = self
            .signing_key
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        match &*last {
            Some((day, key)) if day == date => *key,
            _ => {
                let secret = &self.credentials.secret_access_key;
                let key = signing_key(secret, date, &self.region, self.service);
                *last = Some((date.to_owned(), key));
                key
            }
        }
    }
}

/// `Authorization: AWS4-HMAC-SHA256 Credential=.., SignedHeaders=.., Signature=..`
struct Authorization<'a> {
    access_key_id: &'a str,
    scope: Scope<'a>,
    /// In the order sent.
    signed_headers: Vec<&'a str>,
    signature: &'a str,
}

/// The credential scope: what a signature is good for.
pub(super) struct Scope<'a> {
    pub(super) date: &'a str,
    pub(super) region: &'a str,
    pub(super) service: &'a str,
    pub(super) terminator: &'a str,
}

impl<'a> Authorization<'a> {
    fn parse(text: &'a str) -> Result<Self, Refusal> {
        let parameters = text
            .strip_prefix(ALGORITHM)
            .filter(|rest| rest.is_empty() || rest.starts_with(' '))
            .ok_or_else(|| {
                incomplete("Unsupported AWS 'algorithm': the Authorization header must start with 'AWS4-HMAC-SHA256'.")
            })?;
        let (mut credential, mut signed_headers, mut signature) = (None, None, None);
        for parameter in parameters.split(',').map(str::trim) {
            if parameter.is_empty() {
                continue;
            }
            let place = match parameter.split_once('=') {
                Some(("Credential", value)) => credential.replace(value),
                Some(("SignedHeaders", value)) => signed_headers.replace(value),
                Some(("Signature", value)) => signature.replace(value),
                _ => return Err(incomplete("Authorization header has an unknown parameter.")),
            };
            if place.is_some() {
                return Err(incomplete("Authorization header has a parameter twice."));
            }
        }
        let (Some(credential), Some(signed_headers), Some(signature)) =
            (credential, signed_headers, signature)
        else {
            let missing = [
                ("Credential", credential),
                ("Signature", signature),
                ("SignedHeaders", signed_headers),
            ];
            let sentences: Vec<String> = missing
                .iter()
                .filter(|(_, value)| value.is_none())
                .map(|(name, _)| format!("Authorization header requires '{name}' parameter."))
                .collect();
            return Err(incomplete(sentences.join(" ")));
        };
        let elements: Vec<&str> = credential.split('/').collect();
        let [access_key_id, date, region, service, terminator] = elements[..] else {
            return Err(incomplete(
                "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term.",
            ));
        };
        Ok(Self {
            access_key_id,
            scope: Scope {
                date,
                region,
                service,
                terminator,
            },
            signed_headers: signed_headers.split(';').collect(),
            signature,
        })
    }
}

/// Refuses a request whose date is more than five minutes off.
fn check_window(signed_at: i64, now: i64) -> Result<(), Refusal> {
    let window = WINDOW_MINUTES * 60;
    let words = |state, relation, limit, sign| {
        let (signed_at, limit, now) =
            (date::basic(signed_at), date::basic(limit), date::basic(now));
        Err(invalid_signature(format!(
            "Signature {state}: {signed_at} is {relation} than {limit} ({now} {sign} {WINDOW_MINUTES} min.)"
        )))
    };
    if signed_at < now - window {
        return words("expired", "now earlier", now - window, '-');
    }
    if signed_at > now + window {
        return words("not yet current", "still later", now + window, '+');
    }
    Ok(())
}

/// Refuses a request that leaves `host` or an `x-amz-*` header unsigned: whoever
/// stands between could change it.
fn check_signed_headers(signed: &[&str], headers: &HeaderMap) -> Result<(), Refusal> {
    if !signed.contains(&"host") {
        return Err(invalid_signature(
            "'host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.",
        ));
    }
    for name in headers.keys().map(HeaderName::as_str) {
        if name.starts_with("x-amz-") && !signed.contains(&name) {
            return Err(invalid_signature(format!(
                "'{name}' must be a 'SignedHeader' in the AWS Authorization."
            )));
        }
    }
    Ok(())
}

/// The canonical request: method, path, query, signed headers with their names,
/// and the payload's hash, a line each. Header values need not be text.
pub(super) fn canonical_request(request: &Received<'_>, signed_headers: &[&str]) -> Vec<u8> {
    let mut canonical = Vec::with_capacity(512);
    for line in [
        request.method,
        &canonical_path(request.path),
        &canonical_query(request.query),
    ] {
        canonical.extend_from_slice(line.as_bytes());
        canonical.push(b'\n');
    }
    for name in signed_headers {
        canonical.extend_from_slice(name.as_bytes());
        canonical.push(b':');
        for (index, value) in request.headers.get_all(*name).iter().enumerate() {
            if index > 0 {
                canonical.push(b',');
            }
            push_collapsed(&mut canonical, value.as_bytes());
        }
        canonical.push(b'\n');
    }
    canonical.push(b'\n');
    canonical.extend_from_slice(signed_headers.join(";").as_bytes());
    canonical.push(b'\n');
    canonical.extend_from_slice(hex(&Sha256::digest(request.payload)).as_bytes());
    canonical
}

/// Date, scope and the canonical request's hash, a line each.
pub(super) fn string_to_sign(canonical: &[u8], amz_date: &str, scope: &Scope<'_>) -> String {
    format!(
        "{ALGORITHM}\n{amz_date}\n{}/{}/{}/{}\n{}",
        scope.date,
        scope.region,
        scope.service,
        scope.terminator,
        hex(&Sha256::digest(canonical))
    )
}

/// The key of one day, region and service.
pub(super) fn signing_key(secret: &str, date: &str, region: &str, service: &str) -> [u8; 32] {
    let day = hmac(format!("AWS4{secret}").as_bytes(), date.as_bytes());
    let region = hmac(&day, region.as_bytes());
    let service = hmac(&region, service.as_bytes());
    hmac(&service, TERMINATOR.as_bytes())
}

/// The path without empty and dot segments, each segment encoded once more than
/// on the wire: every service but S3 encodes twice.
fn canonical_path(path: &str) -> String {
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            _ => segments.push(segment),
        }
    }
    let mut normal = format!("/{}", segments.join("/"));
    if !segments.is_empty() && path.ends_with('/') {
        normal.push('/');
    }
    percent_encode(normal.as_bytes(), &PATH).to_string()
}

/// The query's names and values encoded by RFC 3986 and sorted by their bytes.
fn canonical_query(query: &str) -> String {
    let encode = |text: &str| {
        let decoded: Vec<u8> = percent_decode_str(text).collect();
        percent_encode(&decoded, &UNRESERVED).to_string()
    };
    let mut pairs: Vec<(String, String)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (encode(name), encode(value))
        })
        .collect();
    pairs.sort();
    let pairs: Vec<String> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("&")
}

/// Appends a header value without the spaces around it and with one space for
/// each run of them inside.
fn push_collapsed(out: &mut Vec<u8>, value: &[u8]) {
    let mut words = value.split(|b| *b == b' ').filter(|word| !word.is_empty());
    if let Some(first) = words.next() {
        out.extend_from_slice(first);
    }
    for word in words {
        out.push(b' ');
        out.extend_from_slice(word);
    }
}

/// The value of a header that may stand once only, and must be text.
fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>, Refusal> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    match (value.to_str(), values.next()) {
        (Ok(text), None) => Ok(Some(text)),
        _ => Err(incomplete(format!(
            "The header '{name}' must be there once, in ASCII."
        ))),
    }
}

#[allow(
    clippy::expect_used,
    reason = "HMAC takes keys of every length (RFC 2104); the Result serves other MACs"
)]
pub(super) fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// Lower-case hexadecimal.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 0xf])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

/// Compares in a time that depends on the lengths only, so that a signature
/// cannot be guessed byte by byte.
fn same(a: &[u8], b: &[u8]) -> bool {
    let difference = a.iter().zip(b).fold(0, |all, (x, y)| all | (x ^ y));
    a.len() == b.len() && std::hint::black_box(difference) == 0
}

fn invalid_signature(message: impl Into<Cow<'static, str>>) -> Refusal {
    Refusal::front_end(StatusCode::FORBIDDEN, "InvalidSignatureException", message)
}

fn incomplete(message: impl Into<Cow<'static, str>>) -> Refusal {
    Refusal::front_end(
        StatusCode::BAD_REQUEST,
        "IncompleteSignatureException",
        message,
    )
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;
    use crate::tests::Signer;

    /// 2015-08-30T12:36:00Z, the time of the published vectors.
    const VECTOR_TIME: i64 = 1_440_938_160;
    const TOKEN: &str = "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267";

    /// A signed request with its published signature.
    struct Vector {
        name: &'static str,
        service: &'static str,
        method: &'static str,
        path: &'static str,
        query: &'static str,
        /// Besides `X-Amz-Date` and `Authorization`.
        headers: &'static [(&'static str, &'static str)],
        signed_headers: &'static str,
        payload: &'static str,
        signature: &'static str,
    }

    const GET: Vector = Vector {
        name: "get-vanilla",
        service: "service",
        method: "GET",
        path: "/",
        query: "",
        headers: &[("host", "example.amazonaws.com")],
        signed_headers: "host;x-amz-date",
        payload: "",
        signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
    };

    /// Of the AWS signing test suite, and the ListUsers example of the IAM User
    /// Guide.
    const VECTORS: &[Vector] = &[
        GET,
        Vector {
            name: "post-vanilla-query",
            method: "POST",
            query: "Param1=value1",
            signature: "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11",
            ..GET
        },
        Vector {
            name: "get-vanilla-query-order-encoded",
            query: "Param-3=Value3&Param=Value2&%E1%88%B4=Value1",
            signature: "371d3713e185cc334048618a97f809c9ffe339c62934c032af5a0e595648fcac",
            ..GET
        },
        Vector {
            name: "get-vanilla-query-order-key-case",
            query: "Param2=value2&Param1=value1",
            signature: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
            ..GET
        },
        Vector {
            name: "get-utf8",
            path: "/\u{1234}",
            signature: "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85",
            ..GET
        },
        Vector {
            name: "get-slashes-normalized",
            path: "//example//",
            signature: "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84",
            ..GET
        },
        Vector {
            name: "get-relative-relative-normalized",
            path: "/example1/example2/../..",
            ..GET
        },
        Vector {
            name: "get-slash-dot-slash-normalized",
            path: "/./",
            ..GET
        },
        Vector {
            name: "get-header-value-trim",
            headers: &[
                ("host", "example.amazonaws.com"),
                ("my-header1", " value1"),
                ("my-header2", " \"a   b   c\""),
            ],
            signed_headers: "host;my-header1;my-header2;x-amz-date",
            signature: "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
            ..GET
        },
        Vector {
            name: "get-header-key-duplicate",
            headers: &[
                ("host", "example.amazonaws.com"),
                ("my-header1", "value2"),
                ("my-header1", "value2"),
                ("my-header1", "value1"),
            ],
            signed_headers: "host;my-header1;x-amz-date",
            signature: "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea",
            ..GET
        },
        Vector {
            name: "get-vanilla-with-session-token",
            headers: &[
                ("host", "example.amazonaws.com"),
                ("x-amz-security-token", TOKEN),
            ],
            signed_headers: "host;x-amz-date;x-amz-security-token",
            signature: "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8",
            ..GET
        },
        Vector {
            name: "post-x-www-form-urlencoded",
            method: "POST",
            headers: &[
                ("host", "example.amazonaws.com"),
                ("content-type", "application/x-www-form-urlencoded"),
                ("content-length", "13"),
                (
                    "x-amz-content-sha256",
                    "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e",
                ),
            ],
            signed_headers: "content-length;content-type;host;x-amz-content-sha256;x-amz-date",
            payload: "Param1=value1",
            signature: "d3875051da38690788ef43de4db0d8f280229d82040bfac253562e56c3f20e0b",
            ..GET
        },
        Vector {
            name: "ListUsers",
            service: "iam",
            query: "Action=ListUsers&Version=2010-05-08",
            headers: &[
                ("host", "iam.amazonaws.com"),
                (
                    "content-type",
                    "application/x-www-form-urlencoded; charset=utf-8",
                ),
            ],
            signed_headers: "content-type;host;x-amz-date",
            signature: "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7",
            ..GET
        },
    ];

    impl Vector {
        fn verify(&self, signature: &str) -> Result<(), Refusal> {
            let mut headers = HeaderMap::new();
            for (name, value) in self.headers {
                let name = HeaderName::from_static(name);
                headers.append(name, HeaderValue::from_static(value));
            }
            let authorization = format!(
                "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/{}/aws4_request, SignedHeaders={}, Signature={signature}",
                self.service, self.signed_headers
            );
            headers.insert(X_AMZ_DATE, HeaderValue::from_static("20150830T123600Z"));
            headers.insert(header::AUTHORIZATION, authorization.parse().unwrap());
            let token = headers.get(&X_AMZ_SECURITY_TOKEN);
            let credentials = Credentials {
                access_key_id: "AKIDEXAMPLE".to_owned(),
                // With '+' where the other example key has '/'.
                secret_access_key: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".to_owned(),
                session_token: token.map(|token| token.to_str().unwrap().to_owned()),
            };
            let verifier = Verifier::new("us-east-1".to_owned(), self.service, credentials, None);
            let request = Received {
                method: self.method,
                path: self.path,
                query: self.query,
                headers: &headers,
                payload: self.payload.as_bytes(),
            };
            verifier.verify(&request, VECTOR_TIME)
        }
    }

    #[test]
    fn published_signatures_are_accepted() {
        for vector in VECTORS {
            assert_eq!(vector.verify(vector.signature), Ok(()), "{}", vector.name);
        }
    }

    #[test]
    fn published_signatures_changed_in_any_way_are_refused() {
        for vector in VECTORS {
            let tail = &vector.signature[1..];
            let head = &vector.signature[..63];
            let other = if vector.signature.starts_with('0') {
                '1'
            } else {
                '0'
            };
            for signature in [
                format!("{other}{tail}"),
                head.to_owned(),
                format!("{}0", vector.signature),
                vector.signature.to_ascii_uppercase(),
                String::new(),
            ] {
                let refusal = vector.verify(&signature).unwrap_err();
                assert_eq!(refusal.code, "InvalidSignatureException", "{}", vector.name);
            }
        }
    }

    #[test]
    fn the_path_is_encoded_once_more_than_on_the_wire() {
        let table = [
            // "double-encode-path" and "double-url-encode" of the suite.
            (
                "/test/@connections/JBDvjfGEIAMCERw%3D",
                "/test/%40connections/JBDvjfGEIAMCERw%253D",
            ),
            (
                "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-west-2%3A892717189312%3Afunction%3Amy-rusty-fun/invocations",
                "/2015-03-31/functions/arn%253Aaws%253Alambda%253Aus-west-2%253A892717189312%253Afunction%253Amy-rusty-fun/invocations",
            ),
            // A colon that is sent as it is.
            (
                "/2015-03-31/functions/echo:PROD/invocations",
                "/2015-03-31/functions/echo%3APROD/invocations",
            ),
            ("/a%24b~c", "/a%2524b~c"),
            ("", "/"),
            ("/..", "/"),
        ];
        for (path, canonical) in table {
            assert_eq!(canonical_path(path), canonical);
        }
    }

    #[test]
    fn the_query_is_decoded_encoded_and_sorted() {
        let table = [
            ("", ""),
            ("Qualifier=%24LATEST", "Qualifier=%24LATEST"),
            ("Qualifier=$LATEST", "Qualifier=%24LATEST"),
            ("b=2&a=1&a=0", "a=0&a=1&b=2"),
            ("a+b=c%20d", "a%2Bb=c%20d"),
            ("key&&x=", "key=&x="),
            ("a=b=c", "a=b%3Dc"),
            ("a=%zz%", "a=%25zz%25"),
        ];
        for (query, canonical) in table {
            assert_eq!(canonical_query(query), canonical, "{query}");
        }
    }

    /// 2026-08-30T12:36:00Z
    const NOW: i64 = 1_788_093_360;
    const PATH: &str = "/2015-03-31/functions/echo%3APROD/invocations";

    fn verify(verifier: &Verifier, headers: &HeaderMap, payload: &[u8]) -> Result<(), Refusal> {
        let request = Received {
            method: "POST",
            path: PATH,
            query: "",
            headers,
            payload,
        };
        verifier.verify(&request, NOW)
    }

    fn verifier(credentials: Credentials) -> Verifier {
        Verifier::new("us-east-1".to_owned(), "lambda", credentials, None)
    }

    fn signer() -> Signer {
        Signer {
            time: NOW,
            ..Signer::default()
        }
    }

    fn signed(signer: &Signer) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert("host", HeaderValue::from_static("127.0.0.1:9001"));
        headers.insert("x-amz-tenant-id", HeaderValue::from_static("a  b"));
        signer.sign("POST", PATH, "", &mut headers, b"{}");
        headers
    }

    /// What a request is refused with after `change`, as (code, message).
    fn refused(signer: &Signer, change: impl FnOnce(&mut HeaderMap)) -> (String, String) {
        let mut headers = signed(signer);
        change(&mut headers);
        let refusal = verify(&verifier(Credentials::default()), &headers, b"{}").unwrap_err();
        let status = match &*refusal.code {
            "IncompleteSignatureException" => 400,
            _ => 403,
        };
        assert_eq!(refusal.status.as_u16(), status);
        (refusal.code.into_owned(), refusal.message.into_owned())
    }

    #[test]
    fn a_rightly_signed_request_is_accepted() {
        let headers = signed(&signer());
        let verifier = verifier(Credentials::default());
        assert_eq!(verify(&verifier, &headers, b"{}"), Ok(()));
        // Headers that need no signature may be added on the way.
        let mut headers = headers;
        headers.insert("x-amzn-trace-id", HeaderValue::from_static("Root=1-2-3"));
        headers.insert("amz-sdk-request", HeaderValue::from_static("attempt=1"));
        headers.insert("user-agent", HeaderValue::from_static("test"));
        assert_eq!(verify(&verifier, &headers, b"{}"), Ok(()));
    }

    #[test]
    fn the_signing_key_follows_the_day() {
        let verifier = verifier(Credentials::default());
        for (time, clock) in [(NOW, NOW), (NOW + 86_400, NOW + 86_400), (NOW, NOW)] {
            let headers = signed(&Signer { time, ..signer() });
            let request = Received {
                method: "POST",
                path: PATH,
                query: "",
                headers: &headers,
                payload: b"{}",
            };
            assert_eq!(verifier.verify(&request, clock), Ok(()));
        }
    }

    #[test]
    fn a_wrong_secret_is_refused() {
        let mut wrong = signer();
        wrong.credentials.secret_access_key.push('x');
        let (code, message) = refused(&wrong, |_| ());
        assert_eq!(code, "InvalidSignatureException");
        assert_eq!(
            message,
            "The request signature we calculated does not match the signature you provided. \
             Check your AWS Secret Access Key and signing method. \
             Consult the service documentation for details."
        );
    }

    #[test]
    fn a_changed_body_is_refused() {
        let headers = signed(&signer());
        let refusal = verify(&verifier(Credentials::default()), &headers, b"{ }").unwrap_err();
        assert_eq!(refusal.code, "InvalidSignatureException");
    }

    #[test]
    fn a_changed_signed_header_is_refused() {
        for (name, value) in [
            ("x-amz-tenant-id", "another"),
            ("host", "127.0.0.1:9002"),
            ("x-amz-date", "20260830T123601Z"),
        ] {
            let (code, _) = refused(&signer(), |headers| {
                headers.insert(name, HeaderValue::from_static(value));
            });
            assert_eq!(code, "InvalidSignatureException", "{name}");
        }
        let (code, _) = refused(&signer(), |headers| {
            headers.remove("x-amz-tenant-id");
        });
        assert_eq!(code, "InvalidSignatureException");
        let (code, _) = refused(&signer(), |headers| {
            headers.append("x-amz-tenant-id", HeaderValue::from_static("more"));
        });
        assert_eq!(code, "InvalidSignatureException");
    }

    #[test]
    fn spaces_inside_a_value_count_as_one() {
        let mut headers = signed(&signer());
        headers.insert("x-amz-tenant-id", HeaderValue::from_static("a   b"));
        let verifier = verifier(Credentials::default());
        assert_eq!(verify(&verifier, &headers, b"{}"), Ok(()));
    }

    #[test]
    fn an_unsigned_amz_header_is_refused() {
        for name in ["x-amz-log-type", "x-amz-invocation-type", "x-amz-anything"] {
            let (code, message) = refused(&signer(), |headers| {
                headers.insert(name, HeaderValue::from_static("Tail"));
            });
            assert_eq!(code, "InvalidSignatureException");
            assert_eq!(
                message,
                format!("'{name}' must be a 'SignedHeader' in the AWS Authorization.")
            );
        }
    }

    #[test]
    fn an_unsigned_host_is_refused() {
        let (code, message) = refused(&signer(), |headers| {
            let text = headers["authorization"].to_str().unwrap();
            let text = text.replace("SignedHeaders=host;", "SignedHeaders=");
            headers.insert("authorization", text.parse().unwrap());
        });
        assert_eq!(code, "InvalidSignatureException");
        assert!(message.starts_with("'host'"), "{message}");
    }

    #[test]
    fn a_clock_six_minutes_off_is_refused_and_five_is_not() {
        let at = |offset: i64| Signer {
            time: NOW + offset,
            ..Signer::default()
        };
        assert_eq!(
            refused(&at(-360), |_| ()),
            (
                "InvalidSignatureException".to_owned(),
                "Signature expired: 20260830T123000Z is now earlier than 20260830T123100Z (20260830T123600Z - 5 min.)".to_owned()
            )
        );
        assert_eq!(
            refused(&at(360), |_| ()),
            (
                "InvalidSignatureException".to_owned(),
                "Signature not yet current: 20260830T124200Z is still later than 20260830T124100Z (20260830T123600Z + 5 min.)".to_owned()
            )
        );
        let verifier = verifier(Credentials::default());
        for offset in [-300, 300] {
            assert_eq!(verify(&verifier, &signed(&at(offset)), b"{}"), Ok(()));
        }
    }

    #[test]
    fn a_wrong_scope_is_refused() {
        let region = Signer {
            region: "eu-west-1",
            ..signer()
        };
        let service = Signer {
            service: "s3",
            ..signer()
        };
        for (signer, message) in [
            (region, "Credential should be scoped to a valid region."),
            (
                service,
                "Credential should be scoped to correct service: 'lambda'.",
            ),
        ] {
            let (code, text) = refused(&signer, |_| ());
            assert_eq!(code, "InvalidSignatureException");
            assert!(text.starts_with(message), "{text}");
        }
        for (from, to) in [("aws4_request", "aws5_request"), ("20260830/", "20260831/")] {
            let (code, text) = refused(&signer(), |headers| {
                let authorization = headers["authorization"].to_str().unwrap();
                let authorization = authorization.replace(from, to);
                headers.insert("authorization", authorization.parse().unwrap());
            });
            assert_eq!(code, "InvalidSignatureException");
            assert!(text.contains("scope") || text.contains("Scope"), "{text}");
        }
    }

    #[test]
    fn an_unsigned_request_is_told_so() {
        let (code, message) = refused(&signer(), |headers| {
            headers.remove("authorization");
        });
        assert_eq!(code, "MissingAuthenticationTokenException");
        assert_eq!(message, "Missing Authentication Token");
    }

    #[test]
    fn a_garbled_authorization_is_told_what_it_lacks() {
        let table = [
            ("", "Unsupported AWS 'algorithm'"),
            ("Bearer secret-token", "Unsupported AWS 'algorithm'"),
            (
                "AWS4-HMAC-SHA512 Credential=a",
                "Unsupported AWS 'algorithm'",
            ),
            (
                "AWS4-HMAC-SHA256",
                "Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter.",
            ),
            (
                "AWS4-HMAC-SHA256 Credential=a/20260830/us-east-1/lambda/aws4_request, SignedHeaders=host",
                "Authorization header requires 'Signature' parameter.",
            ),
            (
                "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=0",
                "Credential must have exactly 5 slash-delimited elements",
            ),
            (
                "AWS4-HMAC-SHA256 Credential=a, Credential=b, Signature=0",
                "Authorization header has a parameter twice.",
            ),
            (
                "AWS4-HMAC-SHA256 secret-token",
                "Authorization header has an unknown parameter.",
            ),
        ];
        for (authorization, expected) in table {
            let (code, message) = refused(&signer(), |headers| {
                headers.insert("authorization", HeaderValue::from_static(authorization));
            });
            assert_eq!(code, "IncompleteSignatureException");
            assert!(message.starts_with(expected), "{authorization}: {message}");
            assert!(!message.contains("secret-token"), "{message}");
        }
    }

    #[test]
    fn headers_of_the_signature_must_be_there_once_and_be_text() {
        for name in ["authorization", "x-amz-date"] {
            let (code, _) = refused(&signer(), |headers| {
                let value = headers[name].clone();
                headers.append(name, value);
            });
            assert_eq!(code, "IncompleteSignatureException", "{name} twice");
            let (code, _) = refused(&signer(), |headers| {
                headers.insert(name, HeaderValue::from_bytes(b"\xff").unwrap());
            });
            assert_eq!(code, "IncompleteSignatureException", "{name} not text");
        }
        let (code, _) = refused(&signer(), |headers| {
            headers.remove("x-amz-date");
        });
        assert_eq!(code, "IncompleteSignatureException");
        let (code, _) = refused(&signer(), |headers| {
            headers.insert(
                "x-amz-date",
                HeaderValue::from_static("2026-08-30T12:36:00Z"),
            );
        });
        assert_eq!(code, "IncompleteSignatureException");
    }

    #[test]
    fn an_unknown_key_or_a_token_that_does_not_fit_is_refused() {
        let with_token = |token: Option<&str>| Credentials {
            session_token: token.map(str::to_owned),
            ..Credentials::default()
        };
        let unknown = Credentials {
            access_key_id: "AKIDEXAMPLE".to_owned(),
            ..Credentials::default()
        };
        let table = [
            (with_token(None), with_token(None), true),
            (with_token(Some("t")), with_token(Some("t")), true),
            (with_token(Some("t")), with_token(None), false),
            (with_token(Some("t")), with_token(Some("u")), false),
            (with_token(Some("t")), with_token(Some("tt")), false),
            (with_token(None), with_token(Some("t")), false),
            (with_token(None), unknown, false),
        ];
        for (row, (known, used, accepted)) in table.into_iter().enumerate() {
            let headers = signed(&Signer {
                credentials: used,
                ..signer()
            });
            let result = verify(&verifier(known), &headers, b"{}");
            let code = result.as_ref().map_err(|refusal| &*refusal.code);
            let expected = if accepted {
                Ok(&())
            } else {
                Err("UnrecognizedClientException")
            };
            assert_eq!(code, expected, "row {row}");
        }
    }

    #[test]
    fn a_session_that_has_ended_is_refused() {
        let credentials = Credentials {
            session_token: Some(TOKEN.to_owned()),
            ..Credentials::default()
        };
        let headers = signed(&Signer {
            credentials: credentials.clone(),
            ..signer()
        });
        for (end, accepted) in [(NOW + 1, true), (NOW, false)] {
            let verifier = Verifier::new(
                "us-east-1".to_owned(),
                "lambda",
                credentials.clone(),
                Some(end),
            );
            match verify(&verifier, &headers, b"{}") {
                Ok(()) => assert!(accepted),
                Err(refusal) => {
                    assert!(!accepted);
                    assert_eq!(refusal.code, "ExpiredTokenException");
                    assert_eq!(
                        refusal.message,
                        "The security token included in the request is expired"
                    );
                }
            }
        }
    }
}
