//! The managed invocation: the rows.

use lambda_invocation_core::lifecycle::LifecycleEvent::{Create, Delete};
use lambda_invocation_core::lifecycle::{Config, LifecycleScope, ReplaceOrder};

use crate::fixture::{BASIC, CHANGED, COMPLEX, ours, upstream};
use crate::resource::{
    Cause, Kept, Row, config, create, crud, delete, forget, no_op, refused, replace, store, update,
};

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
        provider(),
        requests(),
        refusals(),
        changes(),
        imports(),
        failures(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn provider() -> Vec<Row> {
    vec![
        Row::new(
            upstream(
                "TestAccLambdaInvocation_basic",
                "the input is sent as it is, the result is the function's answer, and the id imports",
            ),
            [create(config(PLAIN, BASIC), BASIC).md5("ff45cc3835165307ef414c23ca2c6f67")],
        )
        .import_verify(),
        Row::new(
            upstream(
                "TestAccLambdaInvocation_qualifier",
                "a published version is invoked, and the id imports",
            ),
            [create(qualifier(config(PLAIN, BASIC), "1"), BASIC)],
        )
        .import_verify(),
        Row::new(
            upstream(
                "TestAccLambdaInvocation_complex",
                "nested input is sent as it is",
            ),
            [create(config(PLAIN, COMPLEX), COMPLEX).md5("d1e0c4a0f9f7a4a39e4838c38a83b44b")],
        ),
        Row::new(
            upstream(
                "TestAccLambdaInvocation_triggers",
                "nothing is sent while triggers stay, and one request when one changes",
            )
            .note("the function itself does not change between the steps; requests are counted instead"),
            [
                create(triggers(config(PLAIN, BASIC), "value3"), BASIC),
                no_op(triggers(config(PLAIN, BASIC), "value3")),
                replace(
                    triggers(config(PLAIN, BASIC), "value4"),
                    &["triggers"],
                    [(Create, BASIC)],
                ),
            ],
        ),
        Row::new(
            upstream(
                "TestAccLambdaInvocation_lifecycle_scopeCRUDCreate",
                "the function gets `create` and a `prev_input` of null, and the id imports",
            ),
            [create(crud(CRUD, BASIC), CREATED).md5("5d9b1aafb76a925212c69e5de1fd5e19")],
        )
        .import_verify(),
        Row::new(
            upstream(
                "TestAccLambdaInvocation_lifecycle_scopeCRUDUpdateInput",
                "the function gets `update` and the old input; the plan says that the result will change",
            )
            .note("for the dependent parameter of the provider's test stands `result-known` in the plan"),
            [
                create(crud(CRUD, BASIC), CREATED),
                update(crud(CRUD, CHANGED), &["input"], UPDATED)
                    .md5("7d481d2549efebf3e9a92dfc99585bd3"),
            ],
        ),
        Row::new(
            upstream(
                "TestAccLambdaInvocation_lifecycle_scopeCreateOnlyUpdateInput",
                "another input replaces, without lifecycle data",
            ),
            [
                create(config(CRUD, BASIC), BASIC),
                replace(config(CRUD, CHANGED), &["input"], [(Create, CHANGED)])
                    .md5("1836e986036432811ee4ee11a40f5a25"),
            ],
        ),
        Row::new(
            upstream(
                "TestAccLambdaInvocation_lifecycle_scopeCRUDDestroy",
                "the function gets `delete` and the last input, and the state is gone",
            ),
            [create(crud(CRUD, BASIC), CREATED), delete(DELETED)],
        ),
        Row::new(
            upstream(
                "TestAccLambdaInvocation_lifecycle_scopeCreateOnlyToCRUD",
                "the change of scope alone sends `update` with the same input",
            ),
            [
                create(config(CRUD, BASIC), BASIC),
                update(crud(CRUD, BASIC), &["lifecycle-scope"], UNCHANGED)
                    .md5("7770ccc2ff7e8cd2b62a475089a12b04"),
            ],
        ),
        Row::new(
            upstream(
                "TestAccLambdaInvocation_terraformKey",
                "lifecycle data is under the key that was chosen",
            ),
            [create(
                key(crud(PLAIN, BASIC), "custom_key"),
                r#"{"custom_key":{"action":"create","prev_input":null},"key1":"value1","key2":"value2"}"#,
            )
            .md5("816775e68a64ed2bf37df79fa9cfeda4")],
        ),
        Row::new(
            upstream(
                "TestAccLambdaInvocation_UpgradeState_Pre_v5_1_0",
                "a state without scope and key is taken over with its result; nothing is sent",
            )
            .note(BY_HAND),
            [no_op(config(PLAIN, BASIC))],
        )
        .upgraded(
            PLAIN,
            0,
            r#"{"function_name":"FUNCTION","id":"FUNCTION_$LATEST_ff45cc3835165307ef414c23ca2c6f67","input":"{\"key1\":\"value1\",\"key2\":\"value2\"}","qualifier":"$LATEST","result":"{\"key1\":\"value1\",\"key2\":\"value2\",\"key3\":\"value3\"}","triggers":null}"#,
        ),
        Row::new(
            upstream(
                "TestAccLambdaInvocation_UpgradeState_v5_83_0",
                "a state with scope and key is taken over with its result; nothing is sent",
            )
            .note(BY_HAND),
            [no_op(config(PLAIN, BASIC))],
        )
        .upgraded(
            PLAIN,
            0,
            r#"{"function_name":"FUNCTION","id":"FUNCTION_$LATEST_ff45cc3835165307ef414c23ca2c6f67","input":"{\"key1\":\"value1\",\"key2\":\"value2\"}","lifecycle_scope":"CREATE_ONLY","qualifier":"$LATEST","result":"{\"key1\":\"value1\",\"key2\":\"value2\",\"key3\":\"value3\"}","terraform_key":"tf","triggers":null}"#,
        ),
        Row::new(
            upstream(
                "TestAccLambdaInvocation_tenantID",
                "the tenant is sent, and the id imports",
            )
            .on(
                "in part: nothing is isolated by the tenant; the signed header is compared",
                "n/a: it has no tenants; the signed header is compared",
            ),
            [create(tenant(config("echo", BASIC), "test-tenant-123"), BASIC)],
        )
        .import_verify(),
        Row::new(
            upstream(
                "CRUD update failure (provider PR #43566)",
                "after a failed update the state is the one before, and the next apply updates again",
            )
            .note("from a pull request, not from a release"),
            [
                create(
                    crud("lambda_invocation_crud_update_failure", r#"{"lines":"one"}"#),
                    r#"{"lines":"one","tf":{"action":"create","prev_input":null}}"#,
                ),
                failing_update(),
                failing_update(),
                delete(r#"{"lines":"one","tf":{"action":"delete","prev_input":{"lines":"one"}}}"#),
            ],
        ),
        Row::new(
            upstream(
                "TestBuildInputPanic",
                "a state under CRUD with an empty input is deleted with lifecycle data alone",
            ),
            [delete(r#"{"tf":{"action":"delete","prev_input":null}}"#)],
        )
        .upgraded(
            CRUD,
            1,
            r#"{"function_name":"FUNCTION","id":"FUNCTION,$LATEST,2ee49e0945a331ead8080638114fe5ae","input":"","lifecycle_scope":"CRUD","qualifier":"$LATEST","result":"","terraform_key":"tf"}"#,
        ),
    ]
}

fn failing_update() -> crate::resource::Step {
    update(
        crud("lambda_invocation_crud_update_failure", r#"{"lines":1}"#),
        &["input"],
        r#"{"lines":1,"tf":{"action":"update","prev_input":{"lines":"one"}}}"#,
    )
    .fails(0, Cause::Function, Kept::Prior)
}

/// What exactly is sent.
fn requests() -> Vec<Row> {
    vec![
        Row::new(
            ours(
                "the documentation's CRUD example",
                "create, update and delete arrive as the documentation shows them, in order",
            )
            .note("as compact JSON with sorted keys, which is what the provider sends"),
            [
                create(
                    crud(CRUD, DATABASE),
                    concat!(
                        r#"{"credentials":{"password":"secret123","username":"admin"},"database_url":"mydb.cluster-xyz.us-west-2.rds.amazonaws.com:5432","resource_name":"database_setup","#,
                        r#""tf":{"action":"create","prev_input":null}}"#
                    ),
                ),
                update(
                    crud(CRUD, DATABASE_MOVED),
                    &["input"],
                    concat!(
                        r#"{"credentials":{"password":"secret123","username":"admin"},"database_url":"mydb-new.cluster-abc.us-west-2.rds.amazonaws.com:5432","resource_name":"database_setup","#,
                        r#""tf":{"action":"update","prev_input":{"credentials":{"password":"secret123","username":"admin"},"database_url":"mydb.cluster-xyz.us-west-2.rds.amazonaws.com:5432","resource_name":"database_setup"}}}"#
                    ),
                ),
                delete(concat!(
                    r#"{"credentials":{"password":"secret123","username":"admin"},"database_url":"mydb-new.cluster-abc.us-west-2.rds.amazonaws.com:5432","resource_name":"database_setup","#,
                    r#""tf":{"action":"delete","prev_input":{"credentials":{"password":"secret123","username":"admin"},"database_url":"mydb-new.cluster-abc.us-west-2.rds.amazonaws.com:5432","resource_name":"database_setup"}}}"#
                )),
            ],
        ),
        Row::new(
            ours(
                "bytes under CREATE_ONLY",
                "spaces, order, numbers and escapes of the input are sent as they are",
            ),
            [create(
                config(CRUD, "{ \"b\" : 1.0,\n \"a\":\"<\\u0026>\" }"),
                "{ \"b\" : 1.0,\n \"a\":\"<\\u0026>\" }",
            )],
        ),
        Row::new(
            ours(
                "array input under CREATE_ONLY",
                "any JSON is sent; destroying sends nothing",
            ),
            [create(config(CRUD, "[1, 2]"), "[1, 2]"), forget()],
        ),
        Row::new(
            ours("empty input under CREATE_ONLY", "an empty payload is sent"),
            [create(config(CRUD, ""), "")],
        ),
        Row::new(
            ours(
                "escapes under CRUD",
                "keys are sorted at every depth, and `<`, `>` and `&` escaped as Go does",
            ),
            [create(
                crud(CRUD, r#"{ "z": {"b": 1, "a": "<&>"}, "a": [] }"#),
                r#"{"a":[],"tf":{"action":"create","prev_input":null},"z":{"a":"\u003c\u0026\u003e","b":1}}"#,
            )],
        ),
        Row::new(
            ours(
                "large integers",
                "numbers are sent under CRUD as they are written",
            ),
            [
                create(
                    crud(CRUD, r#"{"n":9007199254740993}"#),
                    r#"{"n":9007199254740993,"tf":{"action":"create","prev_input":null}}"#,
                ),
                update(
                    crud(CRUD, r#"{"n":1.0}"#),
                    &["input"],
                    r#"{"n":1.0,"tf":{"action":"update","prev_input":{"n":9007199254740993}}}"#,
                ),
            ],
        ),
    ]
}

const DATABASE: &str = r#"{
  "resource_name": "database_setup",
  "database_url": "mydb.cluster-xyz.us-west-2.rds.amazonaws.com:5432",
  "credentials": {
    "username": "admin",
    "password": "secret123"
  }
}"#;

const DATABASE_MOVED: &str = r#"{
  "resource_name": "database_setup",
  "database_url": "mydb-new.cluster-abc.us-west-2.rds.amazonaws.com:5432",
  "credentials": {
    "username": "admin",
    "password": "secret123"
  }
}"#;

/// What is refused before anything is sent.
fn refusals() -> Vec<Row> {
    vec![
        Row::new(
            ours(
                "key collision",
                "an input with the key for lifecycle data is refused; another key helps",
            ),
            [
                refused(crud(CRUD, r#"{"tf":1}"#), "terraform-key"),
                create(
                    key(crud(CRUD, r#"{"tf":1}"#), "lifecycle"),
                    r#"{"lifecycle":{"action":"create","prev_input":null},"tf":1}"#,
                ),
            ],
        ),
        Row::new(
            ours(
                "non-object input under CRUD",
                "it is refused, and empty input too",
            ),
            [
                refused(crud(CRUD, "[1,2]"), "input"),
                refused(crud(CRUD, ""), "input"),
            ],
        ),
        Row::new(
            ours("input that is not JSON", "it is refused in both scopes"),
            [
                refused(crud(CRUD, "{"), "input"),
                refused(config(CRUD, "{"), "input"),
            ],
        ),
        Row::new(
            ours("empty terraform_key", "it is refused"),
            [refused(key(crud(CRUD, BASIC), ""), "terraform-key")],
        ),
        Row::new(
            ours(
                "invalid replacement",
                "a change to a qualifier that cannot be is refused before the old one is deleted",
            ),
            [
                create(crud(CRUD, BASIC), CREATED),
                refused(qualifier(crud(CRUD, BASIC), "a b"), "qualifier"),
                delete(DELETED),
            ],
        ),
    ]
}

/// Which changes replace, update, store or do nothing.
fn changes() -> Vec<Row> {
    vec![
        Row::new(
            ours("no change under CRUD", "nothing is sent"),
            [create(crud(CRUD, BASIC), CREATED), no_op(crud(CRUD, BASIC))],
        ),
        Row::new(
            ours("another layout of the same input", "it counts as a change"),
            [
                create(config(CRUD, BASIC), BASIC),
                replace(
                    config(CRUD, r#"{"key2":"value2", "key1":"value1"}"#),
                    &["input"],
                    [(Create, r#"{"key2":"value2", "key1":"value1"}"#)],
                ),
                update(crud(CRUD, BASIC), &["input", "lifecycle-scope"], UNCHANGED),
            ],
        ),
        Row::new(
            ours(
                "CRUD to CREATE_ONLY",
                "the scope is stored and nothing is sent, now or on destroying",
            ),
            [
                create(crud(CRUD, BASIC), CREATED),
                store(create_only(config(CRUD, BASIC)), &["lifecycle-scope"]),
                forget(),
            ],
        ),
        Row::new(
            ours(
                "CRUD to CREATE_ONLY with another input",
                "the old one is deleted as CRUD says, the new one created without lifecycle data",
            ),
            [
                create(crud(CRUD, BASIC), CREATED),
                replace(
                    create_only(config(CRUD, CHANGED)),
                    &["input"],
                    [(Delete, DELETED), (Create, CHANGED)],
                ),
            ],
        ),
        Row::new(
            ours(
                "triggers under CRUD",
                "the function gets `delete`, then `create` with a `prev_input` of null",
            ),
            [
                create(triggers(crud(CRUD, BASIC), "1"), CREATED),
                replace(
                    triggers(crud(CRUD, BASIC), "2"),
                    &["triggers"],
                    [(Delete, DELETED), (Create, CREATED)],
                ),
            ],
        ),
        Row::new(
            ours(
                "triggers under CRUD, create first",
                "the function gets `create`, then `delete`",
            ),
            [
                create(create_first(triggers(crud(CRUD, BASIC), "1")), CREATED),
                replace(
                    create_first(triggers(crud(CRUD, CHANGED), "2")),
                    &["triggers"],
                    [(Create, CREATED_CHANGED), (Delete, DELETED)],
                ),
            ],
        ),
        Row::new(
            ours(
                "another function under CRUD",
                "the old function gets `delete` at the old qualifier, the new one `create`",
            ),
            [
                create(qualifier(crud(CRUD, BASIC), "PROD"), CREATED),
                replace(
                    crud("lambda_invocation_ephemeral", BASIC),
                    &["function-name", "qualifier"],
                    [(Delete, DELETED), (Create, CREATED)],
                ),
            ],
        ),
        Row::new(
            ours(
                "terraform_key or tenant_id under CREATE_ONLY",
                "they are stored, and nothing is sent",
            ),
            [
                create(config(CRUD, BASIC), BASIC),
                store(key(config(CRUD, BASIC), "other"), &["terraform-key"]),
                store(
                    tenant(key(config(CRUD, BASIC), "other"), "blue"),
                    &["tenant-id"],
                ),
            ],
        ),
        Row::new(
            ours(
                "terraform_key under CRUD",
                "the function gets `update` under the new key",
            ),
            [
                create(crud(CRUD, BASIC), CREATED),
                update(
                    key(crud(CRUD, BASIC), "other"),
                    &["terraform-key"],
                    r#"{"key1":"value1","key2":"value2","other":{"action":"update","prev_input":{"key1":"value1","key2":"value2"}}}"#,
                ),
            ],
        ),
        Row::new(
            ours(
                "region from a Terraform state",
                "a state names a region where the configuration does not: nothing is sent",
            ),
            [no_op(crud(CRUD, BASIC)), delete(DELETED)],
        )
        .upgraded(
            CRUD,
            1,
            r#"{"function_name":"FUNCTION","id":"FUNCTION,$LATEST,5d9b1aafb76a925212c69e5de1fd5e19","input":"{\"key1\":\"value1\",\"key2\":\"value2\"}","lifecycle_scope":"CRUD","qualifier":"$LATEST","region":"eu-central-1","result":"1","tenant_id":null,"terraform_key":"tf","triggers":null}"#,
        ),
    ]
}

/// States of invocations that exist elsewhere.
fn imports() -> Vec<Row> {
    const ADOPTED: &[&str] = &["imported", "input", "lifecycle-scope"];
    vec![
        Row::new(
            ours(
                "alias import",
                "the id of an invocation through an alias imports; adopting sends nothing, later changes do",
            ),
            [
                store(qualifier(crud(CRUD, BASIC), "PROD"), ADOPTED),
                update(qualifier(crud(CRUD, CHANGED), "PROD"), &["input"], UPDATED),
                delete(DELETED_CHANGED),
            ],
        )
        .imported(CRUD, concat!("FUNCTION,PROD,", hash!())),
        Row::new(
            ours(
                "import of an older id, with a region",
                "underscores and `@REGION` are understood; adopting sends nothing",
            ),
            [store(config(CRUD, BASIC), &["imported", "input"]), forget()],
        )
        .imported(CRUD, concat!("FUNCTION_$LATEST_", hash!(), "@eu-central-1")),
        Row::new(
            ours(
                "import, then destroy",
                "what was never applied here is forgotten, and nothing is sent",
            ),
            [forget()],
        )
        .imported(CRUD, concat!("FUNCTION,$LATEST,", hash!())),
    ]
}

/// What a failure leaves, and what the next apply does.
fn failures() -> Vec<Row> {
    const ONE: &str = r#"{"lines":"one","tf":{"action":"create","prev_input":null}}"#;
    const FAILING: &str = r#"{"a":1,"tf":{"action":"delete","prev_input":{"a":1}}}"#;
    vec![
        Row::new(
            ours(
                "function error on create",
                "its structure, payload and log are in the error; nothing is kept; the next apply creates",
            ),
            [
                create(
                    crud("log", r#"{"lines":1}"#),
                    r#"{"lines":1,"tf":{"action":"create","prev_input":null}}"#,
                )
                .fails(0, Cause::Function, Kept::Nothing),
                create(crud("log", r#"{"lines":"one"}"#), ONE),
            ],
        ),
        Row::new(
            ours(
                "function error on update",
                "the state before is kept whole; the next update has its input as `prev_input`",
            ),
            [
                create(crud("log", r#"{"lines":"one"}"#), ONE),
                update(
                    crud("log", r#"{"lines":1}"#),
                    &["input"],
                    r#"{"lines":1,"tf":{"action":"update","prev_input":{"lines":"one"}}}"#,
                )
                .fails(0, Cause::Function, Kept::Prior),
                update(
                    crud("log", r#"{"lines":"two"}"#),
                    &["input"],
                    r#"{"lines":"two","tf":{"action":"update","prev_input":{"lines":"one"}}}"#,
                ),
            ],
        ),
        Row::new(
            ours(
                "function error on delete",
                "the state is kept, and the next apply deletes again",
            ),
            [
                delete(FAILING).fails(0, Cause::Function, Kept::Prior),
                delete(FAILING).fails(0, Cause::Function, Kept::Prior),
            ],
        )
        .upgraded(
            "fail",
            1,
            r#"{"function_name":"FUNCTION","id":"FUNCTION,$LATEST,b326b5062b2f0e69046810717534cb09","input":"{\"a\":1}","lifecycle_scope":"CRUD","qualifier":"$LATEST","result":"1","terraform_key":"tf"}"#,
        ),
        Row::new(
            ours(
                "function error on replace under CREATE_ONLY",
                "nothing is kept, as nothing is there; the next apply creates",
            ),
            [
                create(config("log", r#"{"lines":"one"}"#), r#"{"lines":"one"}"#),
                replace(
                    config("log", r#"{"lines":1}"#),
                    &["input"],
                    [(Create, r#"{"lines":1}"#)],
                )
                .fails(0, Cause::Function, Kept::Nothing),
                create(config("log", r#"{"lines":"one"}"#), r#"{"lines":"one"}"#),
            ],
        ),
        Row::new(
            ours(
                "half-finished replace, delete first",
                "the failure says that `delete` is done; the next apply only creates",
            )
            .note("the second connection is broken before the request gets to the endpoint"),
            [
                create(triggers(crud(CRUD, BASIC), "1"), CREATED),
                replace(
                    triggers(crud(CRUD, BASIC), "2"),
                    &["triggers"],
                    [(Delete, DELETED), (Create, CREATED)],
                )
                .fails(1, Cause::Connection, Kept::Nothing),
                create(triggers(crud(CRUD, BASIC), "2"), CREATED),
            ],
        ),
        Row::new(
            ours(
                "half-finished replace, create first",
                "the failure says that `create` is done; the next apply only deletes the old one",
            )
            .note("the second connection is broken before the request gets to the endpoint"),
            [
                create(create_first(triggers(crud(CRUD, BASIC), "1")), CREATED),
                replace(
                    create_first(triggers(crud(CRUD, CHANGED), "2")),
                    &["triggers"],
                    [(Create, CREATED_CHANGED), (Delete, DELETED)],
                )
                .fails(1, Cause::Connection, Kept::Deposing),
                replace(
                    create_first(triggers(crud(CRUD, CHANGED), "2")),
                    &["deposed"],
                    [(Delete, DELETED)],
                ),
                no_op(create_first(triggers(crud(CRUD, CHANGED), "2"))),
            ],
        ),
        Row::new(
            ours(
                "replace that fails at once",
                "the state before is kept whole, whichever half comes first",
            )
            .note("the first connection is broken before the request gets to the endpoint"),
            [
                create(triggers(crud(CRUD, BASIC), "1"), CREATED),
                replace(
                    triggers(crud(CRUD, BASIC), "2"),
                    &["triggers"],
                    [(Delete, DELETED), (Create, CREATED)],
                )
                .fails(0, Cause::Connection, Kept::Prior),
                replace(
                    create_first(triggers(crud(CRUD, BASIC), "2")),
                    &["triggers"],
                    [(Create, CREATED), (Delete, DELETED)],
                )
                .fails(0, Cause::Connection, Kept::Prior),
                delete(DELETED),
            ],
        ),
    ]
}
