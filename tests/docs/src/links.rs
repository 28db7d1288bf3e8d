//! Links of a page, and what they lead to.

use std::collections::BTreeMap;
use std::path::Path;

use crate::page::{Page, root};

impl Page {
    /// Where the links outside of code lead, in order.
    pub fn links(&self) -> Vec<String> {
        let mut links = Vec::new();
        for line in self.prose() {
            // Code between backticks is no link, whatever it looks like.
            let text: String = line.split('`').step_by(2).collect();
            let targets = text.split("](").skip(1);
            links.extend(targets.filter_map(|rest| rest.split(')').next().map(str::to_owned)));
        }
        links
    }

    /// What the fragments of links to this page may be: a name for each heading, made as
    /// GitHub makes it.
    pub fn anchors(&self) -> Vec<String> {
        let mut seen: BTreeMap<String, usize> = BTreeMap::new();
        self.headings()
            .iter()
            .map(|heading| {
                let anchor = anchor(heading);
                let times = seen.entry(anchor.clone()).or_default();
                *times += 1;
                match *times - 1 {
                    0 => anchor,
                    n => format!("{anchor}-{n}"),
                }
            })
            .collect()
    }

    /// What is wrong with a link of this page: a relative one that leads to no file or
    /// no heading. Others are not followed.
    pub fn broken(&self, link: &str) -> Option<String> {
        if link.contains("://") {
            return None;
        }
        let (file, fragment) = link.split_once('#').unwrap_or((link, ""));
        let folder = Path::new(self.name()).parent().unwrap_or(Path::new(""));
        let target = folder.join(file);
        if !file.is_empty() && !root().join(&target).exists() {
            return Some(format!("{}: {link}: there is no such file", self.name()));
        }
        if fragment.is_empty() {
            return None;
        }
        let anchors = if file.is_empty() {
            self.anchors()
        } else {
            Page::read(&target.display().to_string()).anchors()
        };
        (!anchors.iter().any(|anchor| anchor == fragment))
            .then(|| format!("{}: {link}: there is no such heading", self.name()))
    }
}

fn anchor(heading: &str) -> String {
    heading
        .to_lowercase()
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_anchor_is_made_as_on_github() {
        for (heading, expected) in [
            ("From a shell", "from-a-shell"),
            ("`wasmtime run --invoke`", "wasmtime-run---invoke"),
            ("What it costs, and why", "what-it-costs-and-why"),
            ("snake_case", "snake_case"),
        ] {
            assert_eq!(anchor(heading), expected, "{heading}");
        }
    }
}
