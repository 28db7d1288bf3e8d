//! Who gives credentials to calls that bring none.

use std::error::Error as StdError;
use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant};

use lambda_invocation_core::call::connection::{Connection, Credentials};
use lambda_invocation_core::credentials::have_expired;
use lambda_invocation_core::error::{Error, TimeoutError, TimeoutPhase};
use tokio::time::timeout;

/// What [`CredentialProvider::credentials`] returns.
pub type ProvidingCredentials<'a> =
    Pin<Box<dyn Future<Output = Result<Credentials, Error>> + Send + 'a>>;

/// Gives credentials to each call whose connection holds none:
/// [`HostBuilder::credentials`](crate::HostBuilder::credentials).
///
/// Closures implement it, with any error:
///
/// ```
/// # use lambda_invocation_host::Host;
/// # use lambda_invocation_core::call::connection::Credentials;
/// # fn from_my_vault() -> Result<Credentials, std::io::Error> { Err(std::io::ErrorKind::NotFound.into()) }
/// let host = Host::builder("lambda-invocation.wasm").credentials(|| async { from_my_vault() });
/// ```
///
/// It is asked before every call, so it should keep what it can until shortly before that
/// expires. The call's deadline holds for it as well.
pub trait CredentialProvider: Send + Sync + 'static {
    /// Credentials for a call with this connection, which says in which region the call is
    /// and how endpoints are to be chosen.
    ///
    /// # Errors
    ///
    /// Mostly [`Error::NoCredentials`], with a text that says what to do. It is the call's
    /// error, of which nothing was sent.
    fn credentials<'a>(&'a self, connection: &'a Connection) -> ProvidingCredentials<'a>;

    /// AWS has called the credentials expired: those that are kept are of no use.
    fn forget(&self) {}
}

impl<F, Fut, E> CredentialProvider for F
where
    F: Fn() -> Fut + Send + Sync + 'static,
    Fut: Future<Output = Result<Credentials, E>> + Send + 'static,
    E: Into<Box<dyn StdError + Send + Sync>>,
{
    fn credentials<'a>(&'a self, _: &'a Connection) -> ProvidingCredentials<'a> {
        let credentials = self();
        Box::pin(async move {
            credentials.await.map_err(|error| {
                let error: Box<dyn StdError + Send + Sync> = error.into();
                match error.downcast::<Error>() {
                    Ok(error) => *error,
                    Err(other) => Error::NoCredentials(other.to_string()),
                }
            })
        })
    }
}

/// A call's credentials: who is asked for them, and how long the call may take.
pub(crate) struct Asked<'a> {
    provider: Option<&'a dyn CredentialProvider>,
    deadline_ms: Option<u32>,
}

impl<'a> Asked<'a> {
    /// Adds credentials to a connection that holds none, and takes the time for that off its
    /// deadline.
    pub(crate) async fn of(
        provider: Option<&'a dyn CredentialProvider>,
        mut connection: Connection,
    ) -> Result<(Self, Connection), Error> {
        let asked = Self {
            // A deadline of nothing is refused by the component.
            provider: provider.filter(|_| {
                connection.credentials.is_none()
                    && connection.derived_credentials.is_none()
                    && connection.deadline_ms != Some(0)
            }),
            deadline_ms: connection.deadline_ms,
        };
        let Some(provider) = asked.provider else {
            return Ok((asked, connection));
        };
        let Some(deadline_ms) = asked.deadline_ms else {
            let credentials = provider.credentials(&connection).await?;
            connection.credentials = Some(credentials);
            return Ok((asked, connection));
        };
        let started = Instant::now();
        let limit = Duration::from_millis(deadline_ms.into());
        let found = timeout(limit, provider.credentials(&connection)).await;
        let found = found.unwrap_or(Err(Error::Timeout(TimeoutError {
            phase: TimeoutPhase::Deadline,
            after_ms: deadline_ms,
            maybe_ran: false,
            attempts: 0,
        })));
        connection.credentials = Some(found?);
        let left = limit.saturating_sub(started.elapsed()).as_millis();
        connection.deadline_ms = Some(u32::try_from(left).unwrap_or(deadline_ms).max(1));
        Ok((asked, connection))
    }

    /// Whether there is somebody to ask for other credentials.
    pub(crate) fn may_ask_again(&self) -> bool {
        self.provider.is_some()
    }

    /// Asks for other credentials where these have expired, `elapsed` after the call began.
    /// None where they are not to be had: the call's own error says more then.
    pub(crate) async fn again(
        &self,
        connection: &Connection,
        elapsed: Duration,
    ) -> Option<Credentials> {
        let provider = self.provider?;
        provider.forget();
        let asking = provider.credentials(connection);
        match connection.deadline_ms {
            None => asking.await.ok(),
            Some(ms) => {
                let left = Duration::from_millis(ms.into()).saturating_sub(elapsed);
                timeout(left, asking).await.ok()?.ok()
            }
        }
    }

    /// The call's error as its caller is to see it: with the deadline that was given. The
    /// provider is told when its credentials have expired.
    pub(crate) fn failed(&self, error: impl Into<Error>) -> Error {
        match error.into() {
            Error::Timeout(e) if e.phase == TimeoutPhase::Deadline => {
                let after_ms = self.deadline_ms.unwrap_or(e.after_ms);
                Error::Timeout(TimeoutError { after_ms, ..e })
            }
            error => {
                if let Some(provider) = self.provider
                    && have_expired(&error)
                {
                    provider.forget();
                }
                error
            }
        }
    }
}
