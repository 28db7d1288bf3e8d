//! What the user sees: the payload or one JSON document on standard output, and
//! everything for people on standard error.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lambda_invocation_core::call::connection::RetryMode;
use lambda_invocation_core::call::quote::steers;
use lambda_invocation_core::call::response::Response;
use lambda_invocation_core::call::retry::{self, Repeat};
use lambda_invocation_core::call::stream::Completion;
use lambda_invocation_core::ephemeral::Opened;
use lambda_invocation_core::error::{Error, FunctionError};
use serde_json::Value;

use crate::failure::Failure;
use crate::grammar::Output;
use crate::{exit, json};

/// Where output goes.
pub struct Streams<'a> {
    /// Standard output.
    pub out: &'a mut dyn Write,
    /// Whether it is a terminal, and a payload deserves a line break at its end.
    pub out_is_terminal: bool,
    /// Whether standard output takes colours: see [`wants_color`].
    pub out_color: bool,
    /// Standard error.
    pub err: &'a mut dyn Write,
    /// Whether standard error takes colours: see [`wants_color`].
    pub err_color: bool,
    /// What the user lets be repeated.
    pub retry: RetryMode,
}

/// A colour of plans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Color {
    /// Something comes into being.
    Green,
    /// Something changes.
    Yellow,
    /// Something goes away.
    Red,
}

/// Whether a stream takes colours: when it is a terminal, and `NO_COLOR` is unset or
/// empty (<https://no-color.org>).
pub fn wants_color(is_terminal: bool) -> bool {
    is_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

impl Streams<'_> {
    /// One JSON document on standard output.
    ///
    /// # Errors
    ///
    /// As writing to the stream.
    pub fn document(&mut self, value: &Value) -> io::Result<()> {
        let document = serde_json::to_string_pretty(value)?;
        writeln!(self.out, "{}", escaped(&document))?;
        self.out.flush()
    }

    /// A response, and the exit code it means.
    ///
    /// # Errors
    ///
    /// As writing to the streams.
    pub fn response(&mut self, response: &Response, output: Output) -> io::Result<u8> {
        if let Some(log) = &response.log_tail {
            self.log(log)?;
        }
        if let Some(error) = &response.function_error {
            self.function_error(error)?;
        }
        match output {
            Output::Json => self.document(&json::record(response))?,
            Output::Payload => self.payload(&response.payload)?,
        }
        if output == Output::Payload && response.payload.is_empty() {
            self.nothing(response.status_code)?;
        }
        Ok(if response.function_error.is_some() {
            exit::FUNCTION_FAILED
        } else {
            exit::DONE
        })
    }

    /// Why an answer with this status has no payload.
    ///
    /// # Errors
    ///
    /// As writing to the stream.
    pub fn nothing(&mut self, status: u16) -> io::Result<()> {
        let said = match status {
            202 => "queued: Lambda runs the function later",
            204 => "dry run passed: arguments and permission are in order, nothing ran",
            _ => "the function returned nothing",
        };
        writeln!(self.err, "{said}")
    }

    /// A piece of an answer, unchanged and at once, on standard output.
    ///
    /// # Errors
    ///
    /// As writing to the stream.
    pub fn piece(&mut self, piece: &[u8]) -> io::Result<()> {
        self.out.write_all(piece)?;
        self.out.flush()
    }

    /// How a function ended whose answer is printed, and the exit code it means.
    ///
    /// # Errors
    ///
    /// As writing to the stream.
    pub fn completion(&mut self, completion: &Completion) -> io::Result<u8> {
        if let Some(log) = &completion.log_tail {
            self.log(log)?;
        }
        match &completion.function_error {
            None => Ok(exit::DONE),
            Some(error) => {
                self.function_error(error)?;
                Ok(exit::FUNCTION_FAILED)
            }
        }
    }

    /// What came of an ephemeral invocation, and the exit code it means.
    ///
    /// # Errors
    ///
    /// As writing to the streams.
    pub fn opened(&mut self, opened: &Opened, output: Output) -> io::Result<u8> {
        let log = opened.log_result.as_ref();
        if let Some(log) = log.and_then(|log| STANDARD.decode(log).ok()) {
            self.log(&String::from_utf8_lossy(&log))?;
        }
        if let Some(error) = &opened.function_error {
            self.function_error(error)?;
        }
        match output {
            Output::Json => self.document(&json::record(opened))?,
            Output::Payload => self.payload(opened.result.as_bytes())?,
        }
        Ok(match opened.function_error {
            Some(_) => exit::FUNCTION_FAILED,
            None => exit::DONE,
        })
    }

    /// What a function returned, unchanged, on standard output.
    ///
    /// # Errors
    ///
    /// As writing to the stream.
    pub fn payload(&mut self, payload: &[u8]) -> io::Result<()> {
        self.out.write_all(payload)?;
        if self.out_is_terminal && !payload.is_empty() {
            writeln!(self.out)?;
        }
        self.out.flush()
    }

    /// What was done and cannot be printed, and the exit code for that.
    pub fn lost(&mut self, error: &io::Error, done: &str) -> u8 {
        // A reader that has enough knows why the rest is missing.
        if error.kind() != io::ErrorKind::BrokenPipe {
            // The stream may be gone, too; then nothing is left to say.
            let _ = writeln!(
                self.err,
                "error: {done}the output cannot be written: {error}"
            );
        }
        exit::TRANSPORT
    }

    /// An error, and the exit code it means.
    ///
    /// # Errors
    ///
    /// As writing to the streams.
    pub fn error(&mut self, error: &Error, output: Output) -> io::Result<u8> {
        self.explain(error)?;
        if output == Output::Json {
            self.document(&json::error(error))?;
        }
        Ok(exit::code(error))
    }

    /// A failure, and the exit code it means.
    ///
    /// # Errors
    ///
    /// As writing to the streams.
    pub fn failure(&mut self, failure: &Failure, output: Output) -> io::Result<u8> {
        self.explain_failure(failure)?;
        if output == Output::Json {
            self.document(&json::failure(failure))?;
        }
        Ok(exit::failure_code(failure))
    }

    /// The part of [`Streams::failure`] that is for people.
    ///
    /// # Errors
    ///
    /// As writing to the stream.
    pub fn explain_failure(&mut self, failure: &Failure) -> io::Result<()> {
        match failure {
            Failure::Error(error) => self.explain(error),
            Failure::Faults(faults) => faults.iter().try_for_each(|fault| self.explain(fault)),
            Failure::Conflict(text) => writeln!(self.err, "error: {}", one_line(text)),
            Failure::Unanswered(all) => all
                .iter()
                .try_for_each(|one| writeln!(self.err, "error: {one}; {}", one.advice())),
        }
    }

    /// A line for people about what is going on, in a colour, on standard error.
    ///
    /// # Errors
    ///
    /// As writing to the stream.
    pub fn say(&mut self, color: Option<Color>, line: &str) -> io::Result<()> {
        write_line(self.err, color.filter(|_| self.err_color), line)
    }

    /// A line that was asked for, in a colour, on standard output.
    ///
    /// # Errors
    ///
    /// As writing to the stream.
    pub fn print(&mut self, color: Option<Color>, line: &str) -> io::Result<()> {
        write_line(self.out, color.filter(|_| self.out_color), line)
    }

    fn explain(&mut self, error: &Error) -> io::Result<()> {
        let Error::FunctionFailed(failure) = error else {
            let advice = retry_advice(error, self.retry);
            return writeln!(self.err, "error: {}{advice}", one_line(&error.to_string()));
        };
        if let Some(log) = &failure.log_tail {
            self.log(log)?;
        }
        self.function_error(&failure.function_error)
    }

    fn log(&mut self, log: &str) -> io::Result<()> {
        writeln!(self.err, "--- log tail")?;
        for line in log.lines() {
            writeln!(self.err, "{}", printable(line))?;
        }
        writeln!(self.err, "---")
    }

    fn function_error(&mut self, error: &FunctionError) -> io::Result<()> {
        write!(self.err, "the function failed ({})", printable(&error.kind))?;
        if let Some(error_type) = &error.error_type {
            write!(self.err, ": {}", printable(error_type))?;
        }
        if let Some(message) = &error.error_message {
            write!(self.err, ": {}", one_line(message))?;
        }
        writeln!(self.err)?;
        for frame in error.stack_trace.iter().flat_map(|frame| frame.lines()) {
            writeln!(self.err, "    {}", printable(frame.trim_end()))?;
        }
        Ok(())
    }
}

/// What to use where a failure like this one is to be repeated next time. It is for those
/// who know that their function may run twice, and do not use it already.
fn retry_advice(error: &Error, retry: RetryMode) -> &'static str {
    let asks = matches!(error, Error::Transport(_) | Error::Service(_))
        && error.maybe_ran()
        && retry::repeat(error) == Repeat::Idempotent;
    if asks && retry != RetryMode::Idempotent {
        "; --retry idempotent repeats such calls, where running twice does no harm"
    } else {
        ""
    }
}

fn write_line(out: &mut dyn Write, color: Option<Color>, line: &str) -> io::Result<()> {
    const RESET: &str = "\x1b[0m";
    let line: String = line.chars().map(plain).collect();
    match color {
        None => writeln!(out, "{line}"),
        Some(color) => {
            let start = match color {
                Color::Green => "\x1b[32m",
                Color::Yellow => "\x1b[33m",
                Color::Red => "\x1b[31m",
            };
            writeln!(out, "{start}{line}{RESET}")
        }
    }
}

/// For [`Streams::lost`].
pub const RAN: &str = "the function ran, and its answer is lost; ";

/// What a response says was done, for [`Streams::lost`].
pub fn outcome(response: &Response) -> &'static str {
    match response.status_code {
        202 => "the event is queued, and Lambda runs the function later; ",
        204 => "the dry run passed, and nothing ran; ",
        _ => RAN,
    }
}

/// A JSON document that steers no terminal: what does is in a string, where an escape means
/// the same.
fn escaped(document: &str) -> Cow<'_, str> {
    let acts = |c| c != '\n' && steers(c);
    if !document.contains(acts) {
        return document.into();
    }
    let mut out = String::with_capacity(document.len());
    for c in document.chars() {
        if acts(c) {
            // All of them are below U+10000, and writing to a string does not fail.
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out.into()
}

/// Text from elsewhere on one line, unable to steer a terminal.
pub fn one_line(text: &str) -> String {
    printable(&text.lines().map(str::trim).collect::<Vec<_>>().join(" "))
}

/// Most characters of a line of text from elsewhere: what runtimes say is far shorter, and
/// the JSON document and the payload have all of it.
const MAX_LINE: usize = 4_096;

/// What a terminal acts on becomes `?`, but for tabs: an escape sequence in a log or a
/// message must not reach it.
fn plain(c: char) -> char {
    if c != '\t' && steers(c) { '?' } else { c }
}

/// At most [`MAX_LINE`] characters of text from elsewhere.
fn printable(text: &str) -> String {
    let mut line: String = text.chars().take(MAX_LINE).map(plain).collect();
    if text.chars().nth(MAX_LINE).is_some() {
        line.push('…');
    }
    line
}

#[cfg(test)]
mod tests {
    use lambda_invocation_core::error::{
        ServiceError, TimeoutError, TimeoutPhase, TransportError, TransportPhase,
    };

    use super::*;

    #[test]
    fn a_document_steers_no_terminal_and_means_the_same() {
        let value =
            serde_json::json!({"a\u{202e}": "b\u{9b}31m\u{7f}\n\u{2066}é😀", "c": ["\u{1b}"]});
        let plain = serde_json::to_string_pretty(&value).unwrap();
        let document = escaped(&plain);
        assert!(!document.contains(|c| c != '\n' && steers(c)), "{document}");
        assert_eq!(serde_json::from_str::<Value>(&document).unwrap(), value);
    }

    #[test]
    fn to_repeat_is_advised_where_it_helps_and_to_nobody_who_does() {
        let broken = |maybe_ran| {
            Error::Transport(TransportError {
                phase: TransportPhase::Response,
                detail: "closed".to_owned(),
                maybe_ran,
                attempts: 1,
            })
        };
        let service = |status, maybe_ran| {
            Error::Service(ServiceError {
                code: format!("Http{status}"),
                status,
                message: String::new(),
                hint: None,
                request_id: None,
                maybe_ran,
                attempts: 1,
            })
        };
        let late = Error::Timeout(TimeoutError {
            phase: TimeoutPhase::Response,
            after_ms: 1,
            maybe_ran: true,
            attempts: 1,
        });
        for (error, helps) in [
            (broken(true), true),
            (broken(false), false),
            (service(503, true), true),
            // Not repeated in any mode.
            (service(408, true), false),
            (service(302, true), false),
            (service(404, false), false),
            // What helps there is a longer limit.
            (late, false),
            (Error::NoRegion, false),
        ] {
            for retry in [RetryMode::Never, RetryMode::Safe, RetryMode::Idempotent] {
                let advised = retry_advice(&error, retry).contains("--retry idempotent");
                let expected = helps && retry != RetryMode::Idempotent;
                assert_eq!(advised, expected, "{retry:?} {error}");
            }
        }
    }
}
