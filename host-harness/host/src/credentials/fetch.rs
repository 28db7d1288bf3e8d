//! Asks the source that counts.

use lambda_invocation_core::call::connection::Connection;
use lambda_invocation_core::call::endpoint::Endpoint;
use lambda_invocation_core::call::settings::{self, Environment};
use lambda_invocation_core::credentials::chain::{Files, Source};
use lambda_invocation_core::credentials::profile::Profile;
use lambda_invocation_core::credentials::sts::{self, Role};
use lambda_invocation_core::credentials::web_identity::WebIdentity;
use lambda_invocation_core::credentials::{
    Fetched, container, instance_metadata, none_found, of_profile, of_web_identity,
};
use lambda_invocation_core::error::Error;

use super::ask::ask;
use super::start::Start;
use super::{machine, now, process, sso};
use crate::http::Client;

/// What sources are asked with.
pub(super) struct Fetcher<'a> {
    pub(super) client: &'a Client,
    /// The same without a proxy, for what is near: a proxy has other containers and
    /// instances near it.
    pub(super) direct: &'a Client,
    pub(super) environment: &'a Environment,
    pub(super) profile: &'a Profile,
    /// The call's.
    pub(super) connection: &'a Connection,
}

impl Fetcher<'_> {
    /// Credentials of a source.
    pub(super) async fn fetch(&self, source: &Source) -> Result<Fetched, Error> {
        match source {
            Source::Environment(keys) | Source::Profile(keys) => {
                Ok(Fetched::without_end(keys.clone()))
            }
            Source::Role {
                profile,
                role,
                region,
                with,
            } => {
                let with = Box::pin(self.fetch(with)).await?;
                let fetched = self.role(role, region.as_deref(), &with).await;
                fetched.map_err(|error| of_profile(profile, error))
            }
            Source::WebIdentity {
                profile,
                identity,
                region,
            } => {
                let fetched = self.web_identity(identity, region.as_deref()).await;
                fetched.map_err(|error| of_web_identity(profile.as_deref(), error))
            }
            Source::Sso(sso) => sso::fetch(sso, self.client).await,
            Source::Process(process) => process::run(process).await,
            Source::Container => self.container().await,
            Source::InstanceMetadata { asked } => self.instance(*asked).await,
        }
    }

    /// Credentials that a program begins with.
    pub(super) async fn start(
        &self,
        start: &Start,
        region: Option<&str>,
    ) -> Result<Fetched, Error> {
        match start {
            Start::Keys(keys) => Ok(Fetched::without_end(keys.clone())),
            Start::TokenFile(identity) => self.web_identity(identity, region).await,
            Start::Token { role, token } => self.token(role, token, region).await,
        }
    }

    pub(super) async fn role(
        &self,
        role: &Role,
        region: Option<&str>,
        with: &Fetched,
    ) -> Result<Fetched, Error> {
        let (region, endpoint) = self.sts(region)?;
        let question = sts::assume_role(role, endpoint, region, &with.credentials, now());
        let answer = ask(self.client, &question).await?;
        sts::read(&question, answer, &with.credentials.secrets(), now())
    }

    async fn web_identity(
        &self,
        identity: &WebIdentity,
        region: Option<&str>,
    ) -> Result<Fetched, Error> {
        let text = machine::read_token(&identity.token_file)
            .map_err(|why| identity.unreadable_token(&why))?;
        self.token(&identity.role, identity.token(&text)?, region)
            .await
    }

    async fn token(
        &self,
        role: &Role,
        token: &str,
        region: Option<&str>,
    ) -> Result<Fetched, Error> {
        let (_, endpoint) = self.sts(region)?;
        let question = sts::assume_role_with_web_identity(role, token, endpoint, now());
        let answer = ask(self.client, &question).await?;
        sts::read(&question, answer, &[token], now())
    }

    async fn container(&self) -> Result<Fetched, Error> {
        let token = match self.environment.get(container::TOKEN_FILE) {
            Some(path) => {
                let token = machine::read_token(path);
                Some(token.map_err(|why| container::unreadable_token(&why))?)
            }
            None => None,
        };
        let token = token.as_ref().map(|token| token.as_str());
        let question = container::question(self.environment, token)?;
        container::read(ask(self.direct, &question).await?, now())
    }

    async fn instance(&self, asked: bool) -> Result<Fetched, Error> {
        let mut question = instance_metadata::question(self.environment, asked)?;
        let answer = ask(self.direct, &question).await.map_err(|error| {
            if asked {
                return error;
            }
            // Mostly this is no instance.
            none_found(
                Some(self.profile as &dyn Files),
                instance_metadata::NO_ANSWER,
            )
        })?;
        instance_metadata::ask_for_role(&mut question, answer)?;
        let answer = ask(self.direct, &question).await?;
        instance_metadata::ask_for_credentials(&mut question, answer)?;
        instance_metadata::read(ask(self.direct, &question).await?, now())
    }

    /// The region to assume a role in, and the endpoint.
    fn sts<'a>(&'a self, region: Option<&'a str>) -> Result<(&'a str, Endpoint), Error> {
        let region = region
            .or(self.connection.region.as_deref())
            .or_else(|| settings::region_in(self.environment))
            .or_else(|| self.profile.region())
            .ok_or(Error::NoRegion)?;
        let variant = settings::variant(self.connection, self.environment)?;
        let allow_http = self.connection.allow_http.unwrap_or(false);
        let endpoint = sts::endpoint(self.environment, region, variant, allow_http)?;
        Ok((region, endpoint))
    }
}
