//! The provider's unit tests, through the component; they need no endpoint.

use lambda_invocation_core::error::Error;
use lambda_invocation_host::CallError;

use crate::endpoint;
use crate::fixture::{Title, ours, upstream};

const HASH: &str = "b326b5062b2f0e69046810717534cb09";

const NO_ENDPOINT: &str = "passes, not called";

/// Ids without their hash, and the name and the qualifier in them, or that they are
/// refused.
struct Row {
    title: Title,
    ids: &'static [(&'static str, Option<(&'static str, &'static str)>)],
}

const ROWS: &[Row] = &[
    Row {
        title: upstream(
            "TestParseRecordID",
            "ids are taken apart, and malformed ones are refused",
        )
        .on(NO_ENDPOINT, NO_ENDPOINT)
        .note("9 of its 10 ids; `ABCDEF,invalid_qualifier,HASH`, refused there, names an alias here: see the differences"),
        ids: &[
            ("ABCDEF", None),
            ("ABCDEF,42", None),
            ("ABCDEF,,", None),
            ("ABCDEF,42,invalid_hash", None),
            (
                "ABCDEF,invalid_qualifier,HASH",
                Some(("ABCDEF", "invalid_qualifier")),
            ),
            ("ABCDEF,42,HASH", Some(("ABCDEF", "42"))),
            ("ABC_DEF,42,HASH", Some(("ABC_DEF", "42"))),
            ("ABCDEF,$LATEST,HASH", Some(("ABCDEF", "$LATEST"))),
            ("ABC_DEF,$LATEST,HASH", Some(("ABC_DEF", "$LATEST"))),
            ("ABC_DEF_1234,567,HASH", Some(("ABC_DEF_1234", "567"))),
        ],
    },
    Row {
        title: upstream(
            "TestInvocationResourceIDCreation",
            "an id is taken apart into what it was made of",
        ).on(NO_ENDPOINT, NO_ENDPOINT),
        ids: &[(
            "my_test_function,$LATEST,HASH",
            Some(("my_test_function", "$LATEST")),
        )],
    },
    Row {
        title: ours(
            "ids that only look right",
            "impossible qualifiers and hashes, and regions that cannot exist, are refused",
        ).on(NO_ENDPOINT, NO_ENDPOINT),
        ids: &[
            ("f,a b,HASH", None),
            ("f,a.b,HASH", None),
            ("f,1,HASH0", None),
            ("f,1,B326B5062B2F0E69046810717534CB09", None),
            ("f,g,1,HASH", None),
            ("f,1,HASH@nowhere", None),
            ("f_1_HASH", Some(("f", "1"))),
        ],
    },
];

pub fn titles() -> Vec<Title> {
    ROWS.iter().map(|row| row.title).collect()
}

#[tokio::test]
async fn every_unit_row_passes() {
    let host = endpoint::host().unwrap();
    for row in ROWS {
        for (id, parts) in row.ids {
            let about = format!("{}: {id}", row.title.name);
            let result = host.lifecycle_import(&id.replace("HASH", HASH)).await;
            match (parts, result) {
                (Some((name, qualifier)), Ok(state)) => {
                    assert_eq!(state.config.function_name, *name, "{about}");
                    assert_eq!(
                        state.config.qualifier.as_deref(),
                        Some(*qualifier),
                        "{about}"
                    );
                    assert_eq!(state.id, format!("{name},{qualifier},{HASH}"), "{about}");
                }
                (None, Err(CallError::Failed(Error::InvalidArgument(error)))) => {
                    assert_eq!(error.argument, "id", "{about}");
                }
                (_, other) => panic!("{about}: {other:?}"),
            }
        }
    }
}
