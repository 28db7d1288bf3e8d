//! IAM Identity Center, by the AWS SDK: it keeps and renews the token of `aws sso login`.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, UNIX_EPOCH};

use aws_config::Region;
use aws_config::provider_config::ProviderConfig;
use aws_config::sso::SsoCredentialsProvider;
use aws_credential_types::provider::ProvideCredentials as _;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use lambda_invocation_core::call::connection::Credentials;
use lambda_invocation_core::call::endpoint::{Endpoint, Scheme};
use lambda_invocation_core::call::wasi_http::Limits;
use lambda_invocation_core::credentials::sso::{Outcome, SOURCE, Sso};
use lambda_invocation_core::credentials::{Fetched, MAX_ANSWER, unanswered};
use lambda_invocation_core::error::Error;
use tokio::time::timeout;

use super::ask::{body, options, read};
use crate::http::Client;

/// How long the portal may take to answer, and how long it all may take.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
const TIMEOUT: Duration = Duration::from_secs(30);

/// Credentials for who has signed in.
pub(super) async fn fetch(sso: &Sso, client: &Client) -> Result<Fetched, Error> {
    let wire = Wire {
        client: client.clone(),
        last: Arc::default(),
    };
    let connector = SharedHttpConnector::new(wire.clone());
    let config = ProviderConfig::default()
        .with_region(Some(Region::new(sso.region.clone())))
        .with_http_client(http_client_fn(move |_, _| connector.clone()));
    let mut provider = SsoCredentialsProvider::builder()
        .configure(&config)
        .account_id(&sso.account_id)
        .role_name(&sso.role_name)
        .region(Region::new(sso.region.clone()))
        .start_url(&sso.start_url);
    provider.set_session_name(sso.session.clone());
    let provider = provider.build();
    let found = timeout(TIMEOUT, provider.provide_credentials()).await;
    let Ok(Ok(found)) = found else {
        let last = wire.last.lock().unwrap_or_else(PoisonError::into_inner);
        return Err(sso.failed(last.as_ref()));
    };
    let credentials = Credentials {
        access_key_id: found.access_key_id().to_owned(),
        secret_access_key: found.secret_access_key().to_owned(),
        session_token: found.session_token().map(str::to_owned),
    };
    let expires = found
        .expiry()
        .and_then(|expires| expires.duration_since(UNIX_EPOCH).ok());
    Ok(match expires {
        Some(expires) => Fetched::until(credentials, expires),
        None => Fetched::without_end(credentials),
    })
}

/// Our client, in the SDK's terms. What the SDK says of a failure may quote a token, so what
/// became of the last request is kept to speak from.
#[derive(Clone)]
struct Wire {
    client: Client,
    last: Arc<Mutex<Option<Outcome>>>,
}

impl std::fmt::Debug for Wire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Wire").finish_non_exhaustive()
    }
}

impl HttpConnector for Wire {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let wire = self.clone();
        HttpConnectorFuture::new(async move { wire.send(request).await })
    }
}

impl Wire {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let request = request
            .try_into_http1x()
            .map_err(|error| ConnectorError::user(error.into()))?;
        let authority = request.uri().authority().map(ToString::to_string);
        match self.exchange(request).await {
            Ok(response) => {
                self.became(Outcome::Answered(response.status().as_u16()));
                Ok(response)
            }
            Err(error) => {
                let error = unanswered(SOURCE, &authority.unwrap_or_default(), error);
                self.became(Outcome::Unanswered(error));
                Err(ConnectorError::other("no answer".into(), None))
            }
        }
    }

    async fn exchange(&self, request: http::Request<SdkBody>) -> Result<HttpResponse, Error> {
        let limits = Limits {
            connect: ANSWER_TIMEOUT,
            response: ANSWER_TIMEOUT,
            body: MAX_ANSWER,
        };
        let request = request.map(|sent| body(sent.bytes().unwrap_or_default().to_vec()));
        let origin = Endpoint {
            scheme: Scheme::Https,
            authority: String::new(),
            base_path: String::new(),
        };
        let response = self.client.send(request, options(&limits)).await;
        let response = response.map_err(|failed| failed.into_error(&origin, &limits))?;
        let (head, incoming) = response.into_parts();
        let received = read(incoming).await?;
        HttpResponse::try_from(http::Response::from_parts(head, SdkBody::from(received)))
            .map_err(|_| Error::Other("the answer is not HTTP".to_owned()))
    }

    fn became(&self, outcome: Outcome) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        *last = Some(outcome);
    }
}
