//! The files that the AWS CLI and the SDKs share: `~/.aws/config` and
//! `~/.aws/credentials`.
//!
//! Rules: "Shared config and credentials files" in the AWS SDKs and Tools Reference
//! Guide. As in the AWS SDK for Rust, a comment may follow a value after a blank.
//! Nested settings (indented, after one without a value) and further lines of a value
//! are passed over: nothing that matters here has them.

use std::collections::BTreeMap;
use std::fmt;

use zeroize::Zeroizing;

use crate::settings::Environment;

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
            Some(below) => Some([environment.get("HOME")?, "/", below].concat()),
            None => Some(path.to_owned()),
        }
    }
}

/// A line that is neither a section, a setting nor a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fault {
    /// Counted from 1.
    pub line: usize,
}

/// The settings of a profile, names in lower case. Wiped on drop.
type Profile = BTreeMap<String, Zeroizing<String>>;

/// The profiles of both files. `Debug` shows their names only.
#[derive(Default)]
pub struct SharedConfig {
    profiles: BTreeMap<String, Profile>,
}

impl fmt::Debug for SharedConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.profiles.keys()).finish()
    }
}

impl SharedConfig {
    /// Adds what a file says. Of two files added, the second takes precedence.
    ///
    /// # Errors
    ///
    /// The first [`Fault`].
    pub fn add(&mut self, file: File, text: &str) -> Result<(), Fault> {
        let mut sections = BTreeMap::<Section, Profile>::new();
        let mut section = None;
        let mut in_nested = false;
        for (line, number) in text.trim_start_matches('\u{feff}').lines().zip(1..) {
            let fault = Fault { line: number };
            let indented = line.starts_with([' ', '\t']);
            let line = without_comment(line).trim_start();
            if line.is_empty() || (indented && (in_nested || !line.contains('='))) {
                continue;
            }
            if let Some(rest) = line.strip_prefix('[') {
                let title = rest.strip_suffix(']').ok_or(fault)?;
                let title = Section::new(file, title);
                // Its title alone makes a profile.
                sections.entry(title.clone()).or_default();
                section = Some(title);
                in_nested = false;
                continue;
            }
            let (name, value) = line.split_once('=').ok_or(fault)?;
            let Some(section) = &section else {
                return Err(fault);
            };
            let value = value.trim();
            in_nested = value.is_empty();
            sections.entry(section.clone()).or_default().insert(
                name.trim().to_ascii_lowercase(),
                Zeroizing::new(value.to_owned()),
            );
        }
        self.merge(sections);
        Ok(())
    }

    fn merge(&mut self, sections: BTreeMap<Section, Profile>) {
        let prefixed_default = sections.contains_key(&Section::Prefixed("default".to_owned()));
        for (section, settings) in sections {
            let name = match section {
                // The prefixed form replaces the bare one.
                Section::Bare(name) if name == "default" && prefixed_default => continue,
                Section::Bare(name) | Section::Prefixed(name) => name,
                Section::Other => continue,
            };
            self.profiles.entry(name).or_default().extend(settings);
        }
    }

    /// Whether there is such a profile.
    pub fn has(&self, profile: &str) -> bool {
        self.profiles.contains_key(profile)
    }

    /// A setting of a profile, whose name must be in lower case. An empty one counts as
    /// not set.
    pub fn get(&self, profile: &str, setting: &str) -> Option<&str> {
        let value = self.profiles.get(profile)?.get(setting)?;
        Some(value.as_str()).filter(|value| !value.is_empty())
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Section {
    /// `[NAME]`.
    Bare(String),
    /// `[profile NAME]`.
    Prefixed(String),
    /// `[sso-session NAME]`, `[services NAME]`, and a bare name where it is none.
    Other,
}

impl Section {
    fn new(file: File, title: &str) -> Self {
        let title = title.trim();
        let unquoted = |name: &str| name.trim().trim_matches(['"', '\'']).to_owned();
        match (file, title.split_once([' ', '\t'])) {
            (File::Credentials, _) => Self::Bare(unquoted(title)),
            (File::Config, Some(("profile", name))) => Self::Prefixed(unquoted(name)),
            (File::Config, None) if title == "default" => Self::Bare(title.to_owned()),
            (File::Config, _) => Self::Other,
        }
    }
}

/// A line without the comment at its beginning or after a blank, and without blanks at
/// its end.
fn without_comment(line: &str) -> &str {
    let mut after_blank = true;
    let comment = line.find(|c: char| {
        let begins = after_blank && matches!(c, '#' | ';');
        after_blank = matches!(c, ' ' | '\t');
        begins
    });
    comment
        .and_then(|at| line.get(..at))
        .unwrap_or(line)
        .trim_end()
}
