//! Dates as SigV4 and HTTP write them, in UTC.

use std::time::{SystemTime, UNIX_EPOCH};

use time::format_description::StaticFormatDescription;
use time::macros::format_description;
use time::{OffsetDateTime, PrimitiveDateTime};

/// ISO 8601 basic format, as `X-Amz-Date` has it: `20260830T123600Z`.
const BASIC: StaticFormatDescription =
    format_description!("[year][month][day]T[hour][minute][second]Z");
/// RFC 9110, section 5.6.7: `Sun, 30 Aug 2026 12:36:00 GMT`.
const HTTP: StaticFormatDescription = format_description!(
    "[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT"
);

/// What a clock reads, in whole seconds. A year beyond 9999 is 1970: no clock of a
/// working machine reads so.
pub(super) fn of(clock: SystemTime) -> OffsetDateTime {
    let seconds = match clock.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_secs()),
        Err(before) => i64::try_from(before.duration().as_secs()).map(|seconds| -seconds),
    };
    seconds
        .ok()
        .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok())
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// A date as in `X-Amz-Date`.
pub(super) fn basic(date: OffsetDateTime) -> String {
    date.format(BASIC).unwrap_or_default()
}

/// Reads what [`basic`] writes; `None` for anything else, a day that does not exist
/// included.
pub(super) fn parse_basic(text: &str) -> Option<OffsetDateTime> {
    let date = PrimitiveDateTime::parse(text, BASIC).ok()?;
    Some(date.assume_utc())
}

/// A date as in HTTP.
pub(super) fn http(date: OffsetDateTime) -> String {
    date.format(HTTP).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use time::macros::datetime;

    use super::*;

    #[test]
    fn dates_are_written_and_read_back() {
        let table = [
            (
                datetime!(1970-01-01 0:00 UTC),
                "19700101T000000Z",
                "Thu, 01 Jan 1970 00:00:00 GMT",
            ),
            (
                datetime!(1969-12-31 23:59:59 UTC),
                "19691231T235959Z",
                "Wed, 31 Dec 1969 23:59:59 GMT",
            ),
            (
                datetime!(1994-11-06 8:49:37 UTC),
                "19941106T084937Z",
                "Sun, 06 Nov 1994 08:49:37 GMT",
            ),
            (
                datetime!(2000-02-29 0:00 UTC),
                "20000229T000000Z",
                "Tue, 29 Feb 2000 00:00:00 GMT",
            ),
        ];
        for (date, basic_format, http_format) in table {
            assert_eq!(basic(date), basic_format);
            assert_eq!(parse_basic(basic_format), Some(date));
            assert_eq!(http(date), http_format);
        }
    }

    #[test]
    fn a_clock_is_read_in_whole_seconds_and_may_be_off_by_centuries() {
        let at = |seconds: u64, nanos: u32| UNIX_EPOCH + Duration::new(seconds, nanos);
        let table = [
            (
                at(1_440_938_160, 999_999_999),
                datetime!(2015-08-30 12:36:00 UTC),
            ),
            (
                UNIX_EPOCH - Duration::from_secs(1),
                datetime!(1969-12-31 23:59:59 UTC),
            ),
            (at(253_402_300_799, 0), datetime!(9999-12-31 23:59:59 UTC)),
            (at(253_402_300_800, 0), OffsetDateTime::UNIX_EPOCH),
            (at(1 << 60, 0), OffsetDateTime::UNIX_EPOCH),
        ];
        for (clock, date) in table {
            assert_eq!(of(clock), date);
        }
    }

    #[test]
    fn what_is_not_a_date_is_refused() {
        for text in [
            "",
            "20150830",
            "20150830T123600",
            "2015-08-30T12:36:00Z",
            "20150830T123600z",
            "20150830 123600Z",
            "20150830T123600Z ",
            "20150230T000000Z",
            "20151301T000000Z",
            "20150800T000000Z",
            "20150830T240000Z",
            "20150830T126000Z",
            "+0150830T123600Z",
            "-20150830T12360Z",
            "2015083\u{30a}T12360Z",
        ] {
            assert_eq!(parse_basic(text), None, "{text:?}");
        }
    }
}
