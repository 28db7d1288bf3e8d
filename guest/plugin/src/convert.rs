//! Between the records of WIT and the types of core: one `From` each, which moves
//! and never copies. Those that several exports share are kept out of line: inlined,
//! they are a tenth of the component.

use lambda_invocation_core::call::{connection, invocation, request, response};
use lambda_invocation_core::{ephemeral as core_ephemeral, error, lifecycle};

use crate::bindings::exports::lambda::invocation::{
    ephemeral, invocation_lifecycle, invoke, types,
};

/// An absent connection leaves everything to the environment and the defaults.
pub(crate) fn connection(wit: Option<types::Connection>) -> connection::Connection {
    wit.map(Into::into).unwrap_or_default()
}

impl From<types::Connection> for connection::Connection {
    #[inline(never)]
    fn from(wit: types::Connection) -> Self {
        Self {
            region: wit.region,
            endpoint_url: wit.endpoint_url,
            credentials: wit.credentials.map(|wit| connection::Credentials {
                access_key_id: wit.access_key_id,
                secret_access_key: wit.secret_access_key,
                session_token: wit.session_token,
            }),
            derived_credentials: wit.derived_credentials.map(|wit| {
                connection::DerivedCredentials {
                    access_key_id: wit.access_key_id,
                    session_token: wit.session_token,
                    keys: wit
                        .keys
                        .into_iter()
                        .map(|wit| connection::SigningKey {
                            date: wit.date,
                            region: wit.region,
                            key: wit.key,
                        })
                        .collect(),
                }
            }),
            use_fips: wit.use_fips,
            use_dualstack: wit.use_dualstack,
            connect_timeout_ms: wit.connect_timeout_ms,
            response_timeout_ms: wit.response_timeout_ms,
            deadline_ms: wit.deadline_ms,
            retry: wit.retry.map(|wit| connection::RetryPolicy {
                mode: match wit.mode {
                    types::RetryMode::Never => connection::RetryMode::Never,
                    types::RetryMode::Safe => connection::RetryMode::Safe,
                    types::RetryMode::Idempotent => connection::RetryMode::Idempotent,
                },
                max_attempts: wit.max_attempts,
            }),
            allow_http: wit.allow_http,
            app_id: wit.app_id,
        }
    }
}

impl From<types::LogType> for request::LogType {
    fn from(wit: types::LogType) -> Self {
        match wit {
            types::LogType::None => Self::None,
            types::LogType::Tail => Self::Tail,
        }
    }
}

impl From<types::InvocationType> for request::InvocationType {
    fn from(wit: types::InvocationType) -> Self {
        match wit {
            types::InvocationType::RequestResponse => Self::RequestResponse,
            types::InvocationType::Event => Self::Event,
            types::InvocationType::DryRun => Self::DryRun,
        }
    }
}

impl From<invoke::Request> for request::Request {
    fn from(wit: invoke::Request) -> Self {
        Self {
            function_name: wit.function_name,
            payload: wit.payload,
            payload_sha256: wit.payload_sha256,
            invocation_type: wit.invocation_type.map(Into::into),
            log_type: wit.log_type.map(Into::into),
            qualifier: wit.qualifier,
            client_context: wit.client_context,
            tenant_id: wit.tenant_id,
            durable_execution_name: wit.durable_execution_name,
        }
    }
}

impl From<invoke::RawResponse> for response::RawResponse {
    fn from(wit: invoke::RawResponse) -> Self {
        Self {
            status: wit.status,
            headers: wit.headers,
            body: wit.body,
        }
    }
}

impl From<response::Response> for invoke::Response {
    #[inline(never)]
    fn from(core: response::Response) -> Self {
        Self {
            status_code: core.status_code,
            payload: core.payload,
            executed_version: core.executed_version,
            log_result: core.log_result,
            log_tail: core.log_tail,
            function_error: core.function_error.map(Into::into),
            request_id: core.request_id,
            durable_execution_arn: core.durable_execution_arn,
            attempts: core.attempts,
        }
    }
}

impl From<invocation::SignedRequest> for invoke::SignedRequest {
    fn from(core: invocation::SignedRequest) -> Self {
        Self {
            method: core.method,
            url: core.url,
            headers: core.headers,
            body: core.body,
            canonical_request: core.canonical_request,
            string_to_sign: core.string_to_sign,
        }
    }
}

impl From<error::FunctionError> for types::FunctionError {
    fn from(core: error::FunctionError) -> Self {
        Self {
            kind: core.kind,
            error_type: core.error_type,
            error_message: core.error_message,
            stack_trace: core.stack_trace,
        }
    }
}

impl From<error::Error> for types::Error {
    #[inline(never)]
    fn from(core: error::Error) -> Self {
        use error::Error as Core;
        match core {
            Core::InvalidArgument(e) => Self::InvalidArgument(types::ArgumentError {
                argument: e.argument.into_owned(),
                reason: e.reason.into_owned(),
            }),
            Core::NoCredentials(places) => Self::NoCredentials(places),
            Core::NoRegion => Self::NoRegion,
            Core::DeniedByHost(e) => Self::DeniedByHost(types::HostDenial {
                url: e.url,
                hint: e.hint,
            }),
            Core::Transport(e) => Self::Transport(types::TransportError {
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
            Core::Timeout(e) => Self::Timeout(types::TimeoutError {
                phase: match e.phase {
                    error::TimeoutPhase::Connect => types::TimeoutPhase::Connect,
                    error::TimeoutPhase::Response => types::TimeoutPhase::Response,
                    error::TimeoutPhase::Deadline => types::TimeoutPhase::Deadline,
                },
                after_ms: e.after_ms,
                maybe_ran: e.maybe_ran,
            }),
            Core::Throttled(e) => Self::Throttled(types::ThrottlingError {
                reason: e.reason,
                retry_after_ms: e.retry_after_ms,
                message: e.message,
                request_id: e.request_id,
                maybe_ran: e.maybe_ran,
            }),
            Core::Service(e) => Self::Service(types::ServiceError {
                code: e.code,
                status: e.status,
                message: e.message,
                hint: e.hint.map(Into::into),
                request_id: e.request_id,
                maybe_ran: e.maybe_ran,
            }),
            Core::ResponseTooLarge { limit } => {
                Self::ResponseTooLarge(types::ResponseLimit { limit })
            }
            Core::FunctionFailed(e) => Self::FunctionFailed(types::FunctionFailure {
                function_error: e.function_error.into(),
                payload: e.payload,
                log_tail: e.log_tail,
            }),
            Core::Other(text) => Self::Other(text),
        }
    }
}

impl From<invocation_lifecycle::Config> for lifecycle::Config {
    #[inline(never)]
    fn from(wit: invocation_lifecycle::Config) -> Self {
        Self {
            function_name: wit.function_name,
            input: wit.input,
            qualifier: wit.qualifier,
            region: wit.region,
            terraform_key: wit.terraform_key,
            tenant_id: wit.tenant_id,
            lifecycle_scope: wit.lifecycle_scope.map(|scope| match scope {
                invocation_lifecycle::LifecycleScope::CreateOnly => {
                    lifecycle::LifecycleScope::CreateOnly
                }
                invocation_lifecycle::LifecycleScope::Crud => lifecycle::LifecycleScope::Crud,
            }),
            triggers: wit.triggers,
            replace_order: wit.replace_order.map(|order| match order {
                invocation_lifecycle::ReplaceOrder::DeleteFirst => {
                    lifecycle::ReplaceOrder::DeleteFirst
                }
                invocation_lifecycle::ReplaceOrder::CreateFirst => {
                    lifecycle::ReplaceOrder::CreateFirst
                }
            }),
        }
    }
}

impl From<lifecycle::Config> for invocation_lifecycle::Config {
    #[inline(never)]
    fn from(core: lifecycle::Config) -> Self {
        Self {
            function_name: core.function_name,
            input: core.input,
            qualifier: core.qualifier,
            region: core.region,
            terraform_key: core.terraform_key,
            tenant_id: core.tenant_id,
            lifecycle_scope: core.lifecycle_scope.map(|scope| match scope {
                lifecycle::LifecycleScope::CreateOnly => {
                    invocation_lifecycle::LifecycleScope::CreateOnly
                }
                lifecycle::LifecycleScope::Crud => invocation_lifecycle::LifecycleScope::Crud,
            }),
            triggers: core.triggers,
            replace_order: core.replace_order.map(|order| match order {
                lifecycle::ReplaceOrder::DeleteFirst => {
                    invocation_lifecycle::ReplaceOrder::DeleteFirst
                }
                lifecycle::ReplaceOrder::CreateFirst => {
                    invocation_lifecycle::ReplaceOrder::CreateFirst
                }
            }),
        }
    }
}

impl From<invocation_lifecycle::State> for lifecycle::State {
    #[inline(never)]
    fn from(wit: invocation_lifecycle::State) -> Self {
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

impl From<lifecycle::State> for invocation_lifecycle::State {
    #[inline(never)]
    fn from(core: lifecycle::State) -> Self {
        Self {
            version: core.version,
            id: core.id,
            config: core.config.into(),
            result: core.result,
            imported: core.imported,
            deposed: core.deposed.map(|core| invocation_lifecycle::Deposed {
                id: core.id,
                config: core.config.into(),
            }),
        }
    }
}

impl From<lifecycle::LifecycleEvent> for invocation_lifecycle::LifecycleEvent {
    fn from(core: lifecycle::LifecycleEvent) -> Self {
        match core {
            lifecycle::LifecycleEvent::Create => Self::Create,
            lifecycle::LifecycleEvent::Update => Self::Update,
            lifecycle::LifecycleEvent::Delete => Self::Delete,
        }
    }
}

impl From<invocation_lifecycle::Attribute> for lifecycle::Attribute {
    fn from(attribute: invocation_lifecycle::Attribute) -> Self {
        use invocation_lifecycle::Attribute as From;
        match attribute {
            From::FunctionName => Self::FunctionName,
            From::Input => Self::Input,
            From::Qualifier => Self::Qualifier,
            From::Region => Self::Region,
            From::TerraformKey => Self::TerraformKey,
            From::TenantId => Self::TenantId,
            From::LifecycleScope => Self::LifecycleScope,
            From::Triggers => Self::Triggers,
            From::ReplaceOrder => Self::ReplaceOrder,
        }
    }
}

impl From<lifecycle::Attribute> for invocation_lifecycle::Attribute {
    fn from(attribute: lifecycle::Attribute) -> Self {
        use lifecycle::Attribute as From;
        match attribute {
            From::FunctionName => Self::FunctionName,
            From::Input => Self::Input,
            From::Qualifier => Self::Qualifier,
            From::Region => Self::Region,
            From::TerraformKey => Self::TerraformKey,
            From::TenantId => Self::TenantId,
            From::LifecycleScope => Self::LifecycleScope,
            From::Triggers => Self::Triggers,
            From::ReplaceOrder => Self::ReplaceOrder,
        }
    }
}

impl From<invocation_lifecycle::PlanOptions> for lifecycle::PlanOptions {
    fn from(wit: invocation_lifecycle::PlanOptions) -> Self {
        Self {
            unknown: wit.unknown.into_iter().map(Into::into).collect(),
            replace: wit.replace,
        }
    }
}

impl From<lifecycle::Reason> for invocation_lifecycle::Reason {
    fn from(core: lifecycle::Reason) -> Self {
        match core {
            lifecycle::Reason::Changed(attribute) => Self::Changed(attribute.into()),
            lifecycle::Reason::Unknown(attribute) => Self::Unknown(attribute.into()),
            lifecycle::Reason::Requested => Self::Requested,
            lifecycle::Reason::Imported => Self::Imported,
            lifecycle::Reason::Deposed => Self::Deposed,
        }
    }
}

impl From<lifecycle::ChangePlan> for invocation_lifecycle::ChangePlan {
    fn from(core: lifecycle::ChangePlan) -> Self {
        use invocation_lifecycle::PlanAction as Wit;
        Self {
            action: match core.action {
                lifecycle::PlanAction::NoOp => Wit::NoOp,
                lifecycle::PlanAction::Create => Wit::Create,
                lifecycle::PlanAction::Update => Wit::Update,
                lifecycle::PlanAction::Replace => Wit::Replace,
                lifecycle::PlanAction::Delete => Wit::Delete,
                lifecycle::PlanAction::Forget => Wit::Forget,
            },
            replace: match core.replace {
                lifecycle::Replacement::None => invocation_lifecycle::Replacement::None,
                lifecycle::Replacement::Possible => invocation_lifecycle::Replacement::Possible,
                lifecycle::Replacement::Certain => invocation_lifecycle::Replacement::Certain,
            },
            reasons: core.reasons.into_iter().map(Into::into).collect(),
            requests: core
                .requests
                .into_iter()
                .map(|core| invocation_lifecycle::PlannedRequest {
                    event: core.event.into(),
                    function_name: core.function_name,
                    qualifier: core.qualifier,
                    region: core.region,
                    tenant_id: core.tenant_id,
                    payload: core.payload,
                })
                .collect(),
            result_known: core.result_known,
        }
    }
}

impl From<lifecycle::ApplyFailure> for invocation_lifecycle::ApplyFailure {
    fn from(core: lifecycle::ApplyFailure) -> Self {
        Self {
            error: core.error.into(),
            state: core.state.map(Into::into),
            completed: core.completed.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<lifecycle::Diagnostic> for invocation_lifecycle::Diagnostic {
    fn from(core: lifecycle::Diagnostic) -> Self {
        Self {
            attribute: core.attribute.into(),
            message: core.message,
        }
    }
}

impl From<ephemeral::EphemeralConfig> for core_ephemeral::EphemeralConfig {
    fn from(wit: ephemeral::EphemeralConfig) -> Self {
        Self {
            function_name: wit.function_name,
            payload: wit.payload,
            client_context: wit.client_context,
            qualifier: wit.qualifier,
            region: wit.region,
            tenant_id: wit.tenant_id,
            log_type: wit.log_type.map(Into::into),
        }
    }
}

impl From<core_ephemeral::Opened> for ephemeral::Opened {
    fn from(core: core_ephemeral::Opened) -> Self {
        Self {
            result: core.result,
            status_code: core.status_code,
            executed_version: core.executed_version,
            function_error: core.function_error.map(Into::into),
            log_result: core.log_result,
            request_id: core.request_id,
        }
    }
}
