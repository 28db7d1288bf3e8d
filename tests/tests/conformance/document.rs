//! The tables in `docs/conformance.md`.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use lambda_invocation_docs::Page;
use lambda_invocation_tests::acceptance::{PULUMI, TERRAFORM, under_pulumi, under_terraform};

use crate::fixture::Title;
use crate::{action, data_source, endpoint, ephemeral, resource_rows, unit};

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

fn differences() -> String {
    let mut out =
        "| about | the AWS provider | here | shown by |\n| --- | --- | --- | --- |\n".to_owned();
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
    out
}

/// The rows of the provider, or those that it lacks.
fn rows(upstream: bool) -> String {
    let mut out = if upstream {
        "| surface | upstream test | what it asserts | local endpoint | MiniStack | Terraform | Pulumi | note |\n\
         | --- | --- | --- | --- | --- | --- | --- | --- |\n"
    } else {
        "| surface | row | what it asserts | local endpoint | MiniStack | note |\n\
         | --- | --- | --- | --- | --- | --- |\n"
    }
    .to_owned();
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
            let engines = match upstream {
                true => format!(
                    " {} | {} |",
                    under_terraform(name).unwrap_or("not run"),
                    under_pulumi(name).unwrap_or("not run")
                ),
                false => String::new(),
            };
            writeln!(
                out,
                "| {surface} | {name} | {asserts} | {local} | {ministack} |{engines} {note} |"
            )
            .unwrap();
        }
    }
    out
}

fn functions() -> String {
    let mut out = "| function | on the local endpoint |\n| --- | --- |\n".to_owned();
    for (fixture, local) in endpoint::FIXTURES {
        writeln!(out, "| `{fixture}` | `{local}` |").unwrap();
    }
    out
}

#[test]
fn conformance_md_is_the_tables_in_the_code() {
    let parts = [
        ("differences", differences()),
        ("provider's rows", rows(true)),
        ("other rows", rows(false)),
        ("functions", functions()),
    ];
    let command = "cargo test -p lambda-invocation-tests --test conformance";
    Page::read("docs/conformance.md").hold(&parts, command);
}

#[test]
fn rows_have_names_of_their_own_and_differences_name_them() {
    let titles: Vec<Title> = surfaces().into_iter().flat_map(|(_, t)| t).collect();
    let names: BTreeSet<&str> = titles.iter().map(|title| title.name).collect();
    assert_eq!(names.len(), titles.len());
    for (name, _) in TERRAFORM.iter().chain(PULUMI) {
        assert!(names.contains(name), "{name}");
    }
    for difference in DIFFERENCES {
        for row in difference.rows {
            assert!(names.contains(row), "{row}");
        }
    }
}
