//! A desk with the files of a user, and a Lambda that exists in memory only.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, Cursor};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use clap::Parser;
use lambda_invocation_command::exit;
use lambda_invocation_command::grammar::{Common, Verb};
use lambda_invocation_command::interrupt::Interrupt;
use lambda_invocation_command::render::Streams;
use lambda_invocation_command::run::{self, Lambda, Session, Unapplied};
use lambda_invocation_core::call::connection::{Connection, RetryMode};
use lambda_invocation_core::call::invocation::SignedRequest;
use lambda_invocation_core::call::request::Request;
use lambda_invocation_core::call::response::Response;
use lambda_invocation_core::call::settings::Environment;
use lambda_invocation_core::call::stream::Completion;
use lambda_invocation_core::ephemeral::{EphemeralConfig, Opened};
use lambda_invocation_core::error::{Error, FunctionError, FunctionFailure};
use lambda_invocation_core::lifecycle::{
    self, Apply, ChangePlan, Config, Diagnostic, PlanOptions, PlannedRequest, State,
};
use serde_json::Value;
use tempfile::TempDir;

/// Must never show where only people look.
pub const CANARY: &str = "CANARY-4b1d";

#[derive(Parser)]
pub struct Cli {
    #[command(flatten)]
    pub common: Common,
    #[command(subcommand)]
    pub verb: Verb,
}

/// Called before each request, with its number from 0; an error fails it.
pub type Before = Box<dyn FnMut(usize, &PlannedRequest) -> Result<(), Error>>;

/// A Lambda in memory. Each function answers with the number of the request.
pub struct World {
    pub sent: Vec<PlannedRequest>,
    pub opened: Vec<EphemeralConfig>,
    pub before: Before,
    /// Whether it knows of a request that failed that it was never sent.
    pub knows_of_nothing_sent: bool,
    pub opens: Opened,
}

impl Default for World {
    fn default() -> Self {
        Self {
            sent: Vec::new(),
            opened: Vec::new(),
            before: Box::new(|_, _| Ok(())),
            knows_of_nothing_sent: false,
            opens: Opened {
                result: "{\"key\":\"secret\"}\n".to_owned(),
                status_code: 200,
                executed_version: Some("1".to_owned()),
                function_error: None,
                log_result: None,
                request_id: Some("id".to_owned()),
            },
        }
    }
}

impl Lambda for World {
    fn invoke(&mut self, _: Request, _: Connection) -> Result<Response, Error> {
        panic!("no lifecycle command invokes directly");
    }

    fn invoke_streaming(
        &mut self,
        _: Request,
        _: Connection,
        _: &mut dyn FnMut(&[u8]) -> bool,
    ) -> Result<Option<Completion>, Error> {
        panic!("no lifecycle command invokes directly");
    }

    fn prepare(&mut self, _: Request, _: Connection) -> Result<SignedRequest, Error> {
        panic!("no lifecycle command signs");
    }

    fn validate(&mut self, config: &Config) -> Result<Vec<Diagnostic>, Error> {
        Ok(lifecycle::validate(config))
    }

    fn plan(
        &mut self,
        prior: Option<&State>,
        desired: Option<&Config>,
        options: &PlanOptions,
    ) -> Result<ChangePlan, Error> {
        Ok(lifecycle::plan(prior, desired, options)?)
    }

    fn apply_one(
        &mut self,
        prior: Option<State>,
        desired: Option<&Config>,
        replace: bool,
        _: Connection,
    ) -> Result<Option<State>, Unapplied> {
        let mut apply = Apply::new(prior, desired, replace)?;
        if let Some(request) = apply.next_request() {
            let number = self.sent.len();
            self.sent.push(request.clone());
            match (self.before)(number, request) {
                Ok(()) => apply = apply.succeeded(format!("{{\"n\":{number}}}").into_bytes())?,
                Err(error) => {
                    let mut unapplied = Unapplied::from(apply.failed(error));
                    unapplied.maybe_ran &= !self.knows_of_nothing_sent;
                    return Err(unapplied);
                }
            }
        }
        Ok(apply.finish())
    }

    fn import_state(&mut self, id: &str) -> Result<State, Error> {
        Ok(lifecycle::import_state(id)?)
    }

    fn upgrade_state(&mut self, version: u32, json: &str) -> Result<State, Error> {
        Ok(lifecycle::upgrade_state(version, json)?)
    }

    fn open(&mut self, config: EphemeralConfig, _: Connection) -> Result<Opened, Error> {
        let (request, _) = config.clone().into_request(Connection::default())?;
        request.check()?;
        self.opened.push(config);
        Ok(self.opens.clone())
    }
}

/// A directory with the files of a user, and the world.
pub struct Desk {
    directory: TempDir,
    pub world: World,
    pub interrupt: Rc<Interrupt>,
    pub color: bool,
    /// What whoever sits at the terminal types; nobody does if absent.
    pub types: Option<Cursor<String>>,
}

#[derive(Debug)]
pub struct Run {
    pub code: u8,
    pub out: String,
    pub err: String,
}

impl Run {
    #[track_caller]
    pub fn ok(self) -> Self {
        assert_eq!(self.code, exit::DONE, "{self:#?}");
        self
    }

    /// What was said in a failure that left standard output alone.
    #[track_caller]
    pub fn failed(self, code: u8) -> String {
        assert_eq!(self.code, code, "{self:#?}");
        assert_eq!(self.out, "", "{self:#?}");
        self.err
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }
}

impl Desk {
    pub fn new() -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
            world: World::default(),
            interrupt: Rc::default(),
            color: false,
            types: None,
        }
    }

    /// With a configuration.
    pub fn with(config: &str) -> Self {
        let desk = Self::new();
        desk.write("config.toml", config);
        desk
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
    }

    pub fn names(&self) -> BTreeSet<String> {
        let names = fs::read_dir(self.directory.path()).unwrap();
        names
            .map(|one| one.unwrap().file_name().into_string().unwrap())
            .collect()
    }

    /// Types a line; words that name files stand for those of the desk.
    pub fn run(&mut self, line: &str) -> Run {
        let words = line.split_whitespace().map(|word| {
            if [".toml", ".json", ".tfstate"]
                .iter()
                .any(|end| word.ends_with(end))
            {
                self.path(word).to_str().unwrap().to_owned()
            } else {
                word.to_owned()
            }
        });
        let words = std::iter::once("lambda-host".to_owned()).chain(words);
        let cli = Cli::try_parse_from(words).unwrap_or_else(|error| panic!("{error}"));
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut streams = Streams {
            out: &mut out,
            out_is_terminal: false,
            err: &mut err,
            out_color: self.color,
            err_color: self.color,
            retry: RetryMode::default(),
        };
        let session = Session {
            lambda: &mut self.world,
            streams: &mut streams,
            connection: cli.common.connection(&Environment::default()).unwrap(),
            output: cli.common.output,
            terminal: self.types.as_mut().map(|types| types as &mut dyn BufRead),
            interrupt: &self.interrupt,
        };
        let code = run::run(cli.verb, session).unwrap();
        Run {
            code,
            out: String::from_utf8(out).unwrap(),
            err: String::from_utf8(err).unwrap(),
        }
    }

    pub fn plan(&mut self) -> Run {
        self.run("lifecycle plan --config config.toml --state state.json")
    }

    pub fn apply(&mut self) -> Run {
        self.run("lifecycle apply --config config.toml --state state.json")
    }

    pub fn destroy(&mut self) -> Run {
        self.run("lifecycle destroy --state state.json")
    }

    pub fn state(&self) -> Value {
        serde_json::from_slice(&fs::read(self.path("state.json")).unwrap()).unwrap()
    }

    /// The names in the state file.
    pub fn kept(&self) -> Vec<String> {
        let state = self.state();
        state["invocations"]
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect()
    }

    /// `EVENT FUNCTION` of each request since the last time.
    pub fn sent(&mut self) -> Vec<String> {
        let sent = std::mem::take(&mut self.world.sent).into_iter();
        sent.map(|request| format!("{} {}", request.event.as_str(), request.function_name))
            .collect()
    }

    /// Lets the requests to these functions fail.
    pub fn fail(&mut self, functions: &[&str]) {
        let functions: Vec<String> = functions.iter().map(|name| (*name).to_owned()).collect();
        self.world.before = Box::new(move |_, request| {
            let event = format!("{} {}", request.event.as_str(), request.function_name);
            if functions.contains(&request.function_name) || functions.contains(&event) {
                Err(function_failure())
            } else {
                Ok(())
            }
        });
    }
}

pub fn function_failure() -> Error {
    Error::FunctionFailed(FunctionFailure {
        function_error: FunctionError {
            kind: "Unhandled".to_owned(),
            error_type: Some("ValueError".to_owned()),
            error_message: Some("no such\u{1b}[31m thing".to_owned()),
            stack_trace: vec!["in handler, line 1".to_owned()],
        },
        payload: b"{}".to_vec(),
        log_tail: Some("a line of the log".to_owned()),
    })
}

/// A table that invokes the function of its own name under CRUD.
pub fn crud(name: &str, rest: &str) -> String {
    format!(
        "[invocation.{name}]\nfunction_name = '{name}'\nlifecycle_scope = 'CRUD'\ninput = {{ a = '{CANARY}' }}\n{rest}\n"
    )
}

/// Three whose names sort the other way than they depend on each other.
pub fn chain() -> String {
    [
        crud("first", "depends_on = ['second']"),
        crud("second", "depends_on = ['third']"),
        crud("third", ""),
    ]
    .concat()
}

pub fn seed(name: &str) -> String {
    let seeds = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/fixtures/seeds");
    fs::read_to_string(Path::new(seeds).join(name)).unwrap()
}
