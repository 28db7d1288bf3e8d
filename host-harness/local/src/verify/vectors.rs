//! Signatures that AWS has published.

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use time::OffsetDateTime;
use time::macros::datetime;

use super::{Received, Verifier, X_AMZ_DATE, X_AMZ_SECURITY_TOKEN};
use crate::credentials::Credentials;
use crate::reply::Refusal;

/// The time of the published vectors.
const TIME: OffsetDateTime = datetime!(2015-08-30 12:36:00 UTC);
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
        verifier.verify(&request, TIME)
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
