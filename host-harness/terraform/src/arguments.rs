//! A block as the user wrote it, read attribute by attribute.

use lambda_invocation_core::call::connection::RetryMode;
use lambda_invocation_core::call::request::{InvocationType, LogType};
use lambda_invocation_core::call::settings::MAX_ATTEMPTS;
use lambda_invocation_engine::{CallOptions, Problem};

use crate::value::{Members, Number, Value};

/// The attributes of a block. What is not known yet, and what breaks a rule, is noted while
/// they are read.
pub struct Arguments<'a> {
    members: &'a Members,
    unknown: Vec<&'static str>,
    problems: Vec<Problem>,
}

impl<'a> Arguments<'a> {
    /// Those of an object.
    pub fn of(members: &'a Members) -> Self {
        Self {
            members,
            unknown: Vec::new(),
            problems: Vec::new(),
        }
    }

    /// The value of an attribute; absent when it is null or not known.
    fn value(&mut self, name: &'static str) -> Option<&'a Value> {
        match self.members.get(name)? {
            Value::Null => None,
            value if !value.is_known() => {
                self.unknown.push(name);
                None
            }
            value => Some(value),
        }
    }

    /// A string.
    pub fn text(&mut self, name: &'static str) -> Option<String> {
        self.value(name)?.as_text().map(str::to_owned)
    }

    /// A string that is not empty: hashicorp/aws takes an empty one for none.
    pub fn filled(&mut self, name: &'static str) -> Option<String> {
        self.text(name).filter(|text| !text.is_empty())
    }

    /// A truth value.
    pub fn flag(&mut self, name: &'static str) -> Option<bool> {
        match self.value(name)? {
            Value::Bool(flag) => Some(*flag),
            _ => None,
        }
    }

    /// A number, which a double holds well enough for all that is counted here.
    pub fn number(&mut self, name: &'static str) -> Option<f64> {
        match self.value(name)? {
            #[expect(clippy::cast_precision_loss, reason = "what is counted here is small")]
            Value::Number(Number::Integer(integer)) => Some(*integer as f64),
            Value::Number(Number::Float(float)) => Some(*float),
            Value::Number(Number::Decimal(digits)) | Value::Text(digits) => digits.parse().ok(),
            _ => None,
        }
    }

    /// The pairs of a map of strings; an element that is null is empty.
    pub fn pairs(&mut self, name: &'static str) -> Vec<(String, String)> {
        match self.value(name) {
            Some(Value::Map(members)) => members
                .iter()
                .map(|(key, value)| (key.clone(), value.as_text().unwrap_or_default().to_owned()))
                .collect(),
            _ => Vec::new(),
        }
    }

    /// The strings of a list or a set.
    pub fn list(&mut self, name: &'static str) -> Vec<String> {
        match self.value(name) {
            Some(Value::List(elements)) => elements
                .iter()
                .filter_map(|element| element.as_text().map(str::to_owned))
                .collect(),
            _ => Vec::new(),
        }
    }

    /// The blocks of a name; none where something in them is not known.
    pub fn blocks(&mut self, name: &'static str) -> Vec<&'a Members> {
        match self.value(name) {
            Some(Value::List(blocks)) => blocks
                .iter()
                .filter_map(|block| match block {
                    Value::Map(members) => Some(members),
                    _ => None,
                })
                .collect(),
            _ => Vec::new(),
        }
    }

    /// Whether it is set, to a known value or not.
    pub fn is_set(&self, name: &str) -> bool {
        !matches!(self.members.get(name), None | Some(Value::Null))
    }

    /// Whether it is set to something that was read and is not known yet.
    pub fn is_unknown(&self, name: &str) -> bool {
        self.unknown.contains(&name)
    }

    /// The attributes that were read and are not known yet.
    pub fn unknown(&self) -> &[&'static str] {
        &self.unknown
    }

    /// Notes a problem of an attribute.
    pub fn refuse(&mut self, name: &str, rule: &str) {
        self.problems.push(Problem::of_argument(name, rule));
    }

    /// The problems so far.
    pub fn into_problems(self) -> Vec<Problem> {
        self.problems
    }

    /// One of some words.
    fn choice<T: Copy>(&mut self, name: &'static str, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(name)?;
        let found = words.iter().find(|(word, _)| *word == text);
        if found.is_none() {
            let known: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            self.refuse(name, &format!("must be one of {}", known.join(", ")));
        }
        found.map(|(_, value)| *value)
    }

    /// `retry_mode`.
    pub fn retry_mode(&mut self) -> Option<RetryMode> {
        self.choice(
            "retry_mode",
            &[
                ("never", RetryMode::Never),
                ("safe", RetryMode::Safe),
                ("idempotent", RetryMode::Idempotent),
            ],
        )
    }

    /// `log_type`.
    pub fn log_type(&mut self) -> Option<LogType> {
        self.choice(
            "log_type",
            &[("None", LogType::None), ("Tail", LogType::Tail)],
        )
    }

    /// `invocation_type`.
    pub fn invocation_type(&mut self) -> Option<InvocationType> {
        self.choice(
            "invocation_type",
            &[
                ("RequestResponse", InvocationType::RequestResponse),
                ("Event", InvocationType::Event),
                ("DryRun", InvocationType::DryRun),
            ],
        )
    }

    /// The attributes that say how a call is made.
    pub fn call_options(&mut self) -> CallOptions {
        CallOptions {
            region: self.text("region"),
            timeout_ms: self.timeout(),
            retry_mode: self.retry_mode(),
            max_attempts: self.max_attempts(),
        }
    }

    fn timeout(&mut self) -> Option<u32> {
        const NAME: &str = "timeout";
        let milliseconds = self.number(NAME)? * 1000.0;
        if (1.0..=f64::from(u32::MAX)).contains(&milliseconds) {
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "it has just been compared"
            )]
            return Some(milliseconds as u32);
        }
        self.refuse(NAME, "must be a number of seconds from 0.001 to 4294967");
        None
    }

    fn max_attempts(&mut self) -> Option<u32> {
        const NAME: &str = "max_attempts";
        let attempts = self.number(NAME)?;
        let whole = (1..=MAX_ATTEMPTS).find(|n| f64::from(*n) == attempts);
        if whole.is_none() {
            self.refuse(
                NAME,
                &format!("must be a whole number from 1 to {MAX_ATTEMPTS}"),
            );
        }
        whole
    }
}
