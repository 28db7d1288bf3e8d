//! What is repeated, and what is not.

use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use lambda_invocation_tests::lambda_host::Run;
use lambda_invocation_tests::server::Server;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;

use crate::{NULL, answering, bounded, call, returned};

#[test]
fn a_broken_call_is_repeated_only_for_those_who_vouch_for_it() {
    let ids = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&ids);
    let server = Server::start(move |mut connection| {
        let request = connection.read_request()?;
        let id = request.header("amz-sdk-invocation-id").map(str::to_owned);
        let mut seen = seen.lock().expect("no panic elsewhere");
        seen.push(id);
        if seen.len() < 3 {
            return Ok(());
        }
        connection.send(NULL)?;
        connection.finish()
    });
    let run = bounded(
        call(server.url())
            .args(["--payload", "{}", "--retry", "idempotent"])
            .run(),
    );
    returned(&run, "null");
    let ids = ids.lock().expect("no panic elsewhere");
    assert_eq!(ids.len(), 3);
    assert!(ids[0].is_some());
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}

#[test]
fn a_server_that_asks_for_patience_without_end_is_not_waited_for() {
    for header in [
        "retry-after: 3600",
        "x-amz-retry-after: 3600000",
        "retry-after: 4294967295",
    ] {
        let run = answering(format!(
            "HTTP/1.1 429 Too Many Requests\r\n{header}\r\ncontent-length: 0\r\n\r\n"
        ));
        let line = run.refusal(3);
        assert!(line.contains("throttled"), "{line}");
    }
}

/// The dates of the requests, and what came of the call, from a server whose clock
/// says `date`. It refuses the first `refusals` signatures.
fn with_a_clock_that_says(date: &str, refusals: usize) -> (Vec<String>, Run) {
    let date = date.to_owned();
    let dates = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&dates);
    let server = Server::start(move |mut connection| {
        let request = connection.read_request()?;
        let mut seen = seen.lock().expect("no panic elsewhere");
        seen.push(request.header("x-amz-date").unwrap_or_default().to_owned());
        if seen.len() > refusals {
            connection.send(NULL)?;
        } else {
            connection.send(format!(
                "HTTP/1.1 403 Forbidden\r\ndate: {date}\r\n\
                 x-amzn-errortype: InvalidSignatureException\r\nconnection: close\r\n\
                 content-length: 0\r\n\r\n"
            ))?;
        }
        connection.finish()
    });
    let run = bounded(call(server.url()).args(["--payload", "{}"]).run());
    let dates = dates.lock().expect("no panic elsewhere").clone();
    (dates, run)
}

/// Ten minutes from now, as in the header `Date`: a day for which `lambda-host` derives keys,
/// whatever the time.
fn in_ten_minutes() -> (OffsetDateTime, String) {
    let then = OffsetDateTime::now_utc() + Duration::from_secs(600);
    let date = then.format(&Rfc2822).expect("a date of these years");
    (then, date.replace("+0000", "GMT"))
}

#[test]
fn a_clock_that_is_off_is_made_up_for_once() {
    let (then, date) = in_ten_minutes();
    let (dates, run) = with_a_clock_that_says(&date, 1);
    returned(&run, "null");
    assert_eq!(dates.len(), 2, "{dates:?}");
    // The call takes seconds at most.
    let times: Vec<String> = [0, 1]
        .map(|minutes| then + Duration::from_secs(60 * minutes))
        .map(|at| format!("{:02}{:02}", at.hour(), at.minute()))
        .into();
    assert!(
        times.iter().any(|time| dates[1].get(9..13) == Some(time)),
        "{dates:?}"
    );
}

#[test]
fn a_server_that_lies_about_the_time_is_believed_once() {
    let (_, date) = in_ten_minutes();
    let (dates, run) = with_a_clock_that_says(&date, usize::MAX);
    let line = run.refusal(3);
    assert!(
        line.contains("InvalidSignatureException (HTTP 403)"),
        "{line}"
    );
    assert_eq!(dates.len(), 2, "{dates:?}");
}

#[test]
fn a_day_for_which_there_are_no_keys_is_not_believed() {
    for date in [
        "Wed, 01 May 2030 12:00:00 GMT",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "Fri, 31 Dec 9999 23:59:59 GMT",
    ] {
        let (dates, run) = with_a_clock_that_says(date, usize::MAX);
        let line = run.refusal(3);
        assert!(
            line.contains("InvalidSignatureException (HTTP 403)"),
            "{line}"
        );
        assert_eq!(dates.len(), 1, "{date}: {dates:?}");
    }
}

#[test]
fn a_date_that_cannot_be_is_not_believed() {
    for date in [
        "",
        "soon",
        "Fri, 31 Feb 2030 00:00:00 GMT",
        "Fri, 31 Dec 99999 23:59:59 GMT",
        "Fri, 31 Dec -2030 23:59:59 GMT",
        "Fri, 31 Dec 2030 24:60:99 GMT",
    ] {
        let (dates, run) = with_a_clock_that_says(date, usize::MAX);
        run.refusal(3);
        assert_eq!(dates.len(), 1, "{date}: {dates:?}");
    }
}
