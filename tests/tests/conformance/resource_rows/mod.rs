//! The managed invocation: the rows.

mod changes;
mod failures;
mod provider;
mod requests;

use lambda_invocation_core::lifecycle::{Config, LifecycleScope, ReplaceOrder};

use crate::resource::Row;

const PLAIN: &str = "lambda_invocation";
const CRUD: &str = "lambda_invocation_crud";

const CREATED: &str =
    r#"{"key1":"value1","key2":"value2","tf":{"action":"create","prev_input":null}}"#;
const UPDATED: &str = r#"{"key1":"valueB","key2":"value2","tf":{"action":"update","prev_input":{"key1":"value1","key2":"value2"}}}"#;
const UNCHANGED: &str = r#"{"key1":"value1","key2":"value2","tf":{"action":"update","prev_input":{"key1":"value1","key2":"value2"}}}"#;
const DELETED: &str = r#"{"key1":"value1","key2":"value2","tf":{"action":"delete","prev_input":{"key1":"value1","key2":"value2"}}}"#;
const DELETED_CHANGED: &str = r#"{"key1":"valueB","key2":"value2","tf":{"action":"delete","prev_input":{"key1":"valueB","key2":"value2"}}}"#;
const CREATED_CHANGED: &str =
    r#"{"key1":"valueB","key2":"value2","tf":{"action":"create","prev_input":null}}"#;

/// An MD5, of whatever.
macro_rules! hash {
    () => {
        "b326b5062b2f0e69046810717534cb09"
    };
}
use hash;

const BY_HAND: &str =
    "the state is written here after the provider's schema, not by an old provider";

fn triggers(config: Config, value: &str) -> Config {
    Config {
        triggers: vec![("redeployment".to_owned(), value.to_owned())],
        ..config
    }
}

fn qualifier(config: Config, qualifier: &str) -> Config {
    Config {
        qualifier: Some(qualifier.to_owned()),
        ..config
    }
}

fn key(config: Config, key: &str) -> Config {
    Config {
        terraform_key: Some(key.to_owned()),
        ..config
    }
}

fn tenant(config: Config, tenant: &str) -> Config {
    Config {
        tenant_id: Some(tenant.to_owned()),
        ..config
    }
}

fn create_first(config: Config) -> Config {
    Config {
        replace_order: Some(ReplaceOrder::CreateFirst),
        ..config
    }
}

fn create_only(config: Config) -> Config {
    Config {
        lifecycle_scope: Some(LifecycleScope::CreateOnly),
        ..config
    }
}

/// Every row, the provider's first.
pub fn rows() -> Vec<Row> {
    [
        provider::provider(),
        requests::requests(),
        requests::refusals(),
        changes::changes(),
        changes::imports(),
        failures::failures(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
