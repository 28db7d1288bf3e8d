//! `docs/conformance.md`, which is these tables: this test fails when it is not, and
//! writes it anew when `UPDATE_DOCS` is set.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use crate::fixture::Title;
use crate::{action, data_source, endpoint, ephemeral, resource_rows, unit};

const HEAD: &str = "\
# The provider's tests, run here

The acceptance tests and unit tests that the Terraform AWS provider has for invoking functions are rows here, under
their names there, beside rows that the provider lacks. Each runs through the component, against the local endpoint
and against MiniStack (the Python package `ministack`), a Lambda endpoint that others wrote; neither is AWS. A
recorder in front of both sees the requests, whose number, order, target and payload are compared, byte for byte.
Results are compared byte for byte with the local endpoint's functions that return their event, and as JSON otherwise,
as the provider does.

*passes* means that the tests fail when the row does not hold. MiniStack is left out on machines where it cannot be
installed; the tests say so, and fail instead with `CI=true`.

These tables are the ones in [`tests/tests/conformance`](../tests/tests/conformance), written by a test:

    cargo xtask build && cargo test -p lambda-invocation-tests --test conformance

";

const STAND_INS: &str = "
## Functions

MiniStack has functions equal in behaviour to the provider's fixtures, except that `lambda_invocation_crud` tells
nobody of a deletion: the recorder sees it. The local endpoint's functions cannot be added to, so that others stand in
for them. Those do not add the `key3` of the fixtures, and `log` fails for what its event holds instead of for an
update; so the rows with it send what makes both fail.

| function | on the local endpoint |
| --- | --- |
";

/// A deliberate difference from the provider, and the rows that show it.
struct Difference {
    about: &'static str,
    there: &'static str,
    here: &'static str,
    rows: &'static [&'static str],
}

const DIFFERENCES: &[Difference] = &[
    Difference {
        about: "a failed update",
        there: "stores the new input beside the old result and does not try again",
        here: "keeps the state before, whole; the next apply tries again",
        rows: &[
            "CRUD update failure (provider PR #43566)",
            "function error on update",
        ],
    },
    Difference {
        about: "a replacement that fails half-way",
        there: "says only what failed",
        here: "says which half is done, and the next apply makes the other one only",
        rows: &[
            "half-finished replace, delete first",
            "half-finished replace, create first",
        ],
    },
    Difference {
        about: "import",
        there: "the apply after it invokes the function",
        here: "never invokes; the first apply adopts the configuration",
        rows: &["TestAccLambdaInvocation_basic", "import, then destroy"],
    },
    Difference {
        about: "ids",
        there: "imports `$LATEST` and versions, in the form with commas",
        here: "imports aliases and the older form with underscores, too",
        rows: &[
            "TestParseRecordID",
            "alias import",
            "import of an older id, with a region",
        ],
    },
    Difference {
        about: "change of `terraform_key`, `tenant_id` or `lifecycle_scope` alone, to or under CREATE_ONLY",
        there: "invokes with the bare input",
        here: "stores the change and sends nothing",
        rows: &[
            "CRUD to CREATE_ONLY",
            "terraform_key or tenant_id under CREATE_ONLY",
        ],
    },
    Difference {
        about: "input that has the `terraform_key`",
        there: "overwrites it",
        here: "is refused",
        rows: &["key collision"],
    },
    Difference {
        about: "numbers under CRUD",
        there: "are rounded to 64-bit floating point",
        here: "are sent as written",
        rows: &["large integers"],
    },
    Difference {
        about: "function errors",
        there: "are one text, without the log, and without the payload for the ephemeral",
        here: "have a structure, the payload and the log",
        rows: &[
            "function error on create",
            "function error with Tail",
            "function error of an ephemeral",
        ],
    },
    Difference {
        about: "arguments that Lambda would refuse",
        there: "are sent, or checked in part after the call has begun",
        here: "are refused before anything is sent",
        rows: &[
            "client context that cannot be sent",
            "invalid replacement",
            "empty terraform_key",
        ],
    },
    Difference {
        about: "`log_type` of the action",
        there: "is always sent, `None` included",
        here: "is sent when it is given",
        rows: &["TestAccLambdaInvokeAction_basic"],
    },
];

fn surfaces() -> [(&'static str, Vec<Title>); 5] {
    let resource = resource_rows::rows();
    [
        ("ids", unit::titles()),
        ("resource", resource.iter().map(|row| row.title).collect()),
        ("ephemeral", ephemeral::titles()),
        ("action", action::titles()),
        ("data source", data_source::titles()),
    ]
}

fn document() -> String {
    let mut out = HEAD.to_owned();
    for (upstream, heading, column) in [
        (true, "The provider's rows", "upstream test"),
        (false, "Rows that the provider lacks", "row"),
    ] {
        write!(
            out,
            "## {heading}\n\n| surface | {column} | what it asserts | local endpoint | MiniStack | note |\n\
             | --- | --- | --- | --- | --- | --- |\n"
        )
        .unwrap();
        for (surface, titles) in surfaces() {
            for title in titles.iter().filter(|title| title.upstream == upstream) {
                let Title {
                    name,
                    asserts,
                    local,
                    ministack,
                    note,
                    ..
                } = title;
                writeln!(
                    out,
                    "| {surface} | {name} | {asserts} | {local} | {ministack} | {note} |"
                )
                .unwrap();
            }
        }
        out.push('\n');
    }
    out.push_str(
        "## Deliberate differences\n\n| about | the provider | here | rows |\n| --- | --- | --- | --- |\n",
    );
    for Difference {
        about,
        there,
        here,
        rows,
    } in DIFFERENCES
    {
        let rows = rows.join("; ");
        writeln!(out, "| {about} | {there} | {here} | {rows} |").unwrap();
    }
    out.push_str(STAND_INS);
    for (fixture, local) in endpoint::FIXTURES {
        writeln!(out, "| `{fixture}` | `{local}` |").unwrap();
    }
    out
}

#[test]
fn conformance_md_is_the_tables_in_the_code() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/conformance.md");
    let expected = document();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, &expected).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == expected,
        "docs/conformance.md is not what the code says; run UPDATE_DOCS=1 cargo test -p lambda-invocation-tests --test conformance"
    );
}

#[test]
fn rows_have_names_of_their_own_and_differences_name_them() {
    let titles: Vec<Title> = surfaces().into_iter().flat_map(|(_, t)| t).collect();
    let names: BTreeSet<&str> = titles.iter().map(|title| title.name).collect();
    assert_eq!(names.len(), titles.len());
    for difference in DIFFERENCES {
        for row in difference.rows {
            assert!(names.contains(row), "{row}");
        }
    }
}
