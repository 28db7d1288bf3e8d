//! The execution log of one invocation, in the text format of Lambda.

use std::fmt::Write as _;
use std::time::Duration;

/// Most bytes of log that `X-Amz-Log-Result` holds.
const TAIL: usize = 4096;

/// The end of the log around the lines that the function wrote: at most the last
/// 4 KB. Cut at a byte, as Lambda does, which may be in the middle of a character
/// or a line.
pub(super) fn tail(request_id: &str, version: &str, lines: &[String], ran: Duration) -> Vec<u8> {
    let mut log = format!("START RequestId: {request_id} Version: {version}\n");
    for line in lines {
        log.push_str(line);
        log.push('\n');
    }
    // Writing to a String cannot fail.
    let _ = writeln!(
        log,
        "END RequestId: {request_id}\nREPORT RequestId: {request_id}\tDuration: {:.2} ms\tBilled Duration: {} ms\tMemory Size: 128 MB\tMax Memory Used: 32 MB\t",
        ran.as_secs_f64() * 1000.0,
        ran.as_micros().div_ceil(1000).max(1),
    );
    let mut log = log.into_bytes();
    log.split_off(log.len().saturating_sub(TAIL))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_has_lambdas_lines_around_the_functions() {
        let log = tail(
            "id",
            "1",
            &["one".into(), "two".into()],
            Duration::from_micros(1_234),
        );
        assert_eq!(
            String::from_utf8(log).unwrap(),
            "START RequestId: id Version: 1\none\ntwo\nEND RequestId: id\n\
             REPORT RequestId: id\tDuration: 1.23 ms\tBilled Duration: 2 ms\tMemory Size: 128 MB\tMax Memory Used: 32 MB\t\n"
        );
    }

    #[test]
    fn only_the_last_4_kb_are_sent_even_if_that_cuts_a_character() {
        let log = |line: String| {
            let log = tail("id", "1", &[line], Duration::ZERO);
            assert_eq!(log.len(), 4096);
            String::from_utf8(log)
        };
        // A byte more at the end moves the cut by one: into a character, or out of
        // it.
        let (even, odd) = (log("é".repeat(4096)), log("é".repeat(4096) + "x"));
        assert_ne!(even.is_ok(), odd.is_ok());
    }
}
