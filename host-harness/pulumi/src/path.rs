//! Property paths: `triggers.redeployment`, `input.items[3]`, `input["a key"]`.

/// A path to a property of an object.
///
/// The engine prints the value that an input has under exactly the text of a path that it is
/// told to be at fault. A property whose value is not to be printed therefore goes by its
/// other spelling, `["input"]`, which is the same path.
pub fn of_property(name: &str) -> String {
    if HIDDEN.contains(&name) {
        format!("[{name:?}]")
    } else {
        name.to_owned()
    }
}

/// Properties whose values may be anybody's secrets.
const HIDDEN: [&str; 7] = [
    "accessKey",
    "clientContext",
    "endpointUrl",
    "input",
    "payload",
    "secretKey",
    "token",
];

/// The path of a member of what is at `path`.
pub fn of_member(path: &str, name: &str) -> String {
    let mut chars = name.chars();
    let plain = chars.next().is_some_and(|c| c.is_alphabetic() || c == '_')
        && chars.all(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
    if plain {
        format!("{path}.{name}")
    } else {
        format!("{path}[\"{}\"]", name.replace('"', "\\\""))
    }
}

/// The path of an element of what is at `path`.
pub fn of_element(path: &str, index: usize) -> String {
    format!("{path}[{index}]")
}

/// The names that a path is made of; of an element its index. None for a path that cannot be
/// read.
pub fn segments(path: &str) -> Option<Vec<String>> {
    let mut segments = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        if let Some(quoted) = rest.strip_prefix("[\"") {
            let mut name = String::new();
            let mut escaped = false;
            let mut end = None;
            for (index, c) in quoted.char_indices() {
                match c {
                    '\\' if !escaped => escaped = true,
                    '"' if !escaped => {
                        end = Some(index);
                        break;
                    }
                    c => {
                        name.push(c);
                        escaped = false;
                    }
                }
            }
            rest = quoted.get(end? + 1..)?.strip_prefix(']')?;
            segments.push(name);
        } else if let Some(index) = rest.strip_prefix('[') {
            let (index, after) = index.split_once(']')?;
            segments.push(index.to_owned());
            rest = after;
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            let (name, after) = rest.split_at(end);
            if name.is_empty() {
                return None;
            }
            segments.push(name.to_owned());
            rest = after;
        }
        if let Some(after) = rest.strip_prefix('.') {
            if after.is_empty() {
                return None;
            }
            rest = after;
        }
    }
    Some(segments)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_read_and_written() {
        for (path, names) in [
            ("input", Some(&["input"][..])),
            ("triggers.redeployment", Some(&["triggers", "redeployment"])),
            ("triggers[\"a.b\"]", Some(&["triggers", "a.b"])),
            ("triggers[\"a\\\"b\"].c", Some(&["triggers", "a\"b", "c"])),
            (
                "[\"input\"].items[3].id",
                Some(&["input", "items", "3", "id"]),
            ),
            ("*", Some(&["*"])),
            ("", Some(&[])),
            ("a.", None),
            (".a", None),
            ("a[\"b", None),
            ("a[\"b\"", None),
            ("a[1", None),
        ] {
            let names = names.map(|names| names.iter().map(ToString::to_string).collect());
            assert_eq!(segments(path), names, "{path}");
        }
        assert_eq!(of_member("triggers", "a-b_1"), "triggers.a-b_1");
        for name in ["a.b", "a\"b", "", "1a", "a b"] {
            let path = of_member("triggers", name);
            let segments = segments(&path).unwrap();
            assert_eq!(segments, ["triggers", name], "{path}");
        }
        assert_eq!(of_property("qualifier"), "qualifier");
        assert_eq!(of_element(&of_property("input"), 2), "[\"input\"][2]");
    }
}
