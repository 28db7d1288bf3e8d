//! The records of interface `ephemeral`.

use std::fmt;

use lambda_invocation_core::error::FunctionError;
use lambda_invocation_core::request::LogType;

/// What to invoke: the `ephemeral-config` record. Always synchronous.
///
/// `Debug` shows sizes instead of the payload and the client context.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct EphemeralConfig {
    /// A name, a partial ARN or a full ARN, each with or without a qualifier.
    pub function_name: String,
    /// The event: JSON, and not empty.
    pub payload: String,
    /// Data about the client for the function's context object, in base64.
    pub client_context: Option<String>,
    /// A version or an alias.
    pub qualifier: Option<String>,
    /// Region of the function, instead of the connection's.
    pub region: Option<String>,
    /// The tenant, for functions with tenant isolation.
    pub tenant_id: Option<String>,
    /// Whether the end of the execution log is returned.
    pub log_type: Option<LogType>,
}

impl fmt::Debug for EphemeralConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EphemeralConfig")
            .field("function_name", &self.function_name)
            .field("payload_len", &self.payload.len())
            .field("qualifier", &self.qualifier)
            .field("region", &self.region)
            .field("tenant_id", &self.tenant_id)
            .field("log_type", &self.log_type)
            .finish_non_exhaustive()
    }
}

/// What came of it: the `opened` record.
///
/// `Debug` shows neither the result nor the log.
#[derive(Clone, PartialEq, Eq)]
pub struct Opened {
    /// What the function returned, as text.
    pub result: String,
    /// The HTTP status: 200.
    pub status_code: u16,
    /// The version that ran.
    pub executed_version: Option<String>,
    /// Set when the function ran and failed; `result` then holds the runtime's whole
    /// report.
    pub function_error: Option<FunctionError>,
    /// The end of the log in base64, as sent.
    pub log_result: Option<String>,
    /// Lambda's id of the request.
    pub request_id: Option<String>,
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened")
            .field("result_len", &self.result.len())
            .field("status_code", &self.status_code)
            .field("executed_version", &self.executed_version)
            .field("function_error", &self.function_error)
            .field("request_id", &self.request_id)
            .finish_non_exhaustive()
    }
}
