//! The form of the two files: sections, settings, and settings nested below one.
//!
//! Indentation and duplicates are as in Python's `configparser`, which botocore (and so
//! the AWS CLI) reads the files with: a line that is indented further than the setting
//! before it goes on with that setting, and nothing may be there twice. As in the AWS SDKs,
//! a comment may follow a value after a blank.

use std::collections::BTreeMap;

use zeroize::Zeroizing;

/// The settings of a section, names in lower case. One below another, `child` below
/// `parent =`, is `parent.child`.
pub(super) type Settings = BTreeMap<String, Setting>;

/// What is set, and where. Wiped on drop.
pub(super) struct Setting {
    pub(super) value: Zeroizing<String>,
    /// Counted from 1.
    pub(super) line: usize,
}

/// A section of a file.
pub(super) struct Section {
    /// What stands between the brackets, as it is.
    pub(super) title: String,
    /// Of the title. Counted from 1.
    pub(super) line: usize,
    pub(super) settings: Settings,
}

/// Why a file cannot be read, and the line that it is about. The cause quotes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Counted from 1.
    pub line: usize,
    /// For people.
    pub cause: String,
}

impl Fault {
    pub(super) fn new(line: usize, cause: impl Into<String>) -> Self {
        Self {
            line,
            cause: cause.into(),
        }
    }

    pub(super) fn twice(line: usize, what: &str, first: usize) -> Self {
        Self::new(line, format!("{what} is there already, in line {first}"))
    }
}

/// The sections of a file, in its order.
///
/// # Errors
///
/// The first [`Fault`].
pub(super) fn parse(text: &str) -> Result<Vec<Section>, Fault> {
    let mut sections = Vec::<Section>::new();
    // The setting that a line goes on with if it is indented further.
    let mut open = None::<String>;
    let mut indentation = 0;
    for (line, number) in lines(text).zip(1..) {
        let content = without_comment(line).trim();
        if content.is_empty() {
            continue;
        }
        let indented = line.chars().take_while(|c| c.is_whitespace()).count();
        if let (Some(section), Some(name)) = (sections.last_mut(), &open)
            && indented > indentation
        {
            go_on(section, name, content, number)?;
            continue;
        }
        indentation = indented;
        if let Some(title) = content.strip_prefix('[') {
            let title = title.rsplit_once(']').map(|(title, _)| title);
            let title = title.filter(|title| !title.is_empty());
            let title = title.ok_or_else(|| Fault::new(number, "a section is [NAME]"))?;
            sections.push(Section {
                title: title.to_owned(),
                line: number,
                settings: Settings::new(),
            });
            open = None;
            continue;
        }
        let setting = content.split_once(['=', ':']);
        let Some((name, value)) = setting.filter(|(name, _)| !name.is_empty()) else {
            return Err(Fault::new(
                number,
                "neither a section, a setting nor a comment",
            ));
        };
        let Some(section) = sections.last_mut() else {
            return Err(Fault::new(number, "a setting before the first section"));
        };
        let name = name.trim().to_ascii_lowercase();
        add(section, name.clone(), value, number)?;
        open = Some(name);
    }
    Ok(sections)
}

/// Adds a line to the setting before it: one more of its value, or, where it has none of
/// its own, a setting below it.
fn go_on(section: &mut Section, name: &str, content: &str, line: usize) -> Result<(), Fault> {
    match section.settings.get_mut(name) {
        Some(setting) if !setting.value.is_empty() => {
            // In a piece of its own, so that growing leaves no copy behind.
            let value = [setting.value.as_str(), "\n", content].concat();
            setting.value = Zeroizing::new(value);
            Ok(())
        }
        _ => match content.split_once('=') {
            Some((child, value)) => {
                let child = child.trim().to_ascii_lowercase();
                add(section, [name, ".", &child].concat(), value, line)
            }
            None => Err(Fault::new(
                line,
                "below a setting without a value, a line is NAME = VALUE",
            )),
        },
    }
}

fn add(section: &mut Section, name: String, value: &str, line: usize) -> Result<(), Fault> {
    if let Some(first) = section.settings.get(&name) {
        return Err(Fault::twice(line, "the setting", first.line));
    }
    let value = Zeroizing::new(value.trim().to_owned());
    section.settings.insert(name, Setting { value, line });
    Ok(())
}

/// Lines as text editors know them: a carriage return ends one, too.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split('\n')
        .map(|line| line.strip_suffix('\r').unwrap_or(line))
        .flat_map(|line| line.split('\r'))
}

/// A line without the comment at its beginning or after a blank.
fn without_comment(line: &str) -> &str {
    let mut after_blank = true;
    let comment = line.find(|c: char| {
        let begins = after_blank && matches!(c, '#' | ';');
        after_blank = c.is_whitespace();
        begins
    });
    comment.and_then(|at| line.get(..at)).unwrap_or(line)
}
