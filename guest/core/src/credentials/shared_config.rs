//! The files that the AWS CLI and the SDKs share: `~/.aws/config` and
//! `~/.aws/credentials`.
//!
//! Rules: "Shared config and credentials files" and "Service-specific endpoints" in the
//! AWS SDKs and Tools Reference Guide. As in the AWS SDK for Rust, a comment may follow a
//! value after a blank. Nested settings (indented, after one without a value) count in
//! `[services NAME]` only; elsewhere they, and further lines of a value, are passed over:
//! nothing that matters here has them.

use std::collections::BTreeMap;
use std::fmt;

use zeroize::Zeroizing;

use crate::call::settings::Environment;
use crate::error::Error;

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
    /// Of `[services NAME]`; a setting below one of a service is `SERVICE.SETTING`.
    services: BTreeMap<String, Profile>,
}

/// The services that are called, as `[services NAME]` names them, and the variable for
/// the endpoint of each.
const ENDPOINT_URLS: &[(&str, &str)] = &[
    ("lambda", "AWS_ENDPOINT_URL_LAMBDA"),
    ("sts", "AWS_ENDPOINT_URL_STS"),
];

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
        // The setting without a value that nested ones belong to.
        let mut parent = None::<String>;
        for (line, number) in text.trim_start_matches('\u{feff}').lines().zip(1..) {
            let fault = Fault { line: number };
            let indented = line.starts_with([' ', '\t']);
            let line = without_comment(line).trim_start();
            if line.is_empty() {
                continue;
            }
            if indented && (parent.is_some() || !line.contains('=')) {
                if let (Some(services @ Section::Services(_)), Some(parent), Some((name, value))) =
                    (&section, &parent, line.split_once('='))
                {
                    let name = [parent, ".", &name.trim().to_ascii_lowercase()].concat();
                    let value = Zeroizing::new(value.trim().to_owned());
                    sections
                        .entry(services.clone())
                        .or_default()
                        .insert(name, value);
                }
                continue;
            }
            if let Some(rest) = line.strip_prefix('[') {
                let title = rest.strip_suffix(']').ok_or(fault)?;
                let title = Section::new(file, title);
                // Its title alone makes a profile.
                sections.entry(title.clone()).or_default();
                section = Some(title);
                parent = None;
                continue;
            }
            let (name, value) = line.split_once('=').ok_or(fault)?;
            let Some(section) = &section else {
                return Err(fault);
            };
            let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
            parent = value.is_empty().then(|| name.clone());
            sections
                .entry(section.clone())
                .or_default()
                .insert(name, Zeroizing::new(value.to_owned()));
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
                Section::Services(name) => {
                    self.services.entry(name).or_default().extend(settings);
                    continue;
                }
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

impl SharedConfig {
    /// Adds to the environment what a profile says of endpoints, as the variables that
    /// mean the same. Every variable that is there takes precedence over the profile:
    ///
    /// 1. `AWS_ENDPOINT_URL_LAMBDA`, `AWS_ENDPOINT_URL_STS`
    /// 2. `AWS_ENDPOINT_URL`
    /// 3. `endpoint_url` below the service, in the section that `services` names
    /// 4. `endpoint_url` of the profile
    ///
    /// With `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS`, or else the profile's
    /// `ignore_configured_endpoint_urls`, all four are passed over.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] for `profile`, naming it: its `services` section does not
    /// exist, or its `ignore_configured_endpoint_urls` is neither `true` nor `false`.
    pub fn add_endpoints(&self, profile: &str, environment: &mut Environment) -> Result<(), Error> {
        const IGNORE: &str = "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS";
        let fault = |reason: &str| Err(Error::invalid("profile", format!("{profile:?}: {reason}")));
        if environment.get(IGNORE).is_none() {
            match self.get(profile, "ignore_configured_endpoint_urls") {
                Some(value) if value.eq_ignore_ascii_case("true") => {
                    environment.set(IGNORE, "true");
                }
                Some(value) if !value.eq_ignore_ascii_case("false") => {
                    return fault("ignore_configured_endpoint_urls must be true or false");
                }
                _ => {}
            }
        }
        if environment.get("AWS_ENDPOINT_URL").is_some() {
            return Ok(());
        }
        let services = match self.get(profile, "services") {
            Some(name) => match self.services.get(name) {
                Some(services) => Some(services),
                None => return fault("the section that its services names does not exist"),
            },
            None => None,
        };
        for (service, variable) in ENDPOINT_URLS {
            let own = services
                .and_then(|services| services.get(&[service, ".endpoint_url"].concat()))
                .map(|url| url.as_str())
                .filter(|url| !url.is_empty());
            let url = own.or_else(|| self.get(profile, "endpoint_url"));
            if let (None, Some(url)) = (environment.get(variable), url) {
                environment.set(variable, url);
            }
        }
        Ok(())
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Section {
    /// `[NAME]`.
    Bare(String),
    /// `[profile NAME]`.
    Prefixed(String),
    /// `[services NAME]`.
    Services(String),
    /// `[sso-session NAME]`, and a bare name where it is none.
    Other,
}

impl Section {
    fn new(file: File, title: &str) -> Self {
        let title = title.trim();
        let unquoted = |name: &str| name.trim().trim_matches(['"', '\'']).to_owned();
        match (file, title.split_once([' ', '\t'])) {
            (File::Credentials, _) => Self::Bare(unquoted(title)),
            (File::Config, Some(("profile", name))) => Self::Prefixed(unquoted(name)),
            (File::Config, Some(("services", name))) => Self::Services(unquoted(name)),
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
