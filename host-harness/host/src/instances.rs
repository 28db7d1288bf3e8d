//! Instances kept from one call to the next, where the embedder asks for it.
//!
//! A kept instance saves making one: a third of a small call where no spare is ready. What
//! it may not do is carry anything from a caller to another, so an instance is kept only
//! after a call that
//!
//! - ended with an answer: not with a trap, nor at a limit, nor dropped half-way;
//! - left no handle behind and asked for no more memory than there is;
//! - was no `ephemeral.open`, which promises to leave nothing;
//! - did not grow it beyond [`MAX_KEPT_MEMORY`];
//!
//! and is used again only for a call with the same credentials, at most [`MAX_USES`]
//! times, and not after it has lain unused for longer than connections do.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use lambda_invocation_core::call::connection::Connection;
use sha2::{Digest as _, Sha256};
use wasmtime::Store;

use crate::plugin::Plugin;
use crate::state::State;

/// Calls an instance serves before a new one takes its place, so that what a component
/// leaks or fragments has an end.
pub(crate) const MAX_USES: u32 = 1_000;
/// Bytes of memory of an instance that is kept: those of some small calls. After a
/// payload of megabytes, making a new one is little beside the call.
pub(crate) const MAX_KEPT_MEMORY: usize = 4 * 1024 * 1024;

/// Whom an instance has worked for: a hash of the credentials passed to it, or nobody.
/// Credentials in the environment are the same for all calls of a host.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Owner(Option<[u8; 32]>);

impl Owner {
    pub(crate) const NOBODY: Self = Self(None);

    pub(crate) fn of(connection: &Connection) -> Self {
        fn bytes(text: &Option<String>) -> &[u8] {
            text.as_deref().unwrap_or_default().as_bytes()
        }
        let mut fields: Vec<&[u8]> = Vec::new();
        if let Some(credentials) = &connection.credentials {
            fields.push(credentials.access_key_id.as_bytes());
            fields.push(bytes(&credentials.session_token));
            fields.push(credentials.secret_access_key.as_bytes());
        }
        if let Some(derived) = &connection.derived_credentials {
            fields.push(derived.access_key_id.as_bytes());
            fields.push(bytes(&derived.session_token));
            fields.extend(derived.keys.iter().map(|key| key.key.as_slice()));
        }
        if fields.is_empty() {
            return Self::NOBODY;
        }
        let mut hash = Sha256::new();
        for field in fields {
            // The length keeps one field from running into the next.
            hash.update((field.len() as u64).to_le_bytes());
            hash.update(field);
        }
        Self(Some(hash.finalize().into()))
    }
}

/// An instance and the store it lives in.
pub(crate) struct Instance {
    pub(crate) store: Store<State>,
    pub(crate) plugin: Plugin,
    /// Calls it has served.
    pub(crate) uses: u32,
}

/// The instances at rest, the one used last at the back.
pub(crate) struct Instances {
    /// 0: none is kept.
    most: usize,
    longest_rest: Duration,
    resting: Mutex<VecDeque<Resting>>,
}

struct Resting {
    instance: Instance,
    owner: Owner,
    since: Instant,
}

impl Instances {
    pub(crate) fn new(most: usize, longest_rest: Duration) -> Self {
        Self {
            most,
            longest_rest,
            resting: Mutex::default(),
        }
    }

    /// How many are at rest.
    pub(crate) fn resting(&self) -> usize {
        let resting = self.resting.lock().unwrap_or_else(PoisonError::into_inner);
        resting.len()
    }

    /// An instance that has worked for this owner, and for no other.
    pub(crate) fn take(&self, owner: Owner) -> Option<Instance> {
        if self.most == 0 {
            return None;
        }
        let now = Instant::now();
        let is_stale = |one: &Resting| now.duration_since(one.since) > self.longest_rest;
        let mut resting = self.resting.lock().unwrap_or_else(PoisonError::into_inner);
        // Two, so that they become fewer, and under the lock: the pool has room for those that
        // are counted here, and for no others.
        for _ in 0..2 {
            resting.pop_front_if(|oldest| is_stale(oldest));
        }
        let found = resting
            .iter()
            .rposition(|one| one.owner == owner && !is_stale(one));
        found
            .and_then(|place| resting.remove(place))
            .map(|one| one.instance)
    }

    /// Keeps an instance after a call that ended with an answer. Returns one that is not
    /// kept: this, if it may not be, or the one that makes room for it.
    pub(crate) fn keep(&self, mut instance: Instance, owner: Owner) -> Option<Instance> {
        if self.most == 0
            || instance.uses >= MAX_USES
            || !instance.store.data_mut().is_clean(MAX_KEPT_MEMORY)
        {
            return Some(instance);
        }
        let mut resting = self.resting.lock().unwrap_or_else(PoisonError::into_inner);
        let oldest = if resting.len() >= self.most {
            resting.pop_front()
        } else {
            None
        };
        resting.push_back(Resting {
            instance,
            owner,
            since: Instant::now(),
        });
        oldest.map(|oldest| oldest.instance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use lambda_invocation_core::call::connection::{Credentials, DerivedCredentials, SigningKey};

    fn secret(id: &str, secret: &str, token: Option<&str>) -> Connection {
        Connection {
            credentials: Some(Credentials {
                access_key_id: id.to_owned(),
                secret_access_key: secret.to_owned(),
                session_token: token.map(str::to_owned),
            }),
            ..Connection::default()
        }
    }

    fn derived(id: &str, keys: &[u8], token: Option<&str>) -> Connection {
        let key = |byte: &u8| SigningKey {
            date: "20260830".to_owned(),
            region: "us-east-1".to_owned(),
            key: vec![*byte; 32],
        };
        Connection {
            derived_credentials: Some(DerivedCredentials {
                access_key_id: id.to_owned(),
                session_token: token.map(str::to_owned),
                keys: keys.iter().map(key).collect(),
            }),
            ..Connection::default()
        }
    }

    #[test]
    fn an_owner_is_told_by_every_part_of_the_credentials() {
        let all = [
            Connection::default(),
            secret("id", "secret", None),
            secret("id", "secret", Some("token")),
            secret("id", "other", Some("token")),
            secret("other", "secret", Some("token")),
            secret("ids", "ecret", Some("token")),
            secret("", "", None),
            derived("id", &[], None),
            derived("id", &[1], None),
            derived("id", &[2], None),
            derived("id", &[1, 2], None),
            derived("id", &[1], Some("token")),
            derived("other", &[1], None),
        ];
        for (i, a) in all.iter().enumerate() {
            for (j, b) in all.iter().enumerate() {
                assert_eq!(Owner::of(a) == Owner::of(b), i == j, "{i} and {j}");
            }
        }
    }
}
