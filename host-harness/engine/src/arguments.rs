//! Arguments as the user wrote them, read one by one.

use std::borrow::Cow;
use std::collections::BTreeMap;

use lambda_invocation_core::call::connection::{Credentials, RetryMode};
use lambda_invocation_core::call::request::{InvocationType, LogType, Request};
use lambda_invocation_core::call::settings::MAX_ATTEMPTS;
use lambda_invocation_core::lifecycle::{Attribute, Config, LifecycleScope, STATE_VERSION, State};

use crate::problem::{Problem, Spelling};
use crate::settings::CallOptions;
use crate::success::Success;

/// A value of an engine's language, as far as arguments are read from it.
pub trait Value: Sized {
    /// How the engine's users spell the names of arguments.
    const SPELLING: Spelling;

    /// Whether it stands for nothing.
    fn is_null(&self) -> bool;
    /// Whether all of it is known. What is not is known once something else is applied.
    fn is_known(&self) -> bool;
    /// The text it is, if it is one.
    fn as_text(&self) -> Option<&str>;
    /// The truth value it is, if it is one.
    fn as_flag(&self) -> Option<bool>;
    /// The number it is, if it is one. A double holds all that is counted here.
    fn as_number(&self) -> Option<f64>;
    /// The elements it has, if it is a list or a set.
    fn as_elements(&self) -> Option<&[Self]>;
    /// The members it has, if it is a map or an object.
    fn as_members(&self) -> Option<&BTreeMap<String, Self>>;
}

/// The arguments of a block, a resource or a function. What is not known yet, and what
/// breaks a rule, is noted while they are read.
///
/// Names of arguments are given here in snake case, however the engine's users spell them.
#[derive(Debug)]
pub struct Arguments<'a, V> {
    members: &'a BTreeMap<String, V>,
    unknown: Vec<&'static str>,
    problems: Vec<Problem>,
}

impl<'a, V: Value> Arguments<'a, V> {
    /// Those of an object.
    pub fn of(members: &'a BTreeMap<String, V>) -> Self {
        Self {
            members,
            unknown: Vec::new(),
            problems: Vec::new(),
        }
    }

    fn member(&self, name: &str) -> Option<&'a V> {
        let name: Cow<'_, str> = V::SPELLING.of(name);
        self.members.get(name.as_ref())
    }

    /// The value of an argument; absent when it is null or not known.
    pub fn value(&mut self, name: &'static str) -> Option<&'a V> {
        match self.member(name)? {
            value if value.is_null() => None,
            value if !value.is_known() => {
                if !self.unknown.contains(&name) {
                    self.unknown.push(name);
                }
                None
            }
            value => Some(value),
        }
    }

    /// A string.
    pub fn text(&mut self, name: &'static str) -> Option<String> {
        self.value(name)?.as_text().map(str::to_owned)
    }

    /// A string where an empty one stands for none.
    pub fn filled(&mut self, name: &'static str) -> Option<String> {
        self.text(name).filter(|text| !text.is_empty())
    }

    /// A truth value.
    pub fn flag(&mut self, name: &'static str) -> Option<bool> {
        self.value(name)?.as_flag()
    }

    /// A number.
    pub fn number(&mut self, name: &'static str) -> Option<f64> {
        self.value(name)?.as_number()
    }

    /// The pairs of a map of strings; an element that is null is empty.
    pub fn pairs(&mut self, name: &'static str) -> Vec<(String, String)> {
        let members = self.value(name).and_then(V::as_members);
        members
            .into_iter()
            .flatten()
            .map(|(key, value)| (key.clone(), value.as_text().unwrap_or_default().to_owned()))
            .collect()
    }

    /// The strings of a list or a set.
    pub fn list(&mut self, name: &'static str) -> Vec<String> {
        let elements = self.value(name).and_then(V::as_elements);
        elements
            .unwrap_or_default()
            .iter()
            .filter_map(|element| element.as_text().map(str::to_owned))
            .collect()
    }

    /// The blocks of a name; none where something in them is not known.
    pub fn blocks(&mut self, name: &'static str) -> Vec<&'a BTreeMap<String, V>> {
        let blocks = self.value(name).and_then(V::as_elements);
        blocks
            .unwrap_or_default()
            .iter()
            .filter_map(V::as_members)
            .collect()
    }

    /// Whether it is set, to a known value or not.
    pub fn is_set(&self, name: &str) -> bool {
        self.member(name).is_some_and(|value| !value.is_null())
    }

    /// Whether it is set to something that was read and is not known yet.
    pub fn is_unknown(&self, name: &str) -> bool {
        self.unknown.contains(&name)
    }

    /// The arguments that were read and are not known yet.
    pub fn unknown(&self) -> &[&'static str] {
        &self.unknown
    }

    /// Those of them that the component has as attributes of a managed invocation.
    pub fn unknown_attributes(&self) -> Vec<Attribute> {
        Attribute::ALL
            .into_iter()
            .filter(|attribute| self.is_unknown(&attribute.as_str().replace('-', "_")))
            .collect()
    }

    /// Notes a problem of an argument.
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

    fn lifecycle_scope(&mut self) -> Option<LifecycleScope> {
        const NAME: &str = "lifecycle_scope";
        let scope = LifecycleScope::parse(&self.text(NAME)?);
        if scope.is_err() {
            self.refuse(NAME, "must be CREATE_ONLY or CRUD");
        }
        scope.ok()
    }

    /// The arguments that say how a call is made.
    pub fn call_options(&mut self) -> CallOptions {
        CallOptions {
            region: self.text("region"),
            timeout_ms: self.timeout(),
            retry_mode: self.retry_mode(),
            max_attempts: self.max_attempts(),
            log_type: None,
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

    /// `max_attempts`.
    pub fn max_attempts(&mut self) -> Option<u32> {
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

    /// `success`.
    pub fn success(&mut self) -> Success {
        const NAME: &str = "success";
        match Success::new(self.pairs(NAME)) {
            Ok(success) => success,
            Err(error) => {
                self.refuse(NAME, &error.to_string());
                Success::default()
            }
        }
    }

    /// `access_key`, `secret_key` and `token`.
    pub fn credentials(&mut self) -> Option<Credentials> {
        let id = self.filled("access_key");
        let secret = self.filled("secret_key");
        let token = self.filled("token");
        match (id, secret) {
            (Some(access_key_id), Some(secret_access_key)) => Some(Credentials {
                access_key_id,
                secret_access_key,
                session_token: token,
            }),
            (None, None) if token.is_none() => None,
            // Half of them is more than a slip: the other half must not come from elsewhere.
            (id, _) => {
                let missing = if id.is_none() {
                    "access_key"
                } else {
                    "secret_key"
                };
                if !self.is_unknown(missing) {
                    self.refuse(
                        missing,
                        "must be set where another of access_key, secret_key and token is",
                    );
                }
                None
            }
        }
    }

    /// The arguments of an invocation that is not managed, with its payload.
    pub fn request(&mut self, payload: Vec<u8>) -> Request {
        Request {
            function_name: self.text("function_name").unwrap_or_default(),
            payload,
            invocation_type: self.invocation_type(),
            log_type: self.log_type(),
            qualifier: self.text("qualifier"),
            client_context: self.text("client_context"),
            tenant_id: self.text("tenant_id"),
            ..Request::default()
        }
    }

    /// The arguments of a managed invocation, as the component takes them. Engines make the
    /// two halves of a replacement themselves.
    pub fn config(&mut self) -> Config {
        Config {
            function_name: self.text("function_name").unwrap_or_default(),
            input: self.text("input").unwrap_or_default(),
            qualifier: self.text("qualifier"),
            region: self.text("region"),
            terraform_key: self.text("terraform_key"),
            tenant_id: self.text("tenant_id"),
            client_context: self.text("client_context"),
            lifecycle_scope: self.lifecycle_scope(),
            triggers: self.pairs("triggers"),
            replace_order: None,
        }
    }

    /// The component's state, from the attributes that an engine keeps of a managed
    /// invocation.
    ///
    /// # Errors
    ///
    /// When they hold what no version of the resource writes.
    pub fn state(mut self) -> Result<State, Problem> {
        // An import knows neither, and anything else knows both, or at least the scope.
        let imported = !self.is_set("lifecycle_scope") && !self.is_set("input");
        let config = self.config();
        let state = State {
            version: STATE_VERSION,
            id: self.text("id").unwrap_or_default(),
            result: self.text("result").unwrap_or_default(),
            config: if imported {
                config
            } else {
                config.normalised()
            },
            imported,
            deposed: None,
        };
        match self.problems.pop() {
            Some(problem) => Err(problem.of_state()),
            None => Ok(state),
        }
    }
}
