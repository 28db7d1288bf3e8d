//! Times as AWS writes them in JSON and XML: RFC 3339, `2026-08-30T12:36:00Z`.

use std::time::Duration;

use time::{Date, Month};

/// The time since the epoch; `None` for what is no such time, or lies before the epoch.
/// Fractions of a second are dropped.
pub(super) fn parse(text: &str) -> Option<Duration> {
    let (date, rest) = text.split_once('T')?;
    let zone_at = rest.find(['Z', '+', '-'])?;
    let (clock, zone) = rest.split_at_checked(zone_at)?;
    let [year, month, day] = numbers(date, '-')?;
    let clock = clock.split_once('.').map_or(clock, |(whole, _)| whole);
    let [hour, minute, second] = numbers(clock, ':')?;
    if hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let date = Date::from_calendar_date(year, month, u8::try_from(day).ok()?).ok()?;
    let days = i64::from(date.to_julian_day()).checked_sub(UNIX_EPOCH_JULIAN_DAY)?;
    let seconds = days
        .checked_mul(86_400)?
        .checked_add(seconds(hour, minute, second)?)?
        .checked_sub(offset(zone)?)?;
    Some(Duration::from_secs(u64::try_from(seconds).ok()?))
}

const UNIX_EPOCH_JULIAN_DAY: i64 = 2_440_588;

/// Seconds east of UTC.
fn offset(zone: &str) -> Option<i64> {
    if zone == "Z" {
        return Some(0);
    }
    let (sign, clock) = zone.split_at_checked(1)?;
    let [hour, minute] = numbers(clock, ':')?;
    let offset = seconds(hour, minute, 0)?;
    if sign == "-" {
        offset.checked_neg()
    } else {
        Some(offset)
    }
}

fn seconds(hour: i32, minute: i32, second: i32) -> Option<i64> {
    i64::from(hour)
        .checked_mul(60)?
        .checked_add(i64::from(minute))?
        .checked_mul(60)?
        .checked_add(i64::from(second))
}

/// `N` numbers of digits only, and nothing else.
fn numbers<const N: usize>(text: &str, separator: char) -> Option<[i32; N]> {
    let mut out = [0; N];
    let mut fields = text.split(separator);
    for number in &mut out {
        let field = fields.next()?;
        let digits = !field.is_empty() && field.bytes().all(|b| b.is_ascii_digit());
        *number = if digits {
            field.parse().ok()?
        } else {
            return None;
        };
    }
    fields.next().is_none().then_some(out)
}
