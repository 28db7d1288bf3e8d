//! How many requests are answered at the same time, in all and of one token.

use std::hint::black_box;
use std::sync::Arc;

use http::HeaderMap;
use http::header::AUTHORIZATION;
use sha2::{Digest as _, Sha256};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::route::Route;

/// Places for requests that call nothing: without a token that counts, or for no invocation. They
/// are answered in less than a millisecond, so they wait for a place; and they take none of those
/// that callers need.
const BRIEF: u32 = 32;
/// Places for the service's health. Nobody else takes them, or it would seem dead.
const HEALTH: u32 = 8;
/// All that are not for callers.
pub(super) const BESIDE_CALLERS: u32 = BRIEF + HEALTH;

/// Variables of the component that hold the tokens of callers.
const TOKENS: [&str; 2] = [
    "LAMBDA_INVOCATION_TOKEN",
    "LAMBDA_INVOCATION_TOKEN_PREVIOUS",
];
/// The variable that lets callers do without.
const ALLOW_UNAUTHENTICATED: &str = "LAMBDA_INVOCATION_ALLOW_UNAUTHENTICATED";

/// A token, by its hash.
type Token = [u8; 32];

/// The limits, and what is under way.
pub(super) struct Limits {
    callers: Arc<Semaphore>,
    brief: Arc<Semaphore>,
    health: Arc<Semaphore>,
    tokens: Vec<(Token, Arc<Semaphore>)>,
    /// Whether callers need no token.
    is_open: bool,
}

/// Why there is no place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Full {
    /// There is none for anybody.
    All,
    /// One of the tokens of the request has all that it may have.
    Token,
}

/// A place, until it is dropped.
pub(super) struct Place {
    /// Whether it is a caller's, of whom the component may make a call.
    pub(super) is_callers: bool,
    _permits: Vec<OwnedSemaphorePermit>,
}

impl Limits {
    /// For a component with these variables. It decides who may call; here a token is only told
    /// from one that is none.
    pub(super) fn new(all: u32, per_token: u32, variables: &[(String, String)]) -> Self {
        let places = |many: u32| {
            let many = usize::try_from(many).unwrap_or(usize::MAX);
            Arc::new(Semaphore::new(many.min(Semaphore::MAX_PERMITS)))
        };
        let tokens = variables
            .iter()
            .filter(|(name, value)| TOKENS.contains(&name.as_str()) && !value.is_empty());
        let is_true = |(name, value): &(String, String)| {
            name == ALLOW_UNAUTHENTICATED && value.eq_ignore_ascii_case("true")
        };
        Self {
            callers: places(all),
            brief: places(BRIEF),
            health: places(HEALTH),
            tokens: tokens
                .map(|(_, token)| (hash(token.as_bytes()), places(per_token)))
                .collect(),
            is_open: variables.iter().any(is_true),
        }
    }

    /// Whether nobody may call.
    pub(super) fn is_closed(&self) -> bool {
        !self.is_open && self.tokens.is_empty()
    }

    /// A place for a request: for a caller at once, or not at all.
    pub(super) async fn place(&self, route: Route, headers: &HeaderMap) -> Result<Place, Full> {
        let given = hashes(headers);
        let tokens: Vec<_> = self
            .tokens
            .iter()
            .filter(|(token, _)| is_among(&given, token))
            .collect();
        let is_callers = route.is_call() && (self.is_open || !tokens.is_empty());
        let mut permits = Vec::new();
        if is_callers {
            let permit = Arc::clone(&self.callers).try_acquire_owned();
            permits.push(permit.map_err(|_| Full::All)?);
            for (_, places) in tokens {
                let permit = Arc::clone(places).try_acquire_owned();
                permits.push(permit.map_err(|_| Full::Token)?);
            }
        } else {
            let places = match route {
                Route::Health => &self.health,
                _ => &self.brief,
            };
            let permit = Arc::clone(places).acquire_owned().await;
            permits.push(permit.map_err(|_| Full::All)?);
        }
        Ok(Place {
            is_callers,
            _permits: permits,
        })
    }
}

/// Whether a token is one of those. The time that it takes depends on how many there are alone.
fn is_among(given: &[Token], token: &Token) -> bool {
    let is_equal = |other: &Token| {
        let pairs = token.iter().zip(other);
        pairs.fold(0, |all, (a, b)| black_box(all | (a ^ b))) == 0
    };
    given.iter().fold(false, |any, given| any | is_equal(given))
}

/// Every token of a request, right or wrong. The component lets a request through for one that is
/// right, so a wrong one beside it must not hide it.
fn hashes(headers: &HeaderMap) -> Vec<Token> {
    let bearers = headers.get_all(AUTHORIZATION).iter().filter_map(|value| {
        let (scheme, token) = value.as_bytes().split_at_checked(7)?;
        let is_bearer = scheme.eq_ignore_ascii_case(b"bearer ");
        is_bearer.then(|| token.trim_ascii())
    });
    let session = headers.get_all("x-amz-security-token").iter();
    let tokens = bearers.chain(session.map(|value| value.as_bytes()));
    tokens.map(hash).collect()
}

fn hash(token: &[u8]) -> Token {
    Sha256::digest(token).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    use std::time::Duration;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    fn limits(all: u32, per_token: u32, variables: &[(&str, &str)]) -> Limits {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let variables: Vec<_> = variables.iter().map(owned).collect();
        Limits::new(all, per_token, &variables)
    }

    #[test]
    fn nobody_may_call_without_a_token_or_leave_to_do_without() {
        let open = ALLOW_UNAUTHENTICATED;
        for (variables, is_closed) in [
            (&[][..], true),
            (&[(TOKENS[0], "")][..], true),
            (&[(open, "false")][..], true),
            (&[(open, "true")][..], false),
            (&[(TOKENS[0], "a")][..], false),
            (&[(TOKENS[1], "a")][..], false),
        ] {
            assert_eq!(
                limits(1, 1, variables).is_closed(),
                is_closed,
                "{variables:?}"
            );
        }
    }

    #[test]
    fn a_token_is_one_wherever_it_stands() {
        for same in [
            &[("authorization", "Bearer a")][..],
            &[("authorization", "bearer  a ")],
            &[("x-amz-security-token", "a")],
            &[
                ("authorization", "AWS4-HMAC-SHA256 x"),
                ("x-amz-security-token", "a"),
            ],
        ] {
            assert_eq!(hashes(&headers(same)), [hash(b"a")], "{same:?}");
        }
        assert!(hashes(&headers(&[("authorization", "Basic a")])).is_empty());
    }

    #[tokio::test]
    async fn callers_are_limited_in_all_and_by_token() {
        let limits = limits(3, 2, &[(TOKENS[0], "a"), (TOKENS[1], "b")]);
        let [a, b, both, beside] = [
            headers(&[("authorization", "Bearer a")]),
            headers(&[("authorization", "Bearer b")]),
            headers(&[("authorization", "Bearer b"), ("x-amz-security-token", "a")]),
            headers(&[("authorization", "Bearer c"), ("x-amz-security-token", "a")]),
        ];
        let place = |headers| limits.place(Route::Invoke, headers);
        let first = place(&a).await.ok().unwrap();
        let _second = place(&a).await.ok().unwrap();
        for headers in [&a, &both, &beside] {
            assert_eq!(place(headers).await.err(), Some(Full::Token));
        }
        let other = place(&b).await.ok().unwrap();
        assert_eq!(place(&b).await.err(), Some(Full::All));
        drop(first);
        assert!(place(&both).await.is_ok());
        drop(other);
    }

    #[tokio::test]
    async fn who_calls_nothing_takes_no_place_of_callers_and_waits() {
        for (variables, is_caller) in [
            (&[(TOKENS[0], "a")][..], false),
            (&[(TOKENS[0], "")], false),
            (&[(ALLOW_UNAUTHENTICATED, "true")], true),
        ] {
            let limits = limits(1, 1, variables);
            let wrong = headers(&[("authorization", "Bearer ")]);
            let held = limits.place(Route::Invoke, &wrong).await.ok().unwrap();
            assert_eq!(held.is_callers, is_caller, "{variables:?}");
            let again = limits.place(Route::Invoke, &wrong).await;
            assert_eq!(again.is_err(), is_caller, "{variables:?}");
            let health = limits.place(Route::Health, &wrong).await.ok().unwrap();
            assert!(!health.is_callers);
        }
        let limits = limits(1, 1, &[]);
        let mut held = Vec::new();
        for _ in 0..BRIEF {
            held.push(limits.place(Route::Invoke, &HeaderMap::new()).await.ok());
        }
        let none = HeaderMap::new();
        // Those who have no token do not make the service seem dead.
        assert!(limits.place(Route::Health, &none).await.is_ok());
        let waiting = limits.place(Route::Other, &none);
        let waited = tokio::time::timeout(Duration::from_millis(20), waiting).await;
        assert!(waited.is_err());
        held.pop();
        assert!(limits.place(Route::Other, &none).await.is_ok());
    }
}
