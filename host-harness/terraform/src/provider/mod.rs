//! The provider: what it offers, how it is configured, and which block a call is about.

mod role;
mod schema;
pub(crate) mod settings;

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use lambda_invocation_engine::{Engine, Problem};

use crate::diagnostics::Diagnostics;
use crate::protocol::action::{ActionRequest, PlanActionResponse};
use crate::protocol::data_source::{ReadDataRequest, ReadDataResponse};
use crate::protocol::ephemeral::{CloseResponse, OpenRequest, OpenResponse};
use crate::protocol::provider::{
    ConfigureRequest, ConfigureResponse, StopResponse, ValidateProviderRequest,
    ValidateProviderResponse,
};
use crate::protocol::schema::{
    ActionSchema, GetMetadataResponse, GetProviderSchemaResponse, Schema, ServerCapabilities,
    TypeName,
};
use crate::protocol::{
    DynamicValue, Empty, ValidateRequest, ValidateResponse, resource as message,
};
use crate::value::{Members, Value};
use crate::{action, data_source, ephemeral, resource};

#[cfg(test)]
pub use schema::NO_EFFECT;
pub use schema::schema as configuration;

/// The names of the resource, the data source and the ephemeral resource: the provider's
/// own, which Terraform finds without a word, and those of hashicorp/aws.
pub const INVOCATION: [&str; 2] = ["lambda_invocation", "aws_lambda_invocation"];

/// The names of the action.
pub const INVOKE: [&str; 2] = ["lambda_invoke", "aws_lambda_invoke"];

const CAPABILITIES: ServerCapabilities = ServerCapabilities {
    plan_destroy: true,
    get_provider_schema_optional: true,
    move_resource_state: true,
};

/// The provider of one Terraform.
pub struct Provider {
    /// For checks that Terraform makes before it configures the provider, when nothing is
    /// known of who calls and how.
    unconfigured: Engine,
    configured: OnceLock<Configured>,
    /// What was not answered, of the resources whose state was refreshed.
    pub unanswered: resource::Remembered,
}

/// A provider whose configuration has been read.
struct Configured {
    engine: Engine,
    /// The arguments that are not known before something else is applied.
    unknown: Vec<&'static str>,
}

impl Default for Provider {
    fn default() -> Self {
        Self {
            unconfigured: Engine::unconfigured(),
            configured: OnceLock::new(),
            unanswered: resource::Remembered::default(),
        }
    }
}

impl Provider {
    /// `GetMetadata`
    pub async fn metadata(self: Arc<Self>, Empty {}: Empty) -> GetMetadataResponse {
        GetMetadataResponse {
            server_capabilities: Some(CAPABILITIES),
            data_sources: names(&INVOCATION),
            resources: names(&INVOCATION),
            ephemeral_resources: names(&INVOCATION),
            actions: names(&INVOKE),
        }
    }

    /// `GetProviderSchema`
    pub async fn schema(self: Arc<Self>, Empty {}: Empty) -> GetProviderSchemaResponse {
        GetProviderSchemaResponse {
            provider: Some((&configuration()).into()),
            resource_schemas: schemas(&INVOCATION, &resource::schema()),
            data_source_schemas: schemas(&INVOCATION, &data_source::schema()),
            ephemeral_resource_schemas: schemas(&INVOCATION, &ephemeral::schema()),
            action_schemas: schemas(&INVOKE, &action::schema())
                .into_iter()
                .map(|(name, schema)| {
                    let schema = Some(schema);
                    (name, ActionSchema { schema })
                })
                .collect(),
            server_capabilities: Some(CAPABILITIES),
            ..GetProviderSchemaResponse::default()
        }
    }

    /// `ValidateProviderConfig`
    pub async fn validate(
        self: Arc<Self>,
        request: ValidateProviderRequest,
    ) -> ValidateProviderResponse {
        let diagnostics = match members(request.config.as_ref()) {
            Ok(members) => settings::read(&members, variable).diagnostics,
            Err(problem) => problem.into(),
        };
        ValidateProviderResponse {
            diagnostics: diagnostics.into(),
        }
    }

    /// `ConfigureProvider`
    pub async fn configure(self: Arc<Self>, request: ConfigureRequest) -> ConfigureResponse {
        let members = match members(request.config.as_ref()) {
            Ok(members) => members,
            Err(problem) => {
                return ConfigureResponse {
                    diagnostics: Diagnostics::from(problem).into(),
                };
            }
        };
        let read = settings::read(&members, variable);
        // Terraform does so once.
        let _ = self.configured.set(Configured {
            engine: Engine::new(read.settings),
            unknown: read.unknown,
        });
        ConfigureResponse {
            diagnostics: read.diagnostics.into(),
        }
    }

    /// `StopProvider`: Terraform was interrupted. A function that runs cannot be called
    /// back, so the call under way is waited for, as Terraform does too, and its result is
    /// saved.
    pub async fn stop(self: Arc<Self>, Empty {}: Empty) -> StopResponse {
        StopResponse::default()
    }

    /// What makes the calls.
    pub fn engine(&self) -> &Engine {
        self.configured
            .get()
            .map_or(&self.unconfigured, |configured| &configured.engine)
    }

    /// Whether the region of blocks that name none is not known yet.
    pub fn awaits_region(&self) -> bool {
        ["region", "profile", "shared_config_files"]
            .iter()
            .any(|argument| self.unknown().contains(argument))
    }

    /// The arguments of the configuration whose values are not known yet.
    pub fn unknown(&self) -> &[&'static str] {
        self.configured
            .get()
            .map_or(&[], |configured| &configured.unknown)
    }

    /// `ValidateDataResourceConfig`
    pub async fn validate_data(self: Arc<Self>, request: ValidateRequest) -> ValidateResponse {
        data_source::validate(&request).into()
    }

    /// `ReadDataSource`
    pub async fn read_data(self: Arc<Self>, request: ReadDataRequest) -> ReadDataResponse {
        data_source::read(&self, request).await
    }

    /// `ValidateEphemeralResourceConfig`
    pub async fn validate_ephemeral(self: Arc<Self>, request: ValidateRequest) -> ValidateResponse {
        ephemeral::validate(&request).into()
    }

    /// `OpenEphemeralResource`
    pub async fn open_ephemeral(self: Arc<Self>, request: OpenRequest) -> OpenResponse {
        ephemeral::open(&self, request).await
    }

    /// `CloseEphemeralResource`: nothing is held open.
    pub async fn close_ephemeral(self: Arc<Self>, Empty {}: Empty) -> CloseResponse {
        CloseResponse::default()
    }

    /// `ValidateActionConfig`
    pub async fn validate_action(self: Arc<Self>, request: ValidateRequest) -> ValidateResponse {
        action::validate(&request).into()
    }

    /// `PlanAction`
    pub async fn plan_action(self: Arc<Self>, request: ActionRequest) -> PlanActionResponse {
        action::plan(&request)
    }

    /// `ValidateResourceConfig`
    pub async fn validate_resource(self: Arc<Self>, request: ValidateRequest) -> ValidateResponse {
        resource::validate(&self, request).await.into()
    }

    /// `UpgradeResourceState`
    pub async fn upgrade_resource(
        self: Arc<Self>,
        request: message::UpgradeRequest,
    ) -> message::UpgradeResponse {
        resource::upgrade(&self, request).await
    }

    /// `ReadResource`
    pub async fn read_resource(
        self: Arc<Self>,
        request: message::ReadRequest,
    ) -> message::ReadResponse {
        resource::read(&self, request).await
    }

    /// `PlanResourceChange`
    pub async fn plan_resource(
        self: Arc<Self>,
        request: message::PlanRequest,
    ) -> message::PlanResponse {
        resource::plan(&self, request).await
    }

    /// `ApplyResourceChange`
    pub async fn apply_resource(
        self: Arc<Self>,
        request: message::ApplyRequest,
    ) -> message::ApplyResponse {
        resource::apply(&self, request).await
    }

    /// `ImportResourceState`
    pub async fn import_resource(
        self: Arc<Self>,
        request: message::ImportRequest,
    ) -> message::ImportResponse {
        resource::import(&self, request).await
    }

    /// `MoveResourceState`
    pub async fn move_resource(
        self: Arc<Self>,
        request: message::MoveRequest,
    ) -> message::MoveResponse {
        resource::take_over(&self, request).await
    }
}

/// The attributes of an object that Terraform sent.
pub fn members(value: Option<&DynamicValue>) -> Result<Members, Problem> {
    match Value::decode(value) {
        Ok(Value::Map(members)) => Ok(members),
        _ => Err(malformed()),
    }
}

/// What to say when a value cannot be read.
pub fn malformed() -> Problem {
    Problem {
        argument: None,
        summary: "Terraform sent a value that this provider cannot read".to_owned(),
        detail: "Use a release of Terraform that this provider was tested with.".to_owned(),
    }
}

/// A variable of the environment.
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn names(types: &[&str]) -> Vec<TypeName> {
    types
        .iter()
        .map(|name| TypeName {
            type_name: (*name).to_owned(),
        })
        .collect()
}

fn schemas(types: &[&str], schema: &crate::schema::Schema) -> HashMap<String, Schema> {
    types
        .iter()
        .map(|name| ((*name).to_owned(), schema.into()))
        .collect()
}
