//! What is sent, and what is refused before.

use crate::fixture::{BASIC, ours};
use crate::resource::{Row, config, create, crud, delete, forget, refused, update};
use crate::resource_rows::{CREATED, CRUD, DELETED, key, qualifier};

/// What exactly is sent.
pub fn requests() -> Vec<Row> {
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
pub fn refusals() -> Vec<Row> {
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
