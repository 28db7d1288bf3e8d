//! Configuration files: which invocations there should be.
//!
//! ```toml
//! [invocation.database_setup]
//! function_name = "setup"
//! lifecycle_scope = "CRUD"
//! depends_on = ["network"]
//! input = { database_url = "db.example:5432" }
//!
//! [ephemeral.api_key]
//! function_name = "generate-secret"
//! payload = '{"length": 32}'
//! ```
//!
//! The same in JSON, with tables as objects. `docs/lifecycle.md` has every attribute with
//! its names in Terraform and Pulumi, and a test holds that page to the names below.
//!
//! A replacement deletes first unless one of the two attributes says otherwise,
//! whichever spelling is used: Pulumi's own default is the other one.

mod document;
mod table;

use std::collections::BTreeMap;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lambda_invocation_core::call::request::LogType;
use lambda_invocation_core::ephemeral::EphemeralConfig;
use lambda_invocation_core::error::Error;
use lambda_invocation_core::json::Value;
use lambda_invocation_core::lifecycle::{Config, LifecycleScope, ReplaceOrder};

pub use self::document::Format;
use self::document::toml_to_json;
use self::table::{Spellings, Table, quoted};
pub use self::table::{did_you_mean, is_name};
use crate::dependency_order;
use crate::json_text::{self, has_duplicate_keys};

const FUNCTION_NAME: Spellings = &["function_name", "functionName"];
const INPUT: Spellings = &["input"];
const PAYLOAD: Spellings = &["payload"];
const QUALIFIER: Spellings = &["qualifier"];
const REGION: Spellings = &["region"];
const TENANT_ID: Spellings = &["tenant_id", "tenantId"];
// `pulumi_key` stands in Pulumi's documentation, though in no release.
const TERRAFORM_KEY: Spellings = &["terraform_key", "terraformKey", "pulumi_key", "pulumiKey"];
const LIFECYCLE_SCOPE: Spellings = &["lifecycle_scope", "lifecycleScope"];
const TRIGGERS: Spellings = &["triggers"];
const CREATE_BEFORE_DESTROY: Spellings = &[
    "create_before_destroy",
    "createBeforeDestroy",
    "create_before_delete",
    "createBeforeDelete",
];
const DELETE_BEFORE_REPLACE: Spellings = &["delete_before_replace", "deleteBeforeReplace"];
const DEPENDS_ON: Spellings = &["depends_on", "dependsOn"];
const CLIENT_CONTEXT: Spellings = &["client_context", "clientContext"];
const LOG_TYPE: Spellings = &["log_type", "logType"];

const INVOCATION: &[Spellings] = &[
    FUNCTION_NAME,
    INPUT,
    QUALIFIER,
    REGION,
    TENANT_ID,
    CLIENT_CONTEXT,
    TERRAFORM_KEY,
    LIFECYCLE_SCOPE,
    TRIGGERS,
    CREATE_BEFORE_DESTROY,
    DELETE_BEFORE_REPLACE,
    DEPENDS_ON,
];

const EPHEMERAL: &[Spellings] = &[
    FUNCTION_NAME,
    PAYLOAD,
    CLIENT_CONTEXT,
    QUALIFIER,
    REGION,
    TENANT_ID,
    LOG_TYPE,
];

const INVOCATIONS: Spellings = &["invocation"];
const EPHEMERALS: Spellings = &["ephemeral"];

/// What a configuration file says.
#[derive(Debug, PartialEq, Eq)]
pub struct ConfigFile {
    /// The managed invocations by name; absent if the file has no such table at all.
    pub invocations: Option<BTreeMap<String, Invocation>>,
    /// The ephemeral ones.
    pub ephemerals: BTreeMap<String, EphemeralConfig>,
}

/// A managed invocation.
#[derive(Debug, PartialEq, Eq)]
pub struct Invocation {
    /// What is wanted.
    pub config: Config,
    /// Names of those to come before it, sorted.
    pub depends_on: Vec<String>,
}

impl ConfigFile {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// [`Error::InvalidArgument`] with the file, the table and the attribute; never
    /// a value.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let fault = |reason: String| fault(path, &reason);
        let text = crate::file::text(path).map_err(fault)?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
        Self::parse(text, Format::of(path, text)).map_err(fault)
    }

    /// Reads the text of a file.
    ///
    /// # Errors
    ///
    /// What is wrong, with the table and the attribute; never a value.
    pub fn parse(text: &str, format: Format) -> Result<Self, String> {
        let from_toml;
        let document = match format {
            Format::Json => {
                let document = json_text::parse(text)?;
                // Of two tables with the same name one would silently be nothing.
                if has_duplicate_keys(text, &document) {
                    return Err("an object has the same key twice".to_owned());
                }
                document
            }
            Format::Toml => {
                from_toml = toml_to_json(text)?;
                json_text::parse(&from_toml)?
            }
        };
        let mut document = Table::new(document, &[INVOCATIONS, EPHEMERALS])?;
        let file = Self {
            invocations: tables(&mut document, INVOCATIONS, INVOCATION, invocation)?,
            ephemerals: tables(&mut document, EPHEMERALS, EPHEMERAL, ephemeral)?
                .unwrap_or_default(),
        };
        if let Some(invocations) = &file.invocations {
            check_dependencies(invocations)?;
        }
        Ok(file)
    }
}

/// What is wrong with a configuration file.
pub fn fault(path: &Path, reason: &str) -> Error {
    Error::invalid("config", format!("{}: {reason}", path.display()))
}

/// Which tables a configuration file has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `[invocation.NAME]`.
    Invocation,
    /// `[ephemeral.NAME]`.
    Ephemeral,
}

/// An error about an argument that the file gives, with its place in the file; others
/// unchanged.
pub fn in_table(error: Error, path: &Path, kind: Kind, name: &str) -> Error {
    let Error::InvalidArgument(refused) = &error else {
        return error;
    };
    // As the WIT package has it; under a lifecycle the payload is made from the input.
    let attribute = match (kind, refused.argument.as_str()) {
        (Kind::Invocation, "payload") => "input".to_owned(),
        (_, argument) => argument.replace('-', "_"),
    };
    let (table, known) = match kind {
        Kind::Invocation => ("invocation", INVOCATION),
        Kind::Ephemeral => ("ephemeral", EPHEMERAL),
    };
    // The region may also be an option's.
    let is_of_table = known
        .iter()
        .any(|names| names.contains(&attribute.as_str()));
    if !is_of_table || attribute == "region" {
        return error;
    }
    fault(
        path,
        &format!("[{table}.{name}] {attribute}: {}", refused.reason),
    )
}

/// All tables of a kind, by name; none when the kind is not mentioned.
fn tables<T>(
    document: &mut Table<'_>,
    kind: Spellings,
    known: &[Spellings],
    read: fn(Table<'_>) -> Result<T, String>,
) -> Result<Option<BTreeMap<String, T>>, String> {
    let Some((kind, value)) = document.take(kind) else {
        return Ok(None);
    };
    let Value::Object(members) = value else {
        return Err(format!("{kind} must be a table of tables"));
    };
    let mut tables = BTreeMap::new();
    for (name, value) in members {
        if !is_name(&name) {
            return Err(format!(
                "{kind} {}: a name has letters, digits, '_' and '-' only",
                quoted(&name)
            ));
        }
        let one = Table::new(value, known).and_then(|table| {
            table.refuse_references()?;
            read(table)
        });
        let one = one.map_err(|reason| format!("[{kind}.{name}] {reason}"))?;
        tables.insert(name.into_owned(), one);
    }
    Ok(Some(tables))
}

fn invocation(mut table: Table<'_>) -> Result<Invocation, String> {
    Ok(Invocation {
        config: Config {
            function_name: table.required_text(FUNCTION_NAME)?,
            input: table.required_json(INPUT)?,
            qualifier: table.text(QUALIFIER)?,
            region: table.text(REGION)?,
            terraform_key: table.text(TERRAFORM_KEY)?,
            tenant_id: table.text(TENANT_ID)?,
            client_context: client_context(&mut table)?,
            lifecycle_scope: lifecycle_scope(&mut table)?,
            triggers: triggers(&mut table)?,
            replace_order: replace_order(&mut table)?,
        },
        depends_on: depends_on(&mut table)?,
    })
}

fn ephemeral(mut table: Table<'_>) -> Result<EphemeralConfig, String> {
    Ok(EphemeralConfig {
        function_name: table.required_text(FUNCTION_NAME)?,
        payload: table.required_json(PAYLOAD)?,
        client_context: client_context(&mut table)?,
        qualifier: table.text(QUALIFIER)?,
        region: table.text(REGION)?,
        tenant_id: table.text(TENANT_ID)?,
        log_type: match table.text(LOG_TYPE)?.as_deref() {
            None => None,
            Some("None") => Some(LogType::None),
            Some("Tail") => Some(LogType::Tail),
            Some(_) => return Err("log_type must be None or Tail".to_owned()),
        },
    })
}

fn client_context(table: &mut Table<'_>) -> Result<Option<String>, String> {
    match table.take(CLIENT_CONTEXT) {
        None => Ok(None),
        Some((_, Value::String(base64))) => Ok(Some(base64.into_owned())),
        Some((_, context @ Value::Object(_))) => Ok(Some(STANDARD.encode(context.encode()))),
        Some((name, _)) => Err(format!("{name} must be a string in base64, or an object")),
    }
}

fn lifecycle_scope(table: &mut Table<'_>) -> Result<Option<LifecycleScope>, String> {
    match table.text(LIFECYCLE_SCOPE)? {
        None => Ok(None),
        Some(scope) => LifecycleScope::parse(&scope)
            .map(Some)
            .map_err(|_| "lifecycle_scope must be CREATE_ONLY or CRUD".to_owned()),
    }
}

fn triggers(table: &mut Table<'_>) -> Result<Vec<(String, String)>, String> {
    let members = match table.take(TRIGGERS) {
        None => return Ok(Vec::new()),
        Some((_, Value::Object(members))) => members,
        Some((name, _)) => return Err(format!("{name} must be a table")),
    };
    members
        .into_iter()
        .map(|(key, value)| match value {
            Value::String(text) => Ok((key.into_owned(), text.into_owned())),
            // Terraform turns them into strings, too.
            Value::Literal(text) if text != "null" => Ok((key.into_owned(), text.to_owned())),
            _ => Err("triggers must hold strings, numbers and truths only".to_owned()),
        })
        .collect()
}

fn replace_order(table: &mut Table<'_>) -> Result<Option<ReplaceOrder>, String> {
    let create_first = table.truth(CREATE_BEFORE_DESTROY)?;
    let delete_first = table.truth(DELETE_BEFORE_REPLACE)?;
    let create_first = match (create_first, delete_first) {
        (Some(_), Some(_)) => {
            return Err(
                "create_before_destroy and delete_before_replace say the same thing; give only one of them"
                    .to_owned(),
            );
        }
        (Some(create_first), None) => Some(create_first),
        (None, delete_first) => delete_first.map(|delete_first| !delete_first),
    };
    Ok(create_first.map(|create_first| {
        if create_first {
            ReplaceOrder::CreateFirst
        } else {
            ReplaceOrder::DeleteFirst
        }
    }))
}

fn depends_on(table: &mut Table<'_>) -> Result<Vec<String>, String> {
    let items = match table.take(DEPENDS_ON) {
        None => return Ok(Vec::new()),
        Some((_, Value::Array(items))) => items,
        Some((name, _)) => return Err(format!("{name} must be a list of names")),
    };
    let mut names = items
        .into_iter()
        .map(|item| match item {
            // `invocation.NAME`, as other files would say it.
            Value::String(name) => Ok(name.strip_prefix("invocation.").unwrap_or(&name).to_owned()),
            _ => Err("depends_on must hold names only".to_owned()),
        })
        .collect::<Result<Vec<_>, _>>()?;
    names.sort_unstable();
    names.dedup();
    Ok(names)
}

/// Every name is known, and none depends on itself in the end.
fn check_dependencies(invocations: &BTreeMap<String, Invocation>) -> Result<(), String> {
    for (name, invocation) in invocations {
        let mut depends_on = invocation.depends_on.iter();
        if let Some(unknown) = depends_on.find(|other| !invocations.contains_key(*other)) {
            return Err(format!(
                "[invocation.{name}] depends_on: there is no invocation {}{}",
                quoted(unknown),
                did_you_mean(unknown, invocations.keys().map(String::as_str))
            ));
        }
    }
    let dependencies: Vec<_> = invocations
        .iter()
        .map(|(name, invocation)| (name.as_str(), invocation.depends_on.as_slice()))
        .collect();
    dependency_order::order(&dependencies)
        .map(|_| ())
        .map_err(|cycle| {
            format!(
                "[invocation.{}] depends_on: these depend on each other: {}",
                cycle.first().copied().unwrap_or_default(),
                cycle.join(" -> ")
            )
        })
}

#[cfg(test)]
mod tests;
