//! What a request asks for, as far as it matters here: the component routes it.

use http::Method;

/// Kinds of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Route {
    /// The service's health.
    Health,
    /// An invocation, by a plain HTTP client.
    Invoke,
    /// An invocation, by an AWS SDK.
    Api,
    /// Anything else.
    Other,
}

impl Route {
    /// All of them.
    pub(super) const ALL: [Self; 4] = [Self::Health, Self::Invoke, Self::Api, Self::Other];

    pub(super) fn of(method: &Method, path: &str) -> Self {
        match path {
            "/healthz" => Self::Health,
            _ if method != Method::POST => Self::Other,
            _ => call(path).map_or(Self::Other, |(_, route, _)| *route),
        }
    }

    /// Its name in logs and metrics.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Health => "healthz",
            Self::Invoke => "invoke",
            Self::Api => "api",
            Self::Other => "other",
        }
    }

    /// Whether it may become a call, which needs credentials.
    pub(super) fn is_call(self) -> bool {
        matches!(self, Self::Invoke | Self::Api)
    }
}

/// Whether what is asked for with this path is streamed.
pub(super) fn is_stream(path: &str) -> bool {
    call(path).is_some_and(|(_, _, is_stream)| *is_stream)
}

/// How the paths of calls begin, what they are, and whether their answers are streamed.
const CALLS: [(&str, Route, bool); 4] = [
    ("/invoke/", Route::Invoke, false),
    ("/stream/", Route::Invoke, true),
    ("/2015-03-31/functions/", Route::Api, false),
    ("/2021-11-15/functions/", Route::Api, true),
];

fn call(path: &str) -> Option<&'static (&'static str, Route, bool)> {
    CALLS.iter().find(|(prefix, ..)| path.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_told_by_method_and_path() {
        for (method, path, expected) in [
            (Method::GET, "/healthz", Route::Health),
            (Method::POST, "/healthz", Route::Health),
            (Method::POST, "/invoke/f", Route::Invoke),
            (Method::GET, "/invoke/f", Route::Other),
            (Method::POST, "/stream/f", Route::Invoke),
            (
                Method::POST,
                "/2021-11-15/functions/f/response-streaming-invocations",
                Route::Api,
            ),
            (
                Method::POST,
                "/2015-03-31/functions/f/invocations",
                Route::Api,
            ),
            (Method::POST, "/2015-03-31/layers", Route::Other),
            (Method::POST, "/", Route::Other),
        ] {
            assert_eq!(Route::of(&method, path), expected, "{method} {path}");
        }
    }
}
