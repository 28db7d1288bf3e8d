//! What failures leave behind.

use lambda_invocation_core::lifecycle::LifecycleEvent::{Create, Delete};

use crate::fixture::{BASIC, CHANGED, ours};
use crate::resource::{Cause, Kept, Row, config, create, crud, delete, no_op, replace, update};
use crate::resource_rows::{CREATED, CREATED_CHANGED, CRUD, DELETED, create_first, triggers};

/// What a failure leaves, and what the next apply does.
pub fn failures() -> Vec<Row> {
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
