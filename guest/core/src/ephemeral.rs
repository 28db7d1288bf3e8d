//! An invocation whose result is used and forgotten: interface `ephemeral`.

use std::fmt;

use crate::call::connection::Connection;
use crate::call::request::{LogType, Request};
use crate::call::response::Response;
use crate::error::{ArgumentError, FunctionError};

/// What to invoke: the `ephemeral-config` record. Always synchronous.
///
/// `Debug` shows the payload's size only.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct EphemeralConfig {
    /// A name, a partial ARN or a full ARN, each with or without a qualifier.
    pub function_name: String,
    /// JSON, not empty.
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

impl EphemeralConfig {
    /// The request to make, and the connection to make it over.
    ///
    /// # Errors
    ///
    /// [`ArgumentError`] for an empty payload, which the other surfaces
    /// allow; the rest is checked with the request.
    pub fn into_request(
        self,
        mut connection: Connection,
    ) -> Result<(Request, Connection), ArgumentError> {
        if self.payload.is_empty() {
            return Err(ArgumentError::new("payload", "must be JSON, and not empty"));
        }
        if self.region.is_some() {
            connection.region = self.region;
        }
        let request = Request {
            function_name: self.function_name,
            payload: self.payload.into_bytes(),
            log_type: self.log_type,
            qualifier: self.qualifier,
            client_context: self.client_context,
            tenant_id: self.tenant_id,
            ..Request::default()
        };
        Ok((request, connection))
    }
}

/// What came of it: the `opened` record.
///
/// `Debug` shows sizes instead of the result and the log.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(rename_all = "kebab-case")
)]
pub struct Opened {
    /// What the function returned, as text; bytes that are not UTF-8 are replaced.
    pub result: String,
    /// The HTTP status: 200.
    pub status_code: u16,
    /// The version that ran.
    pub executed_version: Option<String>,
    /// Set when the function ran and failed.
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

impl From<Response> for Opened {
    fn from(response: Response) -> Self {
        Self {
            result: String::from_utf8(response.payload)
                .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned()),
            status_code: response.status_code,
            executed_version: response.executed_version,
            function_error: response.function_error,
            log_result: response.log_result,
            request_id: response.request_id,
        }
    }
}
