//! Who signs: with a secret, or with keys that were derived from one elsewhere.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use zeroize::{Zeroize, Zeroizing};

use crate::call::connection::{Connection, Credentials};
use crate::call::sign::{self, Key, SigningTime};
use crate::error::ArgumentError;

/// The service in the credential scope.
pub(crate) const SERVICE: &str = "lambda";
const ARGUMENT: &str = "derived-credentials";

/// How far a clock may be behind that of the service, so that yesterday counts there.
const BEHIND: Duration = Duration::from_secs(5 * 60);
/// A function may run for 15 minutes, and an attempt after that be signed tomorrow; with
/// what a clock may be ahead.
const AHEAD: Duration = Duration::from_secs(20 * 60);

impl Credentials {
    /// The part, if any, that no header can carry: the key id and the token travel in
    /// headers.
    pub(crate) fn unfit_part(&self) -> Option<&'static str> {
        unfit_part(
            &self.access_key_id,
            Some(&self.secret_access_key),
            self.session_token.as_deref(),
        )
    }
}

fn unfit_part(id: &str, secret: Option<&str>, token: Option<&str>) -> Option<&'static str> {
    let parts = [
        ("access-key-id", Some(id)),
        ("secret-access-key", secret),
        ("session-token", token),
    ];
    let fit = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic());
    parts
        .into_iter()
        .find(|(_, part)| part.is_some_and(|part| !fit(part)))
        .map(|(name, _)| name)
}

/// A key of Signature Version 4. Wiped on drop; `Debug` does not show it.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningKey {
    /// The day it is for, in UTC: `YYYYMMDD`.
    pub date: String,
    /// The region it is for.
    pub region: String,
    /// Its 32 bytes.
    pub key: Vec<u8>,
}

impl Drop for SigningKey {
    fn drop(&mut self) {
        self.key.zeroize();
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("date", &self.date)
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}

/// Credentials without their secret: keys derived from it, each good for one day, one
/// region and Lambda alone. Wiped on drop; `Debug` shows nothing secret.
#[derive(Clone, PartialEq, Eq)]
pub struct DerivedCredentials {
    /// The public part, for example `AKIAIOSFODNN7EXAMPLE`.
    pub access_key_id: String,
    /// Present for temporary credentials, sent as `X-Amz-Security-Token`.
    pub session_token: Option<String>,
    /// One for each day and region that may be signed for.
    pub keys: Vec<SigningKey>,
}

impl DerivedCredentials {
    /// Derives the keys that a call at `now` may need: of each of its regions the day's,
    /// and within 20 minutes before midnight (UTC) the next day's, within 5 minutes after
    /// it the last day's.
    pub fn derive<'a>(
        credentials: &Credentials,
        regions: impl IntoIterator<Item = &'a str>,
        now: SystemTime,
    ) -> Self {
        let now = now.duration_since(UNIX_EPOCH).unwrap_or_default();
        let mut times: Vec<SigningTime> = Vec::new();
        for at in [now.saturating_sub(BEHIND), now, now.saturating_add(AHEAD)] {
            let time = SigningTime::new(at);
            if times.last().is_none_or(|last| last.date() != time.date()) {
                times.push(time);
            }
        }
        let mut keys: Vec<SigningKey> = Vec::new();
        for region in regions {
            if keys.iter().any(|key| key.region == region) {
                continue;
            }
            keys.extend(times.iter().map(|time| {
                let key = sign::key(&credentials.secret_access_key, region, SERVICE, time);
                SigningKey {
                    date: time.date().to_owned(),
                    region: region.to_owned(),
                    key: key.to_vec(),
                }
            }));
        }
        Self {
            access_key_id: credentials.access_key_id.clone(),
            session_token: credentials.session_token.clone(),
            keys,
        }
    }
}

impl Drop for DerivedCredentials {
    fn drop(&mut self) {
        self.access_key_id.zeroize();
        self.session_token.zeroize();
    }
}

impl fmt::Debug for DerivedCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DerivedCredentials")
            .field("temporary", &self.session_token.is_some())
            .field("keys", &self.keys)
            .finish_non_exhaustive()
    }
}

/// What a call is signed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signer {
    /// The secret.
    Secret(Credentials),
    /// Keys derived from it.
    Derived(DerivedCredentials),
}

impl Connection {
    /// Takes out what the connection is to be signed with, if it says so.
    ///
    /// # Errors
    ///
    /// [`ArgumentError`] where it holds both kinds of credentials.
    pub fn take_signer(&mut self) -> Result<Option<Signer>, ArgumentError> {
        match (self.credentials.take(), self.derived_credentials.take()) {
            (Some(_), Some(_)) => Err(ArgumentError::new(
                ARGUMENT,
                "must not be given beside credentials: give one of the two",
            )),
            (Some(secret), None) => Ok(Some(Signer::Secret(secret))),
            (None, derived) => Ok(derived.map(Signer::Derived)),
        }
    }
}

impl From<Credentials> for Signer {
    fn from(credentials: Credentials) -> Self {
        Self::Secret(credentials)
    }
}

impl Signer {
    /// Whether it can sign for a region, on some day at least.
    ///
    /// # Errors
    ///
    /// [`ArgumentError`] for what no header can carry (a line break in a part is
    /// always a slip of copying), for a key of another length, and where no key is for the
    /// region.
    pub(crate) fn check(&self, region: &str) -> Result<(), ArgumentError> {
        let (secret, derived) = match self {
            Self::Secret(credentials) => (Some(credentials.secret_access_key.as_str()), None),
            Self::Derived(derived) => (None, Some(derived)),
        };
        if let Some(part) = unfit_part(self.access_key_id(), secret, self.session_token()) {
            return Err(ArgumentError::new(
                part,
                "must not be empty, nor hold spaces, line breaks or characters outside ASCII",
            ));
        }
        let Some(derived) = derived else {
            return Ok(());
        };
        if derived
            .keys
            .iter()
            .any(|key| Key::try_from(key.key.as_slice()).is_err())
        {
            return Err(ArgumentError::new(ARGUMENT, "a key must have 32 bytes"));
        }
        if !derived.keys.iter().any(|key| key.region == region) {
            return Err(ArgumentError::new(
                ARGUMENT,
                format!(
                    "no key is for region {region:?}: a key is good for one region, so derive one for each region of the call"
                ),
            ));
        }
        Ok(())
    }

    pub(crate) fn access_key_id(&self) -> &str {
        match self {
            Self::Secret(credentials) => &credentials.access_key_id,
            Self::Derived(derived) => &derived.access_key_id,
        }
    }

    pub(crate) fn session_token(&self) -> Option<&str> {
        match self {
            Self::Secret(credentials) => credentials.session_token.as_deref(),
            Self::Derived(derived) => derived.session_token.as_deref(),
        }
    }

    /// What must not appear in a text, where a server quotes what it was sent.
    pub(crate) fn secrets(&self) -> [&str; 3] {
        match self {
            Self::Secret(credentials) => credentials.secrets(),
            Self::Derived(_) => {
                let token = self.session_token().unwrap_or_default();
                [self.access_key_id(), "", token]
            }
        }
    }

    /// The key to sign with, then and there.
    ///
    /// # Errors
    ///
    /// [`ArgumentError`] where none is for that day and region.
    pub(crate) fn key(
        &self,
        region: &str,
        time: &SigningTime,
    ) -> Result<Zeroizing<Key>, ArgumentError> {
        match self {
            Self::Secret(credentials) => Ok(sign::key(
                &credentials.secret_access_key,
                region,
                SERVICE,
                time,
            )),
            Self::Derived(derived) => {
                let mut keys = derived.keys.iter();
                keys.find(|key| key.region == region && key.date == time.date())
                    .and_then(|key| Key::try_from(key.key.as_slice()).ok())
                    .map(Zeroizing::new)
                    .ok_or_else(|| {
                        ArgumentError::new(
                            ARGUMENT,
                            format!(
                                "no key is for {} in region {region}: a key is good for one day (UTC) and one region, so derive new ones, and check that the clock is right",
                                time.date()
                            ),
                        )
                    })
            }
        }
    }
}
