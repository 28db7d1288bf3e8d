//! What the component is given to sign with: keys for the call, so that the secret stays
//! here.

use std::time::SystemTime;

use lambda_invocation_core::call::connection::{Connection, DerivedCredentials};
use lambda_invocation_core::call::settings::{self, Environment};
use lambda_invocation_core::call::signer::Signer;
use lambda_invocation_core::error::Error;

/// Derives, in the place of a secret, the keys for the regions that a call goes to. An
/// absent region is the connection's, or else the environment's.
///
/// # Errors
///
/// [`Error::InvalidArgument`] where the connection holds both kinds of credentials.
pub(crate) fn without_secret<'a>(
    mut connection: Connection,
    regions: impl IntoIterator<Item = Option<&'a str>>,
    environment: &Environment,
    now: SystemTime,
) -> Result<Connection, Error> {
    connection.derived_credentials = match connection.take_signer()? {
        Some(Signer::Secret(credentials)) => {
            let own = connection
                .region
                .as_deref()
                .or_else(|| settings::region_in(environment));
            // Where there is no region, the component will say so.
            let regions = regions.into_iter().filter_map(|region| region.or(own));
            Some(DerivedCredentials::derive(&credentials, regions, now))
        }
        Some(Signer::Derived(derived)) => Some(derived),
        None => None,
    };
    Ok(connection)
}

#[cfg(test)]
mod tests {
    use lambda_invocation_core::call::connection::Credentials;

    use super::*;

    /// The connection's region, those of the requests, the environment, and what keys are
    /// derived for.
    type Row<'a> = (
        Option<&'a str>,
        &'a [Option<&'a str>],
        &'a Environment,
        &'a [&'a str],
    );

    #[test]
    fn the_secret_is_replaced_by_a_key_for_each_region_of_the_call() {
        let environment = Environment::new(vec![("AWS_REGION".to_owned(), "eu-west-3".to_owned())]);
        let nowhere = Environment::default();
        let credentials = Credentials {
            access_key_id: "AKIDEXAMPLE".to_owned(),
            secret_access_key: "secret".to_owned(),
            session_token: Some("token".to_owned()),
        };
        let rows: [Row<'_>; 5] = [
            (Some("eu-west-1"), &[None], &environment, &["eu-west-1"]),
            (None, &[None], &environment, &["eu-west-3"]),
            (
                Some("eu-west-1"),
                &[Some("eu-west-2"), None, Some("eu-west-2")],
                &environment,
                &["eu-west-2", "eu-west-1"],
            ),
            (None, &[None], &nowhere, &[]),
            (None, &[], &environment, &[]),
        ];
        for (region, regions, environment, expected) in rows {
            let connection = Connection {
                region: region.map(str::to_owned),
                credentials: Some(credentials.clone()),
                ..Connection::default()
            };
            let noon = SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(43_200);
            let given =
                without_secret(connection, regions.iter().copied(), environment, noon).unwrap();
            assert_eq!(given.credentials, None);
            let derived = given.derived_credentials.unwrap();
            assert_eq!(derived.session_token.as_deref(), Some("token"));
            let found: Vec<_> = derived.keys.iter().map(|key| key.region.as_str()).collect();
            assert_eq!(found, expected);
        }
    }
}
