//! The canonical form of a request, which a signature covers.
//!
//! It is built from what arrived, by the published rules ("Create a signed AWS API
//! request", IAM User Guide), and shares no code with the signer in the component: a
//! mistake made there must not be made here too.

use http::HeaderMap;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, percent_encode};
use sha2::{Digest as _, Sha256};

use super::ALGORITHM;
use super::authorization::Scope;

/// The unreserved characters of RFC 3986 stay; all else is encoded.
const UNRESERVED: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');
/// As [`UNRESERVED`], for a path whose segments are encoded one by one.
const PATH: AsciiSet = UNRESERVED.remove(b'/');

/// The part of a request that is signed, as it came off the wire.
pub(crate) struct Received<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) payload: &'a [u8],
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
    canonical.extend_from_slice(hex::encode(Sha256::digest(request.payload)).as_bytes());
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
        hex::encode(Sha256::digest(canonical))
    )
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

#[cfg(test)]
mod tests {
    use super::*;

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
}
