//! A clock that is off, found out from the server's.
//!
//! AWS refuses signatures more than five minutes away from its clock and says in
//! the `Date` header of the refusal what time it is. As in the AWS SDK for Rust, a
//! difference of more than four minutes is made up for, and only after a refusal
//! that a wrong clock explains.

use std::time::Duration;

use time::{Date, Month, PrimitiveDateTime, Time};

use crate::call::response::RawResponse;

/// Codes that a wrong clock can cause: those of the AWS SDK for Rust.
const CODES: &[&str] = &[
    "AccessDeniedException",
    "AuthFailure",
    "InvalidSignatureException",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
];

const LEAST_SECONDS: u64 = 4 * 60;

/// The seconds to add to the host's clock, when `code` and the difference between
/// the server's time and `now` call for it.
pub(crate) fn worth_correcting(code: &str, server: Duration, now: Duration) -> Option<i64> {
    let skew = i64::try_from(server.as_secs())
        .ok()?
        .checked_sub(i64::try_from(now.as_secs()).ok()?)?;
    (CODES.contains(&code) && skew.unsigned_abs() > LEAST_SECONDS).then_some(skew)
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
