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
