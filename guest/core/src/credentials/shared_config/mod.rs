//! The files that the AWS CLI and the SDKs share: `~/.aws/config` and
//! `~/.aws/credentials`.
//!
//! Rules: "Shared config and credentials files" and "Service-specific endpoints" in the
//! AWS SDKs and Tools Reference Guide, and botocore where that says nothing. A file that is
//! there and cannot be read, or whose form is at fault, is an error: what it says of a
//! profile is not known then, and to go on could be to act as somebody else.

mod ini;

use std::collections::BTreeMap;
use std::fmt;

pub use self::ini::Fault;
use self::ini::Settings;
use super::read::{ReadFile, Unread};
use crate::call::settings::Environment;

/// Most bytes of a file that are read.
pub const MAX_FILE: u64 = 1_048_576;

/// One of the two files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum File {
    /// `~/.aws/config`: profiles are `[profile NAME]`, but `[default]`.
    Config,
    /// `~/.aws/credentials`: profiles are `[NAME]`. What it says takes precedence.
    Credentials,
}

impl File {
    /// Where it is; `None` when it depends on a home that is not known.
    pub fn path(self, environment: &Environment) -> Option<String> {
        let (variable, usual) = match self {
            Self::Config => ("AWS_CONFIG_FILE", "~/.aws/config"),
            Self::Credentials => ("AWS_SHARED_CREDENTIALS_FILE", "~/.aws/credentials"),
        };
        let path = environment.get(variable).unwrap_or(usual);
        match path.strip_prefix("~/") {
            Some(below) => {
                let home = environment.get("HOME");
                let home = home.or_else(|| environment.get("USERPROFILE"))?;
                Some([home, "/", below].concat())
            }
            None => Some(path.to_owned()),
        }
    }
}

/// A line of one of the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: File,
    /// Counted from 1.
    pub line: usize,
}

/// What one file says.
#[derive(Default)]
struct Content {
    /// Where it is.
    path: Option<String>,
    /// Why it is not there, where it is not.
    missing: Option<String>,
    profiles: BTreeMap<String, Entry>,
    /// Of `[sso-session NAME]`.
    sso_sessions: BTreeMap<String, Entry>,
    /// Of `[services NAME]`.
    services: BTreeMap<String, Entry>,
}

/// A section with a name.
struct Entry {
    /// Of its title.
    line: usize,
    settings: Settings,
}

/// The profiles of both files. Values are wiped on drop; `Debug` shows names of profiles
/// only.
#[derive(Default)]
pub struct SharedConfig {
    config: Content,
    credentials: Content,
}

impl fmt::Debug for SharedConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = self.contents().into_iter().flat_map(|c| c.profiles.keys());
        f.debug_set().entries(names).finish()
    }
}

/// A value, and where it stands.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Found<'a> {
    /// Never empty.
    pub value: &'a str,
    /// Where.
    pub at: Place,
}

impl SharedConfig {
    /// Reads both files where the environment says they are.
    ///
    /// # Errors
    ///
    /// The file and the line at fault, and the cause, for people. A file that is missing is
    /// no error.
    pub fn read(environment: &Environment, read: &mut ReadFile<'_>) -> Result<Self, String> {
        let mut shared = Self::default();
        for file in [File::Config, File::Credentials] {
            let Some(path) = file.path(environment) else {
                continue;
            };
            // By which files are switched off.
            if path == "/dev/null" {
                continue;
            }
            match read(&path) {
                Ok(bytes) => shared
                    .add(file, &bytes)
                    .map_err(|fault| format!("{path}, line {}: {}", fault.line, fault.cause))?,
                Err(Unread::Missing(reason)) => shared.content_mut(file).missing = Some(reason),
                Err(Unread::Failed(reason)) => return Err([&path, ": ", &reason].concat()),
            }
            shared.content_mut(file).path = Some(path);
        }
        Ok(shared)
    }

    /// Adds what a file says.
    ///
    /// # Errors
    ///
    /// The first [`Fault`].
    pub fn add(&mut self, file: File, bytes: &[u8]) -> Result<(), Fault> {
        let text = text(bytes)?;
        let content = self.content_mut(file);
        let mut titles = BTreeMap::new();
        for section in ini::parse(text)? {
            let title = Title::new(file, &section.title);
            if let Some(first) = titles.insert(title.clone(), section.line) {
                return Err(Fault::twice(section.line, "the section", first));
            }
            let entry = Entry {
                line: section.line,
                settings: section.settings,
            };
            match title {
                Title::Profile(name) => content.profiles.insert(name, entry),
                Title::SsoSession(name) => content.sso_sessions.insert(name, entry),
                Title::Services(name) => content.services.insert(name, entry),
                Title::Default => {
                    // The prefixed form takes precedence, wherever it stands.
                    let default = content.profiles.entry("default".to_owned());
                    default.or_insert(entry);
                    None
                }
                Title::Other(_) => None,
            };
        }
        Ok(())
    }

    /// Where a profile begins: in the credentials file, where both have it.
    pub fn place(&self, profile: &str) -> Option<Place> {
        [File::Credentials, File::Config]
            .into_iter()
            .find_map(|file| {
                let line = self.content(file).profiles.get(profile)?.line;
                Some(Place { file, line })
            })
    }

    /// A setting of a profile, whose name must be in lower case: the credentials file's,
    /// where both have it. An empty one counts as not set.
    pub fn get(&self, profile: &str, setting: &str) -> Option<Found<'_>> {
        self.get_in(File::Credentials, profile, setting)
            .or_else(|| self.get_in(File::Config, profile, setting))
    }

    /// A setting of a profile in one of the files.
    pub fn get_in(&self, file: File, profile: &str, setting: &str) -> Option<Found<'_>> {
        found(file, self.content(file).profiles.get(profile)?, setting)
    }

    /// Whether there is a section `[sso-session NAME]`.
    pub(super) fn has_sso_session(&self, name: &str) -> bool {
        self.config.sso_sessions.contains_key(name)
    }

    /// A setting of `[sso-session NAME]`.
    pub(super) fn of_sso_session(&self, name: &str, setting: &str) -> Option<Found<'_>> {
        found(File::Config, self.config.sso_sessions.get(name)?, setting)
    }

    /// Whether there is a section `[services NAME]`.
    pub(super) fn has_services(&self, name: &str) -> bool {
        self.config.services.contains_key(name)
    }

    /// A setting of a service in `[services NAME]`.
    pub(super) fn of_service(&self, name: &str, service: &str, setting: &str) -> Option<Found<'_>> {
        let entry = self.config.services.get(name)?;
        found(File::Config, entry, &[service, ".", setting].concat())
    }

    /// A place in words.
    pub fn shown(&self, place: Place) -> String {
        let path = self.content(place.file).path.as_deref();
        format!("{}, line {}", path.unwrap_or("a file"), place.line)
    }

    /// Which files there are to search, and which of them are missing, in words.
    pub fn searched(&self) -> String {
        let mut words = String::new();
        for content in self.contents() {
            if !words.is_empty() {
                words.push_str(", ");
            }
            words.push_str(content.path.as_deref().unwrap_or("HOME is not set"));
            if let Some(reason) = &content.missing {
                words.push_str(": ");
                words.push_str(reason);
            }
        }
        words
    }

    fn contents(&self) -> [&Content; 2] {
        [&self.config, &self.credentials]
    }

    fn content(&self, file: File) -> &Content {
        match file {
            File::Config => &self.config,
            File::Credentials => &self.credentials,
        }
    }

    fn content_mut(&mut self, file: File) -> &mut Content {
        match file {
            File::Config => &mut self.config,
            File::Credentials => &mut self.credentials,
        }
    }
}

fn found<'a>(file: File, entry: &'a Entry, setting: &str) -> Option<Found<'a>> {
    let setting = entry.settings.get(setting)?;
    let (value, line) = (setting.value.as_str(), setting.line);
    (!value.is_empty()).then_some(Found {
        value,
        at: Place { file, line },
    })
}

/// The text of a file. Editors on Windows begin it with a byte order mark, or write it in
/// UTF-16.
fn text(bytes: &[u8]) -> Result<&str, Fault> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(Fault::new(1, "UTF-16: save the file as UTF-8"));
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.trim_start_matches('\u{feff}')),
        Err(error) => {
            let before = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let line = before.iter().filter(|byte| **byte == b'\n').count();
            Err(Fault::new(line.saturating_add(1), "not UTF-8"))
        }
    }
}

/// What a section is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Title {
    /// `[profile NAME]`, and in the credentials file `[NAME]`.
    Profile(String),
    /// `[default]` of the configuration file.
    Default,
    /// `[sso-session NAME]`.
    SsoSession(String),
    /// `[services NAME]`.
    Services(String),
    /// Nothing that counts here.
    Other(String),
}

impl Title {
    fn new(file: File, title: &str) -> Self {
        let title = title.trim();
        let other = || Self::Other(title.to_owned());
        match (file, title.split_once([' ', '\t'])) {
            (File::Credentials, _) => Self::Profile(title.to_owned()),
            (File::Config, None) if title == "default" => Self::Default,
            (File::Config, None) => other(),
            (File::Config, Some((kind, name))) => match (kind, word(name)) {
                ("profile", Some(name)) => Self::Profile(name),
                ("sso-session", Some(name)) => Self::SsoSession(name),
                ("services", Some(name)) => Self::Services(name),
                _ => other(),
            },
        }
    }
}

/// A name: one word, or any number of them in quotes.
fn word(name: &str) -> Option<String> {
    let name = name.trim();
    let quoted = ['"', '\'']
        .into_iter()
        .find_map(|quote| name.strip_prefix(quote)?.strip_suffix(quote));
    match quoted {
        Some(name) => Some(name.to_owned()),
        None if name.contains([' ', '\t', '"', '\'']) => None,
        None => Some(name.to_owned()),
    }
}
