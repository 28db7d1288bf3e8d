//! What changes lead to, imports included.

use lambda_invocation_core::lifecycle::LifecycleEvent::{Create, Delete};

use crate::fixture::{BASIC, CHANGED, ours};
use crate::resource::{Row, config, create, crud, delete, forget, no_op, replace, store, update};
use crate::resource_rows::{
    CREATED, CREATED_CHANGED, CRUD, DELETED, DELETED_CHANGED, UNCHANGED, UPDATED, create_first,
    create_only, hash, key, qualifier, tenant, triggers,
};

/// Which changes replace, update, store or do nothing.
pub fn changes() -> Vec<Row> {
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
pub fn imports() -> Vec<Row> {
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
