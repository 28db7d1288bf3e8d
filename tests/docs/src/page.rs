//! Pages: files in Markdown.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

/// The root of the repository.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Every page that is written for people who use or change this project.
///
/// # Panics
///
/// When the folder `docs` cannot be read.
pub fn pages() -> Vec<Page> {
    let mut names: Vec<String> = [
        "README.md",
        "ARCHITECTURE.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
    ]
    .map(str::to_owned)
    .into();
    let mut folders = vec!["docs".to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root().join(&folder)).expect("a folder") {
            let entry = entry.expect("an entry of a folder");
            let name = format!("{folder}/{}", entry.file_name().display());
            if entry.path().is_dir() {
                folders.push(name);
            } else if name.ends_with(".md") {
                names.push(name);
            }
        }
    }
    names.sort();
    names.iter().map(|name| Page::read(name)).collect()
}

/// A page.
#[derive(Debug)]
pub struct Page {
    name: String,
    text: String,
}

/// A heading, and what stands between it and the next one of any level.
#[derive(Debug, Default)]
struct Section {
    title: String,
    /// The code blocks: language, and text.
    blocks: Vec<(String, String)>,
    /// The lines outside of code blocks.
    prose: Vec<String>,
}

impl Page {
    /// A page, by its path from the root of the repository.
    ///
    /// # Panics
    ///
    /// When there is none.
    pub fn read(name: &str) -> Self {
        let text =
            fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        Self {
            name: name.to_owned(),
            text,
        }
    }

    /// Its path from the root of the repository.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The headings, in order.
    pub fn headings(&self) -> Vec<String> {
        let sections = self.sections().into_iter().skip(1);
        sections.map(|section| section.title).collect()
    }

    /// The headings that have code blocks in this language right under them.
    pub fn headings_with(&self, language: &str) -> Vec<String> {
        let sections = self.sections().into_iter();
        sections
            .filter(|section| section.blocks.iter().any(|(of, _)| of == language))
            .map(|section| section.title)
            .collect()
    }

    /// The lines outside of code blocks.
    pub fn prose(&self) -> Vec<String> {
        let sections = self.sections().into_iter();
        sections.flat_map(|section| section.prose).collect()
    }

    /// The code blocks in a language between a heading and the next one.
    ///
    /// # Panics
    ///
    /// When there is no such heading, or no such block under it.
    pub fn blocks(&self, heading: &str, language: &str) -> Vec<String> {
        let name = &self.name;
        let sections = self.sections();
        let section = sections
            .iter()
            .find(|section| section.title == heading)
            .unwrap_or_else(|| panic!("{name} has no heading {heading:?}"));
        let blocks: Vec<String> = section
            .blocks
            .iter()
            .filter(|(of, _)| of == language)
            .map(|(_, text)| text.clone())
            .collect();
        assert!(
            !blocks.is_empty(),
            "{name} has no {language} under {heading:?}"
        );
        blocks
    }

    /// The commands in the `sh` blocks under a heading: one a line, unless the line ends
    /// with a backslash.
    ///
    /// # Panics
    ///
    /// As [`Page::blocks`] does.
    pub fn commands(&self, heading: &str) -> Vec<String> {
        let text = self.blocks(heading, "sh").concat().replace("\\\n", "");
        text.lines()
            .map(str::trim)
            .filter(|line| !line.is_empty() && !line.starts_with('#'))
            .map(str::to_owned)
            .collect()
    }

    /// The text with other content in the parts that code writes.
    ///
    /// # Panics
    ///
    /// When the page has no such part.
    pub fn with(&self, parts: &[(&str, String)]) -> String {
        let mut text = self.text.clone();
        for (part, content) in parts {
            let begin = format!("<!-- {part}: written by a test -->\n");
            let end = format!("<!-- end of {part} -->");
            let (before, rest) = text
                .split_once(&begin)
                .unwrap_or_else(|| panic!("{} has no {begin}", self.name));
            let (_, after) = rest
                .split_once(&end)
                .unwrap_or_else(|| panic!("{} has no {end}", self.name));
            text = format!("{before}{begin}\n{}\n\n{end}{after}", content.trim());
        }
        text
    }

    /// Holds the parts that code writes to what it says now, or writes them when
    /// `UPDATE_DOCS` is set.
    ///
    /// # Panics
    ///
    /// When they differ, with the command that writes them.
    #[track_caller]
    pub fn hold(&self, parts: &[(&str, String)], command: &str) {
        let expected = self.with(parts);
        if env::var_os("UPDATE_DOCS").is_some() {
            self.write(&expected);
            return;
        }
        assert!(
            self.text == expected,
            "{} is not what the code says; run UPDATE_DOCS=1 {command}",
            self.name
        );
    }

    /// Gives the page another text.
    ///
    /// # Panics
    ///
    /// When it cannot be written.
    pub fn write(&self, text: &str) {
        fs::write(root().join(&self.name), text)
            .unwrap_or_else(|error| panic!("{}: {error}", self.name));
    }

    /// The first one has no title: it is what precedes the first heading.
    fn sections(&self) -> Vec<Section> {
        let mut sections = vec![Section::default()];
        let mut in_block = false;
        for line in self.text.lines() {
            let indented = line.trim_start();
            let section = sections.last_mut().expect("never empty");
            if let Some(language) = indented.strip_prefix("```") {
                in_block = !in_block;
                if in_block {
                    section.blocks.push((language.to_owned(), String::new()));
                }
            } else if in_block {
                let (_, text) = section.blocks.last_mut().expect("one was begun");
                text.push_str(line);
                text.push('\n');
            } else if let Some(title) = title(line) {
                let title = title.to_owned();
                sections.push(Section {
                    title,
                    ..Section::default()
                });
            } else {
                section.prose.push(line.to_owned());
            }
        }
        sections
    }
}

fn title(line: &str) -> Option<&str> {
    let title = line.trim_start_matches('#');
    if title.len() == line.len() {
        return None;
    }
    title.strip_prefix(' ').map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(text: &str) -> Page {
        Page {
            name: "a.md".to_owned(),
            text: text.to_owned(),
        }
    }

    const PAGE: &str = "\
before
# One
```sh
# a comment
first --with \\
    more
second
```
prose
```json
{}
```
```sh
third
```
## Two
#not a heading
";

    #[test]
    fn commands_are_lines_of_every_block_under_the_heading() {
        assert_eq!(
            page(PAGE).commands("One"),
            ["first --with     more", "second", "third"]
        );
        assert_eq!(page(PAGE).blocks("One", "json"), ["{}\n"]);
    }

    #[test]
    fn a_comment_in_a_block_is_no_heading() {
        assert_eq!(page(PAGE).headings(), ["One", "Two"]);
        assert_eq!(page(PAGE).headings_with("sh"), ["One"]);
        assert_eq!(page(PAGE).prose(), ["before", "prose", "#not a heading"]);
    }

    #[test]
    #[should_panic(expected = "a.md has no heading \"Three\"")]
    fn a_heading_that_is_missing_is_named() {
        page(PAGE).commands("Three");
    }

    #[test]
    fn a_part_is_replaced_and_the_rest_stays() {
        let page = page("x\n<!-- t: written by a test -->\nold\n<!-- end of t -->\ny\n");
        let text = "x\n<!-- t: written by a test -->\n\nnew\n\n<!-- end of t -->\ny\n";
        let replaced = page.with(&[("t", "new\n".to_owned())]);
        assert_eq!(replaced, text);
    }
}
