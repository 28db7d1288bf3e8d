//! A call that somebody else sends, told anything: answers (`STATUS head` is one without its
//! body) and failures (`timeout`, `denied`, `url`, `large`, `transport` and `sent`), with
//! lines `---` between them. What it says must be what a call that sends itself says.

use std::time::Duration;

use lambda_invocation_core::call::connection::{Connection, RetryMode, RetryPolicy};
use lambda_invocation_core::call::exchange::{Answer, Exchange, Request, Step};
use lambda_invocation_core::call::settings::Environment;
use lambda_invocation_core::call::wasi_http::{Failure, TransportFailure};
use lambda_invocation_core::error::{TimeoutPhase, TransportPhase};

use crate::message::{Message, NOW, check_text, credentials, parts};

/// Attempts at most, and once more for each body that is asked for.
const MAX_STEPS: usize = 2 * 10 + 2;

pub fn run(data: &[u8]) {
    let connection = Connection {
        region: Some("us-east-1".to_owned()),
        credentials: Some(credentials()),
        retry: Some(RetryPolicy {
            mode: match data.first() {
                Some(b'4') => RetryMode::Idempotent,
                Some(b'3') => RetryMode::Never,
                _ => RetryMode::Safe,
            },
            max_attempts: 10,
        }),
        deadline_ms: Some(60_000),
        ..Connection::default()
    };
    let request = Request {
        function_name: "my-function".to_owned(),
        payload_len: 2,
        payload_sha256: "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
            .to_owned(),
        ..Request::default()
    };
    let mut call = Exchange::new(request, connection, &Environment::default(), [7; 16]);
    let outcomes = parts(data);
    let mut outcomes = outcomes.iter().map(|part| Message::read(part));
    let (mut now, mut elapsed) = (NOW, Duration::ZERO);
    let mut attempts = 0;
    let mut steps = 0;
    'attempts: loop {
        let attempt = match call.attempt(now, elapsed) {
            Ok(attempt) => attempt,
            Err(error) => return check_text(&error.to_string()),
        };
        attempts += 1;
        assert!(attempts <= 10, "more attempts than were allowed");
        assert!(!format!("{attempt:?}").contains("AKIDEXAMPLE"));
        let Some(mut outcome) = outcomes.next() else {
            return;
        };
        loop {
            steps += 1;
            assert!(steps <= MAX_STEPS, "without end");
            let (told, withheld) = told(&outcome);
            let step = call.next(told, now, elapsed);
            now += Duration::from_millis(7);
            elapsed += Duration::from_millis(7);
            match step {
                Ok(Step::ReadBody) => {
                    assert!(withheld, "a body is asked for that was there");
                    outcome.line = outcome.line.replace("head", "");
                }
                Ok(Step::Repeat(wait)) => {
                    let wait = Duration::from_millis(wait.into());
                    now += wait;
                    elapsed += wait;
                    continue 'attempts;
                }
                Ok(Step::RenewCredentials) => {
                    call.renew(None);
                    continue 'attempts;
                }
                Ok(Step::Done(response)) => {
                    assert_eq!(response.status_code, 200);
                    break 'attempts;
                }
                Err(error) => {
                    check_text(&error.to_string());
                    check_text(&format!("{error:?}"));
                    break 'attempts;
                }
            }
        }
    }
    assert!(
        call.attempt(now, elapsed).is_err(),
        "a call goes on after its end"
    );
}

/// What the call is told, and whether a body was kept back.
fn told(outcome: &Message) -> (Result<Answer, Failure>, bool) {
    let transport = |maybe_ran| {
        Failure::Transport(TransportFailure {
            phase: TransportPhase::Connect,
            detail: String::from_utf8_lossy(&outcome.body).into_owned(),
            maybe_ran,
        })
    };
    let failure = match outcome.line.split_ascii_whitespace().next() {
        Some("timeout") => Failure::Timeout(TimeoutPhase::Response),
        Some("denied") => Failure::Denied,
        Some("url") => Failure::Url,
        Some("large") => Failure::TooLarge,
        Some("transport") => transport(false),
        Some("sent") => transport(true),
        _ => {
            let withheld = outcome.line.contains("head");
            let answer = Answer {
                status: outcome.number(0).unwrap_or(200),
                headers: outcome.headers.clone(),
                body: (!withheld).then(|| outcome.body.clone()),
            };
            return (Ok(answer), withheld);
        }
    };
    (Err(failure), false)
}
