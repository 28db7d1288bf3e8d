//! The forms of a function name.
//!
//! Pattern of the service model for `Invoke` (1 to 256 characters):
//!
//! ```text
//! (arn:(aws[a-zA-Z-]*)?:lambda:)?
//! ((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?
//! (\d{12}:)?(function:)?([a-zA-Z0-9-_\.]+)
//! (:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?
//! ```

use crate::error::ArgumentError;

/// A function name taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FunctionName<'a> {
    /// `aws`, `aws-cn`, ... of a full ARN that states it.
    pub partition: Option<&'a str>,
    /// The region of a full or partial ARN.
    pub region: Option<&'a str>,
    /// The twelve digits of the account.
    pub account: Option<&'a str>,
    /// The bare name.
    pub name: &'a str,
    /// The version or alias after the name.
    pub qualifier: Option<&'a str>,
}

const ARGUMENT: &str = "function-name";

impl<'a> FunctionName<'a> {
    /// Takes a name, a partial ARN or a full ARN apart.
    ///
    /// # Errors
    ///
    /// [`ArgumentError`] when `text` does not match the pattern, is longer
    /// than 256 characters, or its bare name is longer than 64 or would vanish from
    /// a URL path (`.` and `..`).
    pub fn parse(text: &'a str) -> Result<Self, ArgumentError> {
        if text.is_empty() {
            return Err(ArgumentError::new(ARGUMENT, "must not be empty"));
        }
        if text.len() > 256 {
            return Err(ArgumentError::new(ARGUMENT, "longer than 256 characters"));
        }
        let mut parts = text.split(':').peekable();
        let mut left = text.split(':').count();
        // A prefix counts as one only while a part is left to be the name, and
        // `$LATEST` can be none: functions may be named `arn` or `function`.
        let least = if text.contains(":$") { 2 } else { 1 };
        let is_arn = left > 3 && text.starts_with("arn:");
        let mut take = |is: &dyn Fn(&str) -> bool| -> Option<&'a str> {
            let part = parts.next_if(|part| left > least && is(part))?;
            left = left.saturating_sub(1);
            Some(part)
        };
        let mut partition = None;
        if is_arn && take(&|p| p == "arn").is_some() {
            partition = take(&is_partition);
            if partition.is_none() || take(&|p| p == "lambda").is_none() {
                return Err(ArgumentError::new(
                    ARGUMENT,
                    "an ARN must begin with arn:PARTITION:lambda:",
                ));
            }
        }
        let region = take(&is_region);
        let account = take(&|p| p.len() == 12 && p.bytes().all(|b| b.is_ascii_digit()));
        take(&|p| p == "function");
        let name = parts.next().unwrap_or_default();
        let qualifier = parts.next();
        if parts.next().is_some() {
            return Err(ArgumentError::new(
                ARGUMENT,
                "must be NAME, ACCOUNT:function:NAME or arn:PARTITION:lambda:REGION:ACCOUNT:function:NAME, each with or without :QUALIFIER",
            ));
        }
        if name.is_empty() || !name.bytes().all(|b| is_word(b) || b == b'.') {
            return Err(ArgumentError::new(
                ARGUMENT,
                "the name may hold only letters, digits, '-', '_' and '.'",
            ));
        }
        if name.len() > 64 {
            return Err(ArgumentError::new(
                ARGUMENT,
                "the name without its ARN and qualifier is longer than 64 characters",
            ));
        }
        // RFC 3986 section 5.2.4: any hop may remove dot segments from a path.
        if matches!(text, "." | "..") {
            return Err(ArgumentError::new(ARGUMENT, "must not be '.' or '..'"));
        }
        if let Some(qualifier) = qualifier {
            let sound = matches!(qualifier, "$LATEST" | "$LATEST.PUBLISHED")
                || !qualifier.is_empty() && qualifier.bytes().all(is_word);
            if !sound {
                return Err(ArgumentError::new(
                    ARGUMENT,
                    "the qualifier after the name may hold only letters, digits, '-' and '_', or be $LATEST",
                ));
            }
        }
        Ok(Self {
            partition: partition.filter(|p| !p.is_empty()),
            region,
            account,
            name,
            qualifier,
        })
    }
}

/// The qualifier at the end of a function name, if there is one.
pub(crate) fn qualifier_of(function_name: &str) -> Option<&str> {
    FunctionName::parse(function_name).ok()?.qualifier
}

/// `[a-zA-Z0-9-_]`
pub(crate) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

/// `(aws[a-zA-Z-]*)?`
fn is_partition(part: &str) -> bool {
    part.strip_prefix("aws").map_or(part.is_empty(), |rest| {
        rest.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-')
    })
}

/// `(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}`
fn is_region(part: &str) -> bool {
    let lower = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_lowercase());
    let mut words = part.strip_prefix("eusc-").unwrap_or(part).split('-');
    let country = words.next().unwrap_or_default();
    let mut area = words.next().unwrap_or_default();
    let isolated = area
        .strip_prefix("iso")
        .is_some_and(|suffix| suffix.len() <= 1 && (suffix.is_empty() || lower(suffix)));
    let mut number = words.next().unwrap_or_default();
    if let Some(last) = words.next() {
        if area != "gov" && !isolated {
            return false;
        }
        area = number;
        number = last;
    }
    words.next().is_none()
        && country.len() == 2
        && lower(country)
        && lower(area)
        && number.len() == 1
        && number.bytes().all(|b| b.is_ascii_digit())
}
