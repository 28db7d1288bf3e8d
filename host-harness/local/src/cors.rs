//! Pages in a browser: it asks before it sends a signed request to another origin than the
//! page's, and hands out an answer only where that says so (the Fetch standard's CORS protocol).
//!
//! Any page may ask: who has the endpoint's credentials can call it anyhow, and no other request
//! is answered.

use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD,
    HeaderMap, HeaderValue, ORIGIN,
};
use http::{Method, Request, Response, StatusCode};

use super::reply::{self, Body};

/// Whether a page has it sent.
pub(super) fn is_from_page<B>(request: &Request<B>) -> bool {
    request.headers().contains_key(ORIGIN)
}

/// The answer to a browser that asks what it may send.
pub(super) fn preflight<B>(request: &Request<B>) -> Option<Response<Body>> {
    let headers = request.headers();
    if request.method() != Method::OPTIONS
        || !is_from_page(request)
        || !headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
    {
        return None;
    }
    let mut response = reply::empty(StatusCode::OK);
    allow(response.headers_mut());
    let allowed = response.headers_mut();
    allowed.insert(
        ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("POST"),
    );
    // `*` does not stand for `authorization`.
    if let Some(asked) = headers.get(ACCESS_CONTROL_REQUEST_HEADERS) {
        allowed.insert(ACCESS_CONTROL_ALLOW_HEADERS, asked.clone());
    }
    Some(response)
}

/// Lets a page read the answer, its headers included.
pub(super) fn allow(headers: &mut HeaderMap) {
    for name in [ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS] {
        headers.insert(name, HeaderValue::from_static("*"));
    }
}
