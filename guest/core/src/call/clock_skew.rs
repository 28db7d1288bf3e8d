//! A clock that is off, found out from the server's.
//!
//! AWS refuses signatures more than five minutes away from its clock and says in
//! the `Date` header of the refusal what time it is. As in the AWS SDK for Rust, a
//! difference of more than four minutes is made up for, and only after a refusal
//! that a wrong clock explains. A signature that expired on its way, with clocks that agree,
//! is made anew: nothing ran.

use std::time::Duration;

use time::{Date, Month, PrimitiveDateTime, Time};

use crate::call::response::RawResponse;
use crate::error::ServiceError;

/// Codes that a wrong clock can cause: those of the AWS SDK for Rust.
const CODES: &[&str] = &[
    "AccessDeniedException",
    "AuthFailure",
    "InvalidSignatureException",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
];

const LEAST_SECONDS: u64 = 4 * 60;

/// The seconds to add to the host's clock before a refused request is signed again: when
/// the refusal and the difference between the server's time and `now` call for it.
///
/// None are added where the clocks agree, or the server tells no time, and the signature has
/// expired all the same: the request took long to arrive, on a host that was suspended for
/// instance.
pub(crate) fn worth_correcting(
    error: &ServiceError,
    server: Option<Duration>,
    now: Duration,
) -> Option<i64> {
    if !CODES.contains(&error.code.as_str()) {
        return None;
    }
    let seconds = |time: Duration| i64::try_from(time.as_secs()).ok();
    let skew = server.and_then(|server| seconds(server)?.checked_sub(seconds(now)?));
    skew.filter(|skew| skew.unsigned_abs() > LEAST_SECONDS)
        .or_else(|| error.message.contains("Signature expired").then_some(0))
}

/// `now` with a skew made up for.
pub(crate) fn corrected(now: Duration, skew: Option<i64>) -> Duration {
    let Some(skew) = skew else { return now };
    let by = Duration::from_secs(skew.unsigned_abs());
    if skew < 0 {
        now.saturating_sub(by)
    } else {
        now.saturating_add(by)
    }
}

/// The `Date` header as time since the epoch: IMF-fixdate of RFC 9110 section
/// 5.6.7, `Sun, 06 Nov 1994 08:49:37 GMT`, the only form a server may generate.
pub(crate) fn server_time(raw: &RawResponse) -> Option<Duration> {
    let (_, rest) = raw.header("date")?.split_once(", ")?;
    let mut fields = rest.split(' ');
    let day = fields.next()?.parse().ok()?;
    let month = month(fields.next()?)?;
    let year = fields.next()?.parse().ok()?;
    let mut clock = fields.next()?.split(':');
    let mut part = || clock.next()?.parse::<u8>().ok();
    let time = Time::from_hms(part()?, part()?, part()?).ok()?;
    let date = Date::from_calendar_date(year, month, day).ok()?;
    let seconds = PrimitiveDateTime::new(date, time)
        .assume_utc()
        .unix_timestamp();
    Some(Duration::from_secs(u64::try_from(seconds).ok()?))
}

fn month(name: &str) -> Option<Month> {
    const MONTHS: &[(&str, Month)] = &[
        ("Jan", Month::January),
        ("Feb", Month::February),
        ("Mar", Month::March),
        ("Apr", Month::April),
        ("May", Month::May),
        ("Jun", Month::June),
        ("Jul", Month::July),
        ("Aug", Month::August),
        ("Sep", Month::September),
        ("Oct", Month::October),
        ("Nov", Month::November),
        ("Dec", Month::December),
    ];
    MONTHS.iter().find(|(n, _)| *n == name).map(|(_, m)| *m)
}
