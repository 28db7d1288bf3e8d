//! What the user sees: the payload or one JSON document on standard output, and
//! everything for people on standard error.

use std::io::{self, Write};

use lambda_invocation_core::error::{Error, FunctionError};
use lambda_invocation_core::response::Response;
use serde_json::Value;

use crate::grammar::Output;
use crate::{exit, json};

/// Where output goes.
pub struct Streams<'a> {
    /// Standard output.
    pub out: &'a mut dyn Write,
    /// Whether it is a terminal, and a payload deserves a line break at its end.
    pub out_is_terminal: bool,
    /// Standard error.
    pub err: &'a mut dyn Write,
}

impl Streams<'_> {
    /// One JSON document on standard output.
    ///
    /// # Errors
    ///
    /// As writing to the stream.
    pub fn document(&mut self, value: &Value) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut *self.out, value)?;
        writeln!(self.out)?;
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
            Output::Json => self.document(&json::response(response))?,
            Output::Payload => {
                self.out.write_all(&response.payload)?;
                if self.out_is_terminal && !response.payload.is_empty() {
                    writeln!(self.out)?;
                }
                self.out.flush()?;
            }
        }
        if output == Output::Payload && response.payload.is_empty() {
            let said = match response.status_code {
                202 => "queued: Lambda runs the function later",
                204 => "dry run passed: arguments and permission are in order, nothing ran",
                _ => "the function returned nothing",
            };
            writeln!(self.err, "{said}")?;
        }
        Ok(if response.function_error.is_some() {
            exit::FUNCTION_FAILED
        } else {
            exit::DONE
        })
    }

    /// An error, and the exit code it means.
    ///
    /// # Errors
    ///
    /// As writing to the streams.
    pub fn error(&mut self, error: &Error, output: Output) -> io::Result<u8> {
        if let Error::FunctionFailed(failure) = error {
            if let Some(log) = &failure.log_tail {
                self.log(log)?;
            }
            self.function_error(&failure.function_error)?;
        } else {
            writeln!(self.err, "error: {}", one_line(&error.to_string()))?;
        }
        if output == Output::Json {
            self.document(&json::error(error))?;
        }
        Ok(exit::code(error))
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

/// Text from elsewhere on one line, unable to steer a terminal.
fn one_line(text: &str) -> String {
    printable(&text.lines().map(str::trim).collect::<Vec<_>>().join(" "))
}

/// Control characters but tabs become `?`: an escape sequence in a log or a message
/// must not reach the terminal.
fn printable(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() && c != '\t' { '?' } else { c })
        .collect()
}
