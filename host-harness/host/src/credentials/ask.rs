//! Sends the questions that sources of credentials answer, with limits on time and size.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Full, Limited};
use lambda_invocation_core::call::response::RawResponse;
use lambda_invocation_core::call::wasi_http::Limits;
use lambda_invocation_core::credentials::{MAX_ANSWER, Question};
use lambda_invocation_core::error::{
    Error, ResponseLimit, TimeoutError, TimeoutPhase, TransportError, TransportPhase,
};
use tokio::time::{sleep, timeout};
use wasmtime_wasi_http::{RequestOptions, WasiBody};

use crate::http::Client;

/// Asks, and asks again where that may help.
pub(super) async fn ask(client: &Client, question: &Question) -> Result<RawResponse, Error> {
    let mut tries = 1;
    loop {
        let outcome = ask_once(client, question).await;
        match question.again(&outcome, tries, random()) {
            Some(pause) => sleep(pause).await,
            None => return outcome.map_err(|error| question.unanswered(error)),
        }
        tries += 1;
    }
}

async fn ask_once(client: &Client, question: &Question) -> Result<RawResponse, Error> {
    let limits = Limits {
        connect: question.timeout,
        response: question.timeout,
        body: MAX_ANSWER,
    };
    let exchange = async {
        let response = client.send(request(question)?, options(&limits)).await;
        let response = response.map_err(|failed| failed.into_error(&question.endpoint, &limits))?;
        let status = response.status().as_u16();
        let body = read(response.into_body()).await?;
        Ok(RawResponse {
            status,
            // No source says anything in them.
            headers: Vec::new(),
            body: body.into(),
        })
    };
    // The limits hold for each piece; an answer must not come in pieces for ever.
    timeout(question.timeout, exchange)
        .await
        .unwrap_or_else(|_| {
            Err(Error::Timeout(TimeoutError {
                phase: TimeoutPhase::Response,
                after_ms: u32::try_from(question.timeout.as_millis()).unwrap_or(u32::MAX),
                maybe_ran: true,
                attempts: 0,
            }))
        })
}

pub(super) fn options(limits: &Limits) -> RequestOptions {
    RequestOptions {
        connect_timeout: Some(limits.connect),
        first_byte_timeout: Some(limits.response),
        between_bytes_timeout: Some(limits.response),
    }
}

fn request(question: &Question) -> Result<Request<WasiBody>, Error> {
    let uri = question.endpoint.origin() + &question.head.path_and_query;
    let mut request = Request::builder().method(&question.method).uri(uri);
    for (name, value) in &question.head.headers {
        request = request.header(*name, value);
    }
    request
        .body(body(question.body.clone()))
        .map_err(|_| Error::invalid("endpoint-url", "it cannot be sent to"))
}

/// A body to send.
pub(super) fn body(bytes: impl Into<Bytes>) -> WasiBody {
    Full::new(bytes.into())
        .map_err(|never| match never {})
        .boxed_unsync()
}

/// A body that was received, of [`MAX_ANSWER`] bytes at most.
pub(super) async fn read(body: WasiBody) -> Result<Bytes, Error> {
    let most = usize::try_from(MAX_ANSWER).unwrap_or(usize::MAX);
    match Limited::new(body, most).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<http_body_util::LengthLimitError>() => {
            Err(Error::ResponseTooLarge(ResponseLimit { limit: MAX_ANSWER }))
        }
        Err(_) => Err(Error::Transport(TransportError {
            phase: TransportPhase::Response,
            detail: "the response ended early".to_owned(),
            maybe_ran: true,
            attempts: 0,
        })),
    }
}

/// Any number: for pauses that differ between processes.
fn random() -> u32 {
    u32::try_from(RandomState::new().hash_one(0) >> 32).unwrap_or(0)
}
