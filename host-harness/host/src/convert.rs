//! Between core's types and the records of WIT, from the host's side: what a caller
//! passes in, and what the component answers. Everything is moved, nothing copied.

use std::mem;

use lambda_invocation_core::call::stream::{Completion, StreamEvent};
use lambda_invocation_core::call::wasi_http::Failure;
use lambda_invocation_core::call::{connection, invocation, request, response};
use lambda_invocation_core::{error, lifecycle};
use zeroize::Zeroize as _;

use crate::bindings::exports::lambda::invocation::{
    ephemeral as wit_ephemeral, exchange, invocation_lifecycle as wit_lifecycle, invoke, types,
};
use lambda_invocation_core::ephemeral::{EphemeralConfig, Opened};

/// A connection on its way in. Its credentials are wiped on drop.
pub(crate) struct Connection(pub(crate) types::Connection);

impl Drop for Connection {
    fn drop(&mut self) {
        if let Some(credentials) = &mut self.0.credentials {
            wipe(credentials);
        }
        if let Some(derived) = &mut self.0.derived_credentials {
            wipe_derived(derived);
        }
    }
}

fn wipe(credentials: &mut types::Credentials) {
    credentials.access_key_id.zeroize();
    credentials.secret_access_key.zeroize();
    credentials.session_token.zeroize();
}

fn wipe_derived(derived: &mut types::DerivedCredentials) {
    derived.access_key_id.zeroize();
    derived.session_token.zeroize();
    for key in &mut derived.keys {
        key.key.zeroize();
    }
}

/// What a connection signs with, on its way in. Wiped on drop.
pub(crate) struct Signer(pub(crate) exchange::Signer);

impl Signer {
    pub(crate) fn of(mut connection: Connection) -> Option<Self> {
        let secret = connection.0.credentials.take();
        let derived = connection.0.derived_credentials.take();
        let derived = derived.map(exchange::Signer::Derived);
        derived
            .or_else(|| secret.map(exchange::Signer::Secret))
            .map(Self)
    }
}

impl Drop for Signer {
    fn drop(&mut self) {
        match &mut self.0 {
            exchange::Signer::Secret(credentials) => wipe(credentials),
            exchange::Signer::Derived(derived) => wipe_derived(derived),
        }
    }
}

impl From<Failure> for exchange::Failure {
    fn from(core: Failure) -> Self {
        match core {
            Failure::Denied => Self::Denied,
            Failure::Url => Self::Url,
            Failure::TooLarge => Self::TooLarge,
            Failure::Timeout(phase) => Self::Timeout(match phase {
                error::TimeoutPhase::Connect => types::TimeoutPhase::Connect,
                error::TimeoutPhase::Response => types::TimeoutPhase::Response,
                error::TimeoutPhase::Deadline => types::TimeoutPhase::Deadline,
            }),
            Failure::Transport(e) => Self::Transport(exchange::TransportFailure {
                phase: match e.phase {
                    error::TransportPhase::Connect => types::TransportPhase::Connect,
                    error::TransportPhase::Tls => types::TransportPhase::Tls,
                    error::TransportPhase::Request => types::TransportPhase::Request,
                    error::TransportPhase::Response => types::TransportPhase::Response,
                    error::TransportPhase::Host => types::TransportPhase::Host,
                },
                detail: e.detail,
                maybe_ran: e.maybe_ran,
            }),
        }
    }
}

impl From<connection::Connection> for Connection {
    fn from(core: connection::Connection) -> Self {
        Self(types::Connection {
            region: core.region,
            endpoint_url: core.endpoint_url,
            // Core's credentials wipe themselves on drop, so their fields are taken
            // out rather than moved out.
            credentials: core.credentials.map(|mut core| types::Credentials {
                access_key_id: mem::take(&mut core.access_key_id),
                secret_access_key: mem::take(&mut core.secret_access_key),
                session_token: core.session_token.take(),
            }),
            derived_credentials: core.derived_credentials.map(|mut core| {
                types::DerivedCredentials {
                    access_key_id: mem::take(&mut core.access_key_id),
                    session_token: core.session_token.take(),
                    keys: core
                        .keys
                        .iter_mut()
                        .map(|core| types::SigningKey {
                            date: mem::take(&mut core.date),
                            region: mem::take(&mut core.region),
                            key: mem::take(&mut core.key),
                        })
                        .collect(),
                }
            }),
            use_fips: core.use_fips,
            use_dualstack: core.use_dualstack,
            connect_timeout_ms: core.connect_timeout_ms,
            response_timeout_ms: core.response_timeout_ms,
            deadline_ms: core.deadline_ms,
            retry: core.retry.map(|core| types::RetryPolicy {
                mode: match core.mode {
                    connection::RetryMode::Never => types::RetryMode::Never,
                    connection::RetryMode::Safe => types::RetryMode::Safe,
                    connection::RetryMode::Idempotent => types::RetryMode::Idempotent,
                },
                max_attempts: core.max_attempts,
            }),
            allow_http: core.allow_http,
            app_id: core.app_id,
        })
    }
}

impl From<request::LogType> for types::LogType {
    fn from(core: request::LogType) -> Self {
        match core {
            request::LogType::None => Self::None,
            request::LogType::Tail => Self::Tail,
        }
    }
}

impl From<request::InvocationType> for types::InvocationType {
    fn from(core: request::InvocationType) -> Self {
        match core {
            request::InvocationType::RequestResponse => Self::RequestResponse,
            request::InvocationType::Event => Self::Event,
            request::InvocationType::DryRun => Self::DryRun,
        }
    }
}

impl From<request::Request> for invoke::Request {
    fn from(core: request::Request) -> Self {
        Self {
            function_name: core.function_name,
            payload: core.payload,
            payload_sha256: core.payload_sha256,
            invocation_type: core.invocation_type.map(Into::into),
            log_type: core.log_type.map(Into::into),
            qualifier: core.qualifier,
            client_context: core.client_context,
            tenant_id: core.tenant_id,
            durable_execution_name: core.durable_execution_name,
        }
    }
}

impl From<response::RawResponse> for invoke::RawResponse {
    fn from(core: response::RawResponse) -> Self {
        Self {
            status: core.status,
            headers: core.headers,
            body: core.body,
        }
    }
}

impl From<invoke::Response> for response::Response {
    fn from(wit: invoke::Response) -> Self {
        Self {
            status_code: wit.status_code,
            payload: wit.payload,
            executed_version: wit.executed_version,
            log_result: wit.log_result,
            log_tail: wit.log_tail,
            function_error: wit.function_error.map(Into::into),
            request_id: wit.request_id,
            durable_execution_arn: wit.durable_execution_arn,
            attempts: wit.attempts,
        }
    }
}

impl From<invoke::SignedRequest> for invocation::SignedRequest {
    fn from(wit: invoke::SignedRequest) -> Self {
        Self {
            method: wit.method,
            url: wit.url,
            headers: wit.headers,
            body: wit.body,
            canonical_request: wit.canonical_request,
            string_to_sign: wit.string_to_sign,
        }
    }
}

impl From<types::FunctionError> for error::FunctionError {
    fn from(wit: types::FunctionError) -> Self {
        Self {
            kind: wit.kind,
            error_type: wit.error_type,
            error_message: wit.error_message,
            stack_trace: wit.stack_trace,
        }
    }
}

impl From<types::StreamEvent> for StreamEvent {
    fn from(wit: types::StreamEvent) -> Self {
        match wit {
            types::StreamEvent::Chunk(bytes) => Self::Chunk(bytes),
            types::StreamEvent::Complete(wit) => Self::Complete(Completion {
                function_error: wit.function_error.map(Into::into),
                error_details: wit.error_details,
                log_result: wit.log_result,
                log_tail: wit.log_tail,
            }),
        }
    }
}

impl From<types::ArgumentError> for error::ArgumentError {
    fn from(wit: types::ArgumentError) -> Self {
        Self {
            argument: wit.argument,
            reason: wit.reason,
        }
    }
}

impl From<types::Error> for error::Error {
    fn from(wit: types::Error) -> Self {
        use types::Error as Wit;
        match wit {
            Wit::InvalidArgument(e) => Self::InvalidArgument(e.into()),
            Wit::NoCredentials(places) => Self::NoCredentials(places),
            Wit::NoRegion => Self::NoRegion,
            Wit::DeniedByHost(e) => Self::DeniedByHost(error::HostDenial {
                url: e.url,
                hint: e.hint,
            }),
            Wit::Transport(e) => Self::Transport(error::TransportError {
                phase: match e.phase {
                    types::TransportPhase::Connect => error::TransportPhase::Connect,
                    types::TransportPhase::Tls => error::TransportPhase::Tls,
                    types::TransportPhase::Request => error::TransportPhase::Request,
                    types::TransportPhase::Response => error::TransportPhase::Response,
                    types::TransportPhase::Host => error::TransportPhase::Host,
                },
                detail: e.detail,
                maybe_ran: e.maybe_ran,
                attempts: e.attempts,
            }),
            Wit::Timeout(e) => Self::Timeout(error::TimeoutError {
                phase: match e.phase {
                    types::TimeoutPhase::Connect => error::TimeoutPhase::Connect,
                    types::TimeoutPhase::Response => error::TimeoutPhase::Response,
                    types::TimeoutPhase::Deadline => error::TimeoutPhase::Deadline,
                },
                after_ms: e.after_ms,
                maybe_ran: e.maybe_ran,
                attempts: e.attempts,
            }),
            Wit::Throttled(e) => Self::Throttled(error::ThrottlingError {
                reason: e.reason,
                retry_after_ms: e.retry_after_ms,
                message: e.message,
                request_id: e.request_id,
                maybe_ran: e.maybe_ran,
                attempts: e.attempts,
            }),
            Wit::Service(e) => Self::Service(error::ServiceError {
                code: e.code,
                status: e.status,
                message: e.message,
                hint: e.hint,
                request_id: e.request_id,
                maybe_ran: e.maybe_ran,
                attempts: e.attempts,
            }),
            Wit::ResponseTooLarge(e) => {
                Self::ResponseTooLarge(error::ResponseLimit { limit: e.limit })
            }
            Wit::FunctionFailed(e) => Self::FunctionFailed(error::FunctionFailure {
                function_error: e.function_error.into(),
                payload: e.payload,
                log_tail: e.log_tail,
            }),
            Wit::Other(text) => Self::Other(text),
        }
    }
}

impl From<lifecycle::Config> for wit_lifecycle::Config {
    fn from(core: lifecycle::Config) -> Self {
        Self {
            function_name: core.function_name,
            input: core.input,
            qualifier: core.qualifier,
            region: core.region,
            terraform_key: core.terraform_key,
            tenant_id: core.tenant_id,
            client_context: core.client_context,
            lifecycle_scope: core.lifecycle_scope.map(|scope| match scope {
                lifecycle::LifecycleScope::CreateOnly => wit_lifecycle::LifecycleScope::CreateOnly,
                lifecycle::LifecycleScope::Crud => wit_lifecycle::LifecycleScope::Crud,
            }),
            triggers: core.triggers,
            replace_order: core.replace_order.map(|order| match order {
                lifecycle::ReplaceOrder::DeleteFirst => wit_lifecycle::ReplaceOrder::DeleteFirst,
                lifecycle::ReplaceOrder::CreateFirst => wit_lifecycle::ReplaceOrder::CreateFirst,
            }),
        }
    }
}

impl From<wit_lifecycle::Config> for lifecycle::Config {
    fn from(wit: wit_lifecycle::Config) -> Self {
        Self {
            function_name: wit.function_name,
            input: wit.input,
            qualifier: wit.qualifier,
            region: wit.region,
            terraform_key: wit.terraform_key,
            tenant_id: wit.tenant_id,
            client_context: wit.client_context,
            lifecycle_scope: wit.lifecycle_scope.map(|scope| match scope {
                wit_lifecycle::LifecycleScope::CreateOnly => lifecycle::LifecycleScope::CreateOnly,
                wit_lifecycle::LifecycleScope::Crud => lifecycle::LifecycleScope::Crud,
            }),
            triggers: wit.triggers,
            replace_order: wit.replace_order.map(|order| match order {
                wit_lifecycle::ReplaceOrder::DeleteFirst => lifecycle::ReplaceOrder::DeleteFirst,
                wit_lifecycle::ReplaceOrder::CreateFirst => lifecycle::ReplaceOrder::CreateFirst,
            }),
        }
    }
}

impl From<lifecycle::State> for wit_lifecycle::State {
    fn from(core: lifecycle::State) -> Self {
        Self {
            version: core.version,
            id: core.id,
            config: core.config.into(),
            result: core.result,
            imported: core.imported,
            deposed: core.deposed.map(|core| wit_lifecycle::Deposed {
                id: core.id,
                config: core.config.into(),
            }),
        }
    }
}

impl From<wit_lifecycle::State> for lifecycle::State {
    fn from(wit: wit_lifecycle::State) -> Self {
        Self {
            version: wit.version,
            id: wit.id,
            config: wit.config.into(),
            result: wit.result,
            imported: wit.imported,
            deposed: wit.deposed.map(|wit| lifecycle::Deposed {
                id: wit.id,
                config: wit.config.into(),
            }),
        }
    }
}

impl From<wit_lifecycle::LifecycleEvent> for lifecycle::LifecycleEvent {
    fn from(wit: wit_lifecycle::LifecycleEvent) -> Self {
        match wit {
            wit_lifecycle::LifecycleEvent::Create => Self::Create,
            wit_lifecycle::LifecycleEvent::Update => Self::Update,
            wit_lifecycle::LifecycleEvent::Delete => Self::Delete,
        }
    }
}

impl From<wit_lifecycle::Attribute> for lifecycle::Attribute {
    fn from(attribute: wit_lifecycle::Attribute) -> Self {
        use wit_lifecycle::Attribute as From;
        match attribute {
            From::FunctionName => Self::FunctionName,
            From::Input => Self::Input,
            From::Qualifier => Self::Qualifier,
            From::Region => Self::Region,
            From::TerraformKey => Self::TerraformKey,
            From::TenantId => Self::TenantId,
            From::ClientContext => Self::ClientContext,
            From::LifecycleScope => Self::LifecycleScope,
            From::Triggers => Self::Triggers,
            From::ReplaceOrder => Self::ReplaceOrder,
        }
    }
}

impl From<lifecycle::Attribute> for wit_lifecycle::Attribute {
    fn from(attribute: lifecycle::Attribute) -> Self {
        use lifecycle::Attribute as From;
        match attribute {
            From::FunctionName => Self::FunctionName,
            From::Input => Self::Input,
            From::Qualifier => Self::Qualifier,
            From::Region => Self::Region,
            From::TerraformKey => Self::TerraformKey,
            From::TenantId => Self::TenantId,
            From::ClientContext => Self::ClientContext,
            From::LifecycleScope => Self::LifecycleScope,
            From::Triggers => Self::Triggers,
            From::ReplaceOrder => Self::ReplaceOrder,
        }
    }
}

impl From<lifecycle::PlanOptions> for wit_lifecycle::PlanOptions {
    fn from(core: lifecycle::PlanOptions) -> Self {
        Self {
            unknown: core.unknown.into_iter().map(Into::into).collect(),
            replace: core.replace,
        }
    }
}

impl From<wit_lifecycle::Reason> for lifecycle::Reason {
    fn from(wit: wit_lifecycle::Reason) -> Self {
        match wit {
            wit_lifecycle::Reason::Changed(attribute) => Self::Changed(attribute.into()),
            wit_lifecycle::Reason::Unknown(attribute) => Self::Unknown(attribute.into()),
            wit_lifecycle::Reason::Requested => Self::Requested,
            wit_lifecycle::Reason::Imported => Self::Imported,
            wit_lifecycle::Reason::Deposed => Self::Deposed,
        }
    }
}

impl From<wit_lifecycle::ChangePlan> for lifecycle::ChangePlan {
    fn from(wit: wit_lifecycle::ChangePlan) -> Self {
        use wit_lifecycle::PlanAction as Wit;
        Self {
            action: match wit.action {
                Wit::NoOp => lifecycle::PlanAction::NoOp,
                Wit::Create => lifecycle::PlanAction::Create,
                Wit::Update => lifecycle::PlanAction::Update,
                Wit::Replace => lifecycle::PlanAction::Replace,
                Wit::Delete => lifecycle::PlanAction::Delete,
                Wit::Forget => lifecycle::PlanAction::Forget,
            },
            replace: match wit.replace {
                wit_lifecycle::Replacement::None => lifecycle::Replacement::None,
                wit_lifecycle::Replacement::Possible => lifecycle::Replacement::Possible,
                wit_lifecycle::Replacement::Certain => lifecycle::Replacement::Certain,
            },
            reasons: wit.reasons.into_iter().map(Into::into).collect(),
            requests: wit
                .requests
                .into_iter()
                .map(|wit| lifecycle::PlannedRequest {
                    event: wit.event.into(),
                    function_name: wit.function_name,
                    qualifier: wit.qualifier,
                    region: wit.region,
                    tenant_id: wit.tenant_id,
                    client_context: wit.client_context,
                    payload: wit.payload,
                })
                .collect(),
            result_known: wit.result_known,
        }
    }
}

impl From<wit_lifecycle::Diagnostic> for lifecycle::Diagnostic {
    fn from(wit: wit_lifecycle::Diagnostic) -> Self {
        Self {
            attribute: wit.attribute.into(),
            message: wit.message,
        }
    }
}

impl From<wit_lifecycle::ApplyFailure> for lifecycle::ApplyFailure {
    fn from(wit: wit_lifecycle::ApplyFailure) -> Self {
        Self {
            error: wit.error.into(),
            state: wit.state.map(Into::into),
            completed: wit.completed.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<EphemeralConfig> for wit_ephemeral::EphemeralConfig {
    fn from(host: EphemeralConfig) -> Self {
        Self {
            function_name: host.function_name,
            payload: host.payload,
            client_context: host.client_context,
            qualifier: host.qualifier,
            region: host.region,
            tenant_id: host.tenant_id,
            log_type: host.log_type.map(Into::into),
        }
    }
}

impl From<wit_ephemeral::Opened> for Opened {
    fn from(wit: wit_ephemeral::Opened) -> Self {
        Self {
            result: wit.result,
            status_code: wit.status_code,
            executed_version: wit.executed_version,
            function_error: wit.function_error.map(Into::into),
            log_result: wit.log_result,
            request_id: wit.request_id,
        }
    }
}
