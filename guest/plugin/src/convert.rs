//! Between the records of WIT and the types of core: one `From` each, which moves
//! and never copies.

use lambda_invocation_core::{connection, error, invocation, request, response};

use crate::bindings::exports::lambda::invocation::{invoke, types};

/// An absent connection leaves everything to the environment and the defaults.
pub(crate) fn connection(wit: Option<types::Connection>) -> connection::Connection {
    wit.map(Into::into).unwrap_or_default()
}

impl From<types::Connection> for connection::Connection {
    fn from(wit: types::Connection) -> Self {
        Self {
            region: wit.region,
            endpoint_url: wit.endpoint_url,
            credentials: wit.credentials.map(|wit| connection::Credentials {
                access_key_id: wit.access_key_id,
                secret_access_key: wit.secret_access_key,
                session_token: wit.session_token,
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
                sent: e.sent,
            }),
            Core::Timeout(e) => Self::Timeout(types::TimeoutError {
                phase: match e.phase {
                    error::TimeoutPhase::Connect => types::TimeoutPhase::Connect,
                    error::TimeoutPhase::Response => types::TimeoutPhase::Response,
                    error::TimeoutPhase::Deadline => types::TimeoutPhase::Deadline,
                },
                after_ms: e.after_ms,
                sent: e.sent,
            }),
            Core::Throttled(e) => Self::Throttled(types::ThrottlingError {
                reason: e.reason,
                retry_after_ms: e.retry_after_ms,
                message: e.message,
                request_id: e.request_id,
            }),
            Core::Service(e) => Self::Service(types::ServiceError {
                code: e.code,
                status: e.status,
                message: e.message,
                hint: e.hint.map(Into::into),
                request_id: e.request_id,
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
