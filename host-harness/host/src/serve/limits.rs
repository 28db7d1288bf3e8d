//! How many requests are answered at the same time, in all and of one token.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http::HeaderMap;
use http::header::AUTHORIZATION;
use sha2::{Digest as _, Sha256};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::route::Route;

/// Places that only questions for the service's health take: what asks them must not take a busy
/// service for a dead one.
pub(super) const HEALTH: u32 = 8;

/// A token, by its hash.
type Token = [u8; 32];

/// The limits, and what is under way.
pub(super) struct Limits {
    places: Arc<Semaphore>,
    health: Arc<Semaphore>,
    per_token: u32,
    tokens: Arc<Mutex<HashMap<Token, u32>>>,
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
    _permit: OwnedSemaphorePermit,
    tokens: Vec<Token>,
    counts: Arc<Mutex<HashMap<Token, u32>>>,
}

impl Limits {
    pub(super) fn new(all: u32, per_token: u32) -> Self {
        let places = |many: u32| {
            let many = usize::try_from(many).unwrap_or(usize::MAX);
            Arc::new(Semaphore::new(many.min(Semaphore::MAX_PERMITS)))
        };
        Self {
            places: places(all),
            health: places(HEALTH),
            per_token,
            tokens: Arc::default(),
        }
    }

    /// A place for a request, at once or not at all.
    pub(super) fn place(&self, route: Route, headers: &HeaderMap) -> Result<Place, Full> {
        let places = match route {
            Route::Health => &self.health,
            _ => &self.places,
        };
        let permit = Arc::clone(places).try_acquire_owned();
        let permit = permit.map_err(|_| Full::All)?;
        let tokens = tokens(headers);
        let mut counts = lock(&self.tokens);
        let count = |token: &Token| counts.get(token).copied().unwrap_or(0);
        if tokens.iter().any(|token| count(token) >= self.per_token) {
            return Err(Full::Token);
        }
        for token in &tokens {
            let count = counts.entry(*token).or_default();
            *count = count.saturating_add(1);
        }
        drop(counts);
        Ok(Place {
            _permit: permit,
            tokens,
            counts: Arc::clone(&self.tokens),
        })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = lock(&self.counts);
        for token in &self.tokens {
            if let Some(count) = counts.get_mut(token) {
                *count = count.saturating_sub(1);
                if *count == 0 {
                    counts.remove(token);
                }
            }
        }
    }
}

fn lock(counts: &Mutex<HashMap<Token, u32>>) -> MutexGuard<'_, HashMap<Token, u32>> {
    counts.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Every token of a request, right or wrong, each once. The component lets a request through for
/// one that is right, so a wrong one beside it must not hide it.
fn tokens(headers: &HeaderMap) -> Vec<Token> {
    let bearers = headers.get_all(AUTHORIZATION).iter().filter_map(|value| {
        let (scheme, token) = value.as_bytes().split_at_checked(7)?;
        let is_bearer = scheme.eq_ignore_ascii_case(b"bearer ");
        is_bearer.then(|| token.trim_ascii())
    });
    let session = headers.get_all("x-amz-security-token").iter();
    let mut tokens: Vec<Token> = bearers
        .chain(session.map(|value| value.as_bytes()))
        .map(|token| Sha256::digest(token).into())
        .collect();
    tokens.sort_unstable();
    tokens.dedup();
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    #[test]
    fn a_token_is_one_wherever_it_stands() {
        let one = headers(&[("authorization", "Bearer a")]);
        for same in [
            &[("authorization", "bearer  a ")][..],
            &[("x-amz-security-token", "a")],
            &[("x-amz-security-token", "a"), ("authorization", "Bearer a")],
            &[("authorization", "AWS4-HMAC-SHA256 x"), ("x-amz-security-token", "a")],
        ] {
            assert_eq!(tokens(&headers(same)), tokens(&one), "{same:?}");
        }
        assert!(tokens(&headers(&[("authorization", "Basic a")])).is_empty());
    }

    #[test]
    fn places_are_limited_in_all_and_by_token_and_health_has_its_own() {
        let limits = Limits::new(3, 2);
        let [a, b, both, none] = [
            headers(&[("authorization", "Bearer a")]),
            headers(&[("authorization", "Bearer b")]),
            headers(&[("authorization", "Bearer c"), ("x-amz-security-token", "a")]),
            headers(&[]),
        ];
        let place = |headers| limits.place(Route::Invoke, headers);
        let first = place(&a).ok().unwrap();
        let _second = place(&a).ok().unwrap();
        assert_eq!(place(&a).err(), Some(Full::Token));
        // Another token beside it changes nothing.
        assert_eq!(place(&both).err(), Some(Full::Token));
        let other = place(&b).ok().unwrap();
        assert_eq!(place(&b).err(), Some(Full::All));
        assert_eq!(place(&none).err(), Some(Full::All));
        assert!(limits.place(Route::Health, &none).is_ok());
        drop(first);
        assert!(place(&both).is_ok());
        drop(other);
        drop(place(&none));
        assert_eq!(lock(&limits.tokens).len(), 1);
    }
}
