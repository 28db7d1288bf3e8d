//! The provider's own acceptance tests.

use lambda_invocation_core::lifecycle::LifecycleEvent::Create;

use crate::fixture::{BASIC, CHANGED, COMPLEX, upstream};
use crate::resource::{Cause, Kept, Row, config, create, crud, delete, no_op, replace, update};
use crate::resource_rows::{
    BY_HAND, CREATED, CRUD, DELETED, PLAIN, UNCHANGED, UPDATED, key, qualifier, tenant, triggers,
};

pub fn provider() -> Vec<Row> {
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
