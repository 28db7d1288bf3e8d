//! One call of Invoke, or of InvokeWithResponseStream, as a state machine without I/O.
//!
//! ```text
//! Unsigned::new --> with_signer --> attempt --(send)--> next --> Step::Done
//!                                      ^                  |
//!                                      +---(wait)--- Step::Repeat
//! ```
//!
//! The caller sends what [`Invocation::attempt`] gives, feeds the outcome to
//! [`Invocation::next`], and does as it says. [`Invocation::prepare`] signs and
//! stops there.

use std::fmt;
use std::mem;
use std::time::Duration;

use http::Method;
use percent_encoding::utf8_percent_encode;

use crate::call::connection::{Connection, RetryMode};
use crate::call::endpoint::Partition;
use crate::call::function_name::FunctionName;
use crate::call::request::{InvocationType, Operation, Outgoing};
use crate::call::response::{self, MAX_RESPONSE, RawResponse, Response};
use crate::call::sender::{user_agent, uuid};
use crate::call::settings::{Environment, Settings};
use crate::call::sign::{self, Scope, Signable, Signed, SigningTime};
use crate::call::signer::{SERVICE, Signer};
use crate::call::wasi_http::{self, Limits};
use crate::call::{clock_skew, retry, service_error};
use crate::error::{ArgumentError, Error, TransportError, TransportPhase};

pub(crate) const METHOD: Method = Method::POST;

/// A call that is in order, but for who signs it: credentials may have to be fetched, and
/// nothing is fetched for a call that would be refused.
pub struct Unsigned {
    settings: Settings,
    /// Path with the endpoint's own in front, encoded once.
    path: String,
    qualifier: Option<String>,
    operation: Operation,
    invocation_type: InvocationType,
    /// The operation's headers, names in lower case.
    operation_headers: Vec<(&'static str, String)>,
    payload: Vec<u8>,
    payload_hash: String,
    user_agent: String,
    invocation_id: String,
    /// For the jitter; changes with every draw.
    random: u64,
}

/// A call on its way.
pub struct Invocation {
    call: Unsigned,
    signer: Signer,
    /// Attempts made.
    attempts: u32,
    /// Whether an attempt that was repeated may have run the function.
    maybe_ran: bool,
    /// Seconds to add to the clock, once a server showed that it is off.
    skew: Option<i64>,
    /// Whether the signer is not the first.
    renewed: bool,
}

impl fmt::Debug for Unsigned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unsigned")
            .field("path", &self.path)
            .field("payload_len", &self.payload.len())
            .field("invocation_id", &self.invocation_id)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Invocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Invocation")
            .field("call", &self.call)
            .field("attempts", &self.attempts)
            .finish_non_exhaustive()
    }
}

/// The head of a request to send; the body is [`Invocation::payload`].
#[derive(Clone, PartialEq, Eq)]
pub struct Head {
    /// Path and query as on the wire.
    pub path_and_query: String,
    /// Every header but `host` and `content-length`, which the HTTP stack sets from
    /// the authority and the body. Names in lower case.
    pub headers: Vec<(&'static str, String)>,
}

/// A signed request for the caller to send: the `signed-request` record.
///
/// `Debug` shows neither headers nor body: they hold credentials and payload.
#[derive(Clone, PartialEq, Eq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize),
    serde(rename_all = "kebab-case")
)]
pub struct SignedRequest {
    /// Always `POST`.
    pub method: String,
    /// The absolute URL.
    pub url: String,
    /// Names in lower case, `authorization` and `host` included.
    pub headers: Vec<(String, String)>,
    /// The payload, unchanged.
    #[cfg_attr(
        feature = "serde",
        serde(serialize_with = "crate::serde_bytes::base64")
    )]
    pub body: Vec<u8>,
    /// The canonical request.
    pub canonical_request: String,
    /// The string to sign.
    pub string_to_sign: String,
}

impl fmt::Debug for SignedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignedRequest")
            .field("method", &self.method)
            .field("url", &self.url)
            .field("body_len", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// What to do after an attempt.
#[derive(Debug)]
#[allow(
    clippy::large_enum_variant,
    reason = "one at a time, and taken apart at once; on wasm32 it is small enough"
)]
pub enum Step {
    /// The call is over.
    Done(Result<Response, Error>),
    /// Make another attempt after this wait.
    Repeat(Duration),
}

impl Unsigned {
    /// Checks the arguments and fixes everything that stays the same over the attempts;
    /// the credentials of `connection` are passed over.
    ///
    /// `request` is a [`Request`], or one whose payload need not be read. `random` are 16
    /// random bytes; they become `amz-sdk-invocation-id`.
    ///
    /// # Errors
    ///
    /// [`Error::NoRegion`], and [`Error::InvalidArgument`] as [`Settings::resolve`] and
    /// [`Request::check`], and for an ARN whose region or partition is not the
    /// connection's.
    ///
    /// [`Request`]: crate::call::request::Request
    /// [`Request::check`]: crate::call::request::Request::check
    pub fn new(
        request: impl Into<Outgoing>,
        connection: Connection,
        environment: &Environment,
        random: [u8; 16],
    ) -> Result<Self, Error> {
        let settings = Settings::resolve(connection, environment)?;
        Self::with_settings(request.into(), settings, random)
    }

    fn with_settings(
        outgoing: Outgoing,
        settings: Settings,
        random: [u8; 16],
    ) -> Result<Self, Error> {
        check_region(&outgoing.check()?, &settings)?;
        let operation = outgoing.operation;
        let request = outgoing.request;
        let (before, after) = operation.path();
        let mut path = String::with_capacity(128);
        path.push_str(&settings.endpoint.base_path);
        path.push_str(before);
        path.extend(utf8_percent_encode(&request.function_name, sign::COMPONENT));
        path.push_str(after);
        let operation_headers = [
            (
                "x-amz-invocation-type",
                request.invocation_type.map(|t| t.as_str().to_owned()),
            ),
            (
                "x-amz-log-type",
                request.log_type.map(|t| t.as_str().to_owned()),
            ),
            ("x-amz-client-context", request.client_context),
            ("x-amz-tenant-id", request.tenant_id),
            (
                "x-amz-durable-execution-name",
                request.durable_execution_name,
            ),
        ];
        Ok(Self {
            path,
            qualifier: request.qualifier,
            operation,
            invocation_type: request.invocation_type.unwrap_or_default(),
            operation_headers: operation_headers
                .into_iter()
                .filter_map(|(name, value)| Some((name, value?)))
                .collect(),
            payload_hash: match request.payload_sha256 {
                Some(known) => known,
                None => sign::sha256_hex(&request.payload),
            },
            payload: request.payload,
            user_agent: user_agent(settings.app_id.as_deref()),
            invocation_id: uuid(random),
            random: u64::from_le_bytes(first_half(random)),
            settings,
        })
    }

    /// How and where to send it.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The call to make, signed by `signer`.
    ///
    /// # Errors
    ///
    /// [`ArgumentError`] for credentials that no header can carry, and for derived
    /// ones without a key for the region.
    pub fn with_signer(self, signer: impl Into<Signer>) -> Result<Invocation, ArgumentError> {
        let signer = signer.into();
        signer.check(&self.settings.region)?;
        Ok(Invocation {
            call: self,
            signer,
            attempts: 0,
            maybe_ran: false,
            skew: None,
            renewed: false,
        })
    }

    fn query(&self) -> Option<(&str, &str)> {
        self.qualifier.as_deref().map(|q| ("Qualifier", q))
    }

    fn path_and_query(&self) -> String {
        match self.query() {
            Some(pair) => format!("{}?{}", self.path, sign::canonical_query(&[pair])),
            None => self.path.clone(),
        }
    }

    fn fits(&self, elapsed: Duration, wait: Duration) -> bool {
        self.settings
            .deadline
            .is_none_or(|deadline| elapsed.saturating_add(wait) < deadline)
    }

    /// Jitter needs spread, not secrecy: a step of the SplitMix64 generator.
    fn draw(&mut self) -> u64 {
        self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.random ^ (self.random >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

impl Invocation {
    /// The limits to keep while sending.
    pub fn settings(&self) -> &Settings {
        &self.call.settings
    }

    /// What the server may take and send in an attempt.
    pub fn limits(&self) -> Limits {
        Limits {
            connect: self.call.settings.connect_timeout,
            response: self.call.settings.response_timeout,
            body: MAX_RESPONSE,
        }
    }

    /// Where each attempt goes.
    pub(crate) fn url(&self) -> String {
        [
            &self.call.settings.endpoint.origin(),
            &*self.call.path_and_query(),
        ]
        .concat()
    }

    /// The body to send.
    pub fn payload(&self) -> &[u8] {
        &self.call.payload
    }

    /// The next attempt's request, signed for `now`: the time since the epoch by
    /// the host's clock.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] where derived credentials have no key for the day; it is
    /// to be passed to [`next`](Self::next) as an attempt's outcome.
    pub fn attempt(&mut self, now: Duration) -> Result<Head, Error> {
        self.attempts = self.attempts.saturating_add(1);
        let time = SigningTime::new(clock_skew::corrected(now, self.skew));
        let signed = self.sign(&time)?;
        let mut headers = Vec::with_capacity(self.call.operation_headers.len().saturating_add(6));
        headers.extend(self.call.operation_headers.iter().cloned());
        headers.push(("x-amz-date", time.amz_date().to_owned()));
        if let Some(token) = self.signer.session_token() {
            headers.push(("x-amz-security-token", token.to_owned()));
        }
        headers.push(("authorization", signed.authorization));
        headers.push(("user-agent", self.call.user_agent.clone()));
        // Neither is signed: the SDKs add them after the signature, too.
        headers.push(("amz-sdk-invocation-id", self.call.invocation_id.clone()));
        headers.push((
            "amz-sdk-request",
            [
                "attempt=",
                &self.attempts.to_string(),
                "; max=",
                &self.call.settings.retry.max_attempts.to_string(),
            ]
            .concat(),
        ));
        Ok(Head {
            path_and_query: self.call.path_and_query(),
            headers,
        })
    }

    /// Whether more than this head is needed to know what came of an attempt: the answer's
    /// body, which is else the function's own.
    pub fn needs_body(&self, head: &RawResponse) -> bool {
        head.needs_body(self.call.operation)
    }

    /// Whether the answer comes piece by piece.
    pub fn is_streaming(&self) -> bool {
        self.call.operation == Operation::InvokeWithResponseStream
    }

    /// What no text may hold.
    pub(crate) fn secrets(&self) -> [&str; 3] {
        self.signer.secrets()
    }

    /// Gives the payload up where a response with this status has begun and no attempt can
    /// follow. The response may have its memory: megabytes that a component need not ask
    /// its host for.
    pub fn take_payload(&mut self, status: u16) -> Option<Vec<u8>> {
        let again = self.call.settings.retry.mode == RetryMode::Idempotent
            && self.attempts < self.call.settings.retry.max_attempts;
        ((200..300).contains(&status) && !again).then(|| mem::take(&mut self.call.payload))
    }

    /// What follows from an attempt's outcome, `elapsed` after the call began and
    /// at `now` by the host's clock.
    pub fn next(
        &mut self,
        outcome: Result<RawResponse, Error>,
        now: Duration,
        elapsed: Duration,
    ) -> Step {
        let (mut date, mut asked_ms) = (None, None);
        let secrets = self.signer.secrets();
        let result = outcome.map_err(|error| wasi_http::quoted(error, &secrets));
        let result = result.and_then(|raw| {
            date = clock_skew::server_time(&raw);
            asked_ms = service_error::retry_after_ms(&raw);
            response::read(
                raw,
                self.call.operation,
                self.call.invocation_type,
                &secrets,
            )
        });
        let error = match result {
            Ok(mut response) => {
                response.attempts = self.attempts;
                return Step::Done(Ok(response));
            }
            Err(error) => error,
        };
        if self.attempts >= self.call.settings.retry.max_attempts {
            return Step::Done(Err(self.of_all_attempts(error)));
        }
        let mode = self.call.settings.retry.mode;
        let skew = self.newly_found_skew(&error, date, now);
        let wait = if skew.is_some() {
            Some(Duration::ZERO)
        } else {
            retry::backoff(&error, mode, self.attempts, asked_ms, self.call.draw())
        };
        match wait {
            Some(wait) if self.call.fits(elapsed, wait) => {
                self.skew = self.skew.or(skew);
                self.maybe_ran |= error.maybe_ran();
                Step::Repeat(wait)
            }
            _ => Step::Done(Err(self.of_all_attempts(error))),
        }
    }

    /// The last attempt's error, for the whole call: that nothing was sent is said only
    /// where it holds for every attempt.
    pub(crate) fn of_all_attempts(&self, mut error: Error) -> Error {
        match &error {
            // It says that nothing was sent, which holds for this attempt alone.
            Error::DeniedByHost(e) if self.maybe_ran => {
                error = Error::Transport(TransportError {
                    phase: TransportPhase::Host,
                    detail: ["the host denied a further attempt: ", &e.hint].concat(),
                    maybe_ran: true,
                    attempts: 0,
                });
            }
            // It says the same.
            Error::InvalidArgument(e) if self.maybe_ran => {
                // Not by the error's own text: with it come the texts of all others, 5 KB.
                return Error::Other(
                    [
                        "a further attempt could not be signed: invalid ",
                        &e.argument,
                        ": ",
                        &e.reason,
                        "; the function may have run",
                    ]
                    .concat(),
                );
            }
            _ => {}
        }
        if let Some((maybe_ran, attempts)) = error.of_the_call() {
            *maybe_ran |= self.maybe_ran;
            *attempts = self.attempts;
        }
        error
    }

    /// Whether other credentials can still be used: once a call, and where the retry policy
    /// leaves an attempt for it.
    pub fn may_renew(&self) -> bool {
        let policy = self.call.settings.retry;
        !self.renewed && policy.mode != RetryMode::Never && self.attempts < policy.max_attempts
    }

    /// Has the attempts to come signed by another signer.
    ///
    /// # Errors
    ///
    /// As [`Unsigned::with_signer`].
    pub fn renew(&mut self, signer: impl Into<Signer>) -> Result<(), ArgumentError> {
        let signer = signer.into();
        signer.check(&self.call.settings.region)?;
        self.signer = signer;
        self.renewed = true;
        Ok(())
    }

    /// Signs for `now` and stops there.
    ///
    /// # Errors
    ///
    /// [`ArgumentError`] where derived credentials have no key for the day.
    pub fn prepare(self, now: Duration) -> Result<SignedRequest, ArgumentError> {
        let time = SigningTime::new(now);
        let signed = self.sign(&time)?;
        let url = self.url();
        let mut headers = vec![(
            "host".to_owned(),
            self.call.settings.endpoint.authority.clone(),
        )];
        headers.extend(
            self.call
                .operation_headers
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value)),
        );
        headers.push(("x-amz-date".to_owned(), time.amz_date().to_owned()));
        if let Some(token) = self.signer.session_token() {
            headers.push(("x-amz-security-token".to_owned(), token.to_owned()));
        }
        headers.push(("authorization".to_owned(), signed.authorization));
        Ok(SignedRequest {
            method: METHOD.as_str().to_owned(),
            url,
            headers,
            body: self.call.payload,
            canonical_request: signed.canonical_request,
            string_to_sign: signed.string_to_sign,
        })
    }

    fn sign(&self, time: &SigningTime) -> Result<Signed, ArgumentError> {
        let key = self.signer.key(&self.call.settings.region, time)?;
        let mut headers = vec![
            ("host", self.call.settings.endpoint.authority.as_str()),
            ("x-amz-date", time.amz_date()),
        ];
        headers.extend(
            self.call
                .operation_headers
                .iter()
                .map(|(name, value)| (*name, value.as_str())),
        );
        if let Some(token) = self.signer.session_token() {
            headers.push(("x-amz-security-token", token));
        }
        let query: Vec<(&str, &str)> = self.call.query().into_iter().collect();
        Ok(sign::sign(
            &Signable {
                method: METHOD.as_str(),
                path: &self.call.path,
                query: &query,
                headers: &headers,
                payload_hash: &self.call.payload_hash,
            },
            &Scope {
                access_key_id: self.signer.access_key_id(),
                key: &key,
                region: &self.call.settings.region,
                service: SERVICE,
                time,
            },
        ))
    }

    /// A skew worth correcting, once a call and only where nothing ran.
    fn newly_found_skew(
        &self,
        error: &Error,
        date: Option<Duration>,
        now: Duration,
    ) -> Option<i64> {
        let Error::Service(error) = error else {
            return None;
        };
        if self.skew.is_some()
            || self.call.settings.retry.mode == RetryMode::Never
            || error.maybe_ran
        {
            return None;
        }
        let skew = clock_skew::worth_correcting(error, date, now)?;
        // Derived keys may not reach as far as the clock is off; the refusal says more then.
        let time = SigningTime::new(clock_skew::corrected(now, Some(skew)));
        self.signer.key(&self.call.settings.region, &time).ok()?;
        Some(skew)
    }
}

/// SDKs let the client's region win silently, and the service then answers that
/// the function does not exist; saying so before costs nothing.
fn check_region(name: &FunctionName<'_>, settings: &Settings) -> Result<(), ArgumentError> {
    if name.region.is_some_and(|region| region != settings.region) {
        return Err(ArgumentError::new(
            "function-name",
            format!(
                "the ARN names another region than the connection ({}): set AWS_REGION (--region) to the ARN's, or use the bare name",
                settings.region
            ),
        ));
    }
    let partition = Partition::of(&settings.region).id;
    if name.partition.is_some_and(|named| named != partition) {
        return Err(ArgumentError::new(
            "function-name",
            format!(
                "the ARN's partition is not {partition}, the one of region {}",
                settings.region
            ),
        ));
    }
    Ok(())
}

fn first_half(bytes: [u8; 16]) -> [u8; 8] {
    let [a, b, c, d, e, f, g, h, ..] = bytes;
    [a, b, c, d, e, f, g, h]
}
