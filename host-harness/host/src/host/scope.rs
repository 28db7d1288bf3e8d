//! What a call is given: credentials, keys, the places it may reach, and its time.

use std::time::{Duration, SystemTime};

use lambda_invocation_core::call::connection::Connection;
use lambda_invocation_core::call::settings;
use lambda_invocation_core::error::Error;

use super::{GRACE, Host};
use crate::convert;
use crate::egress::Origin;
use crate::http::ProxyNote;
use crate::instances::Owner;
use crate::provider::Asked;
use crate::signing;

/// For a call without a deadline.
const LONGEST_CALL: Duration = Duration::from_secs(60 * 60);

/// What a call may reach, and how long it may take.
pub(super) struct Scope {
    pub(super) endpoints: Vec<Origin>,
    pub(super) limit: Duration,
    /// For the call's error.
    pub(super) note: ProxyNote,
    /// Whose instance may serve the call; absent, only a new one that nobody gets after.
    pub(super) owner: Option<Owner>,
}

impl Scope {
    pub(super) fn in_an_instance_of_its_own(self) -> Self {
        Self {
            owner: None,
            ..self
        }
    }
}

impl Host {
    /// Asks the provider for the credentials of a call that brings none.
    pub(super) async fn asked(
        &self,
        connection: Connection,
    ) -> Result<(Asked<'_>, Connection), Error> {
        Asked::of(self.inner.provider.as_deref(), connection).await
    }

    /// What a call with this connection may reach and how long it may take; a request
    /// for each of `regions`, which stand in for the connection's own.
    pub(super) fn scope<'a>(
        &self,
        connection: &Connection,
        regions: impl IntoIterator<Item = Option<&'a str>>,
    ) -> Scope {
        let mut requests: u32 = 0;
        let mut endpoints = Vec::new();
        for region in regions {
            requests = requests.saturating_add(1);
            let place = Connection {
                region: region
                    .map(str::to_owned)
                    .or_else(|| connection.region.clone()),
                endpoint_url: connection.endpoint_url.clone(),
                use_fips: connection.use_fips,
                use_dualstack: connection.use_dualstack,
                allow_http: connection.allow_http,
                ..Connection::default()
            };
            // Where there is no endpoint, the component will say why.
            if let Ok(endpoint) = settings::endpoint(&place, &self.inner.environment) {
                endpoints.extend(Origin::of_endpoint(&endpoint));
            }
        }
        let one = match connection.deadline_ms {
            Some(ms) => Duration::from_millis(u64::from(ms)),
            None => LONGEST_CALL,
        };
        let limit = one.saturating_mul(requests.max(1)).saturating_add(GRACE);
        Scope {
            endpoints,
            limit: self.inner.time_limit.unwrap_or(limit),
            note: ProxyNote::default(),
            owner: Some(Owner::of(connection)),
        }
    }

    /// The connection as the component gets it, for requests to these regions.
    pub(super) fn given<'a>(
        &self,
        connection: Connection,
        regions: impl IntoIterator<Item = Option<&'a str>>,
    ) -> Result<convert::Connection, Error> {
        let inner = &*self.inner;
        let connection = if inner.derive_keys {
            let now = inner.at.unwrap_or_else(SystemTime::now);
            signing::without_secret(connection, regions, &inner.environment, now)?
        } else {
            connection
        };
        Ok(connection.into())
    }

    /// For calls that send nothing.
    pub(super) fn pure(&self, owner: Owner) -> Scope {
        Scope {
            endpoints: Vec::new(),
            limit: self.inner.time_limit.unwrap_or(LONGEST_CALL),
            note: ProxyNote::default(),
            owner: Some(owner),
        }
    }
}
