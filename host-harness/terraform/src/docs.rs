//! The pages about the provider that are made from its schema: those that a registry shows,
//! in `docs/` beside `src/`, and the tables of the repository's `docs/terraform.md`.

use std::fmt::Write as _;
use std::path::Path;

use lambda_invocation_docs::{Page, root};

use crate::provider::{NO_EFFECT, configuration};
use crate::schema::{Attribute, Block, Kind, Presence, Schema};
use crate::{action, data_source, ephemeral, resource};

const COMMAND: &str = "cargo test -p terraform-provider-lambda docs";

/// A block that a configuration can have.
struct Surface {
    /// The name, without and with the kind's folder in a registry.
    name: &'static str,
    kind: &'static str,
    file: &'static str,
    schema: Schema,
    example: &'static str,
    /// What else there is to say.
    more: &'static str,
}

fn surfaces() -> [Surface; 4] {
    [
        Surface {
            name: "lambda_invocation",
            kind: "Resource",
            file: "resources/invocation.md",
            schema: resource::schema(),
            example: include_str!("../../../examples/terraform/first/main.tf"),
            more: "## Import\n\nThe id is `FUNCTION,QUALIFIER,HASH`, as the attribute `id` shows it, with or without `@REGION` at its end. Nothing is invoked, neither by the import nor by the apply that adopts the configuration.\n\n```terraform\nimport {\n  to = lambda_invocation.database\n  id = \"identity,$LATEST,b106748158177994f2412ec82b0084ae@eu-central-1\"\n}\n```\n",
        },
        Surface {
            name: "lambda_invocation",
            kind: "Data Source",
            file: "data-sources/invocation.md",
            schema: data_source::schema(),
            example: include_str!("../../../examples/terraform/read/main.tf"),
            more: "",
        },
        Surface {
            name: "lambda_invocation",
            kind: "Ephemeral Resource",
            file: "ephemeral-resources/invocation.md",
            schema: ephemeral::schema(),
            example: include_str!("../../../examples/terraform/secret/main.tf"),
            more: "",
        },
        Surface {
            name: "lambda_invoke",
            kind: "Action",
            file: "actions/invoke.md",
            schema: action::schema(),
            example: include_str!("../../../examples/terraform/action/main.tf"),
            more: "",
        },
    ]
}

impl Surface {
    /// The page that a registry shows.
    fn page(&self) -> String {
        let Self {
            name,
            kind,
            schema,
            example,
            more,
            ..
        } = self;
        let description = schema.description;
        let mut page = format!(
            "---\npage_title: \"{name} {kind} - lambda\"\nsubcategory: \"\"\ndescription: |-\n  {description}\n---\n\n# {name} ({kind})\n\n{description}\n\nThe same is offered as `aws_{name}`, the name of hashicorp/aws, in a block that says `provider = lambda`.\n\n## Example Usage\n\n```terraform\n{example}```\n\n## Schema\n"
        );
        attributes(&mut page, "###", &schema.attributes);
        if !more.is_empty() {
            write!(page, "\n{more}").unwrap();
        }
        page
    }
}

/// What a kind of presence is called in a registry's pages.
const PRESENCES: [(&str, &[Presence]); 3] = [
    ("Required", &[Presence::Required]),
    ("Optional", &[Presence::Optional, Presence::Defaulted]),
    ("Read-Only", &[Presence::Computed]),
];

fn attributes(page: &mut String, level: &str, attributes: &[Attribute]) {
    for (title, presences) in PRESENCES {
        let of = attributes
            .iter()
            .filter(|a| presences.contains(&a.presence));
        let mut of: Vec<&Attribute> = of.collect();
        of.sort_by_key(|attribute| attribute.name);
        if of.is_empty() {
            continue;
        }
        writeln!(page, "\n{level} {title}\n").unwrap();
        for attribute in of {
            let write_only = match attribute.write_only {
                true => ", write-only",
                false => "",
            };
            writeln!(
                page,
                "- `{}` ({}{write_only}) {}",
                attribute.name,
                kind(attribute.kind),
                attribute.description
            )
            .unwrap();
        }
    }
}

fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Bool => "Boolean",
        Kind::Number => "Number",
        Kind::String => "String",
        Kind::StringList => "List of String",
        Kind::StringMap => "Map of String",
    }
}

/// The page of the provider itself.
fn index() -> String {
    let schema = configuration();
    let description = schema.description;
    let mut page = format!(
        "---\npage_title: \"Provider: lambda\"\ndescription: |-\n  {description}\n---\n\n# lambda Provider\n\n{description}\n\nCredentials are found where the AWS tools find them: in the environment, profiles, SSO, roles, containers and instance metadata. The arguments are those of hashicorp/aws.\n\n## Example Usage\n\n```terraform\n{}```\n\n## Schema\n",
        include_str!("../../../examples/terraform/first/main.tf")
    );
    attributes(&mut page, "###", &schema.attributes);
    for Block {
        name,
        description,
        attributes: of,
        ..
    } in &schema.blocks
    {
        write!(page, "\n### Block `{name}`\n\n{description}\n").unwrap();
        // The services that do nothing are many.
        let of: Vec<Attribute> = match *name {
            "endpoints" => of
                .iter()
                .copied()
                .filter(|service| ["lambda", "sts"].contains(&service.name))
                .collect(),
            _ => of.clone(),
        };
        attributes(&mut page, "####", &of);
    }
    page
}

#[test]
fn the_registrys_pages_are_what_the_schema_says() {
    let folder = Path::new("host-harness/terraform/docs");
    let pages = surfaces().map(|surface| (surface.file, surface.page()));
    for (file, text) in pages.into_iter().chain([("index.md", index())]) {
        let name = folder.join(file).display().to_string();
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(root().join(&name), text).unwrap();
            continue;
        }
        let page = Page::read(&name);
        assert!(page.text() == text, "{name}: run UPDATE_DOCS=1 {COMMAND}");
    }
}

/// Every argument, and in which blocks it is.
fn arguments() -> String {
    let surfaces = surfaces();
    let mut table = "| argument | resource | data | ephemeral | action | what it is |\n| --- | --- | --- | --- | --- | --- |\n".to_owned();
    let mut names: Vec<&str> = Vec::new();
    for attribute in surfaces
        .iter()
        .flat_map(|surface| &surface.schema.attributes)
    {
        if !names.contains(&attribute.name) {
            names.push(attribute.name);
        }
    }
    for name in names {
        let find = |surface: &Surface| {
            let attributes = surface.schema.attributes.iter().copied();
            attributes.into_iter().find(|a| a.name == name)
        };
        let cells = surfaces.each_ref().map(|surface| match find(surface) {
            None => "",
            Some(attribute) => match attribute.presence {
                Presence::Required => "required",
                Presence::Optional | Presence::Defaulted => "optional",
                Presence::Computed => "result",
            },
        });
        let first = surfaces.iter().find_map(find).unwrap();
        writeln!(
            table,
            "| `{name}` | {} | {} |",
            cells.join(" | "),
            first.description
        )
        .unwrap();
    }
    table
}

/// Every argument of the provider's block that does something.
fn provider_arguments() -> String {
    let schema = configuration();
    let mut table = "| argument | what it is |\n| --- | --- |\n".to_owned();
    let nested = schema.blocks.iter().flat_map(|block| {
        let of = block.attributes.iter();
        of.map(move |attribute| (format!("{}.{}", block.name, attribute.name), attribute))
    });
    let own = schema.attributes.iter();
    let own = own.map(|attribute| (attribute.name.to_owned(), attribute));
    for (name, attribute) in own.chain(nested) {
        if attribute.description != NO_EFFECT {
            writeln!(table, "| `{name}` | {} |", attribute.description).unwrap();
        }
    }
    table
}

#[test]
fn the_tables_of_the_users_page_are_what_the_schema_says() {
    Page::read("docs/terraform.md").hold(
        &[
            ("arguments", arguments()),
            ("provider's arguments", provider_arguments()),
        ],
        COMMAND,
    );
}

#[test]
fn every_attribute_and_block_says_what_it_is() {
    let provider = configuration();
    let blocks = provider.blocks.iter();
    for Block {
        name, description, ..
    } in blocks.clone()
    {
        assert!(description.ends_with('.'), "{name}");
    }
    let schemas = surfaces().map(|surface| surface.schema);
    let attributes = schemas.iter().flat_map(|schema| &schema.attributes);
    for attribute in attributes
        .chain(&provider.attributes)
        .chain(blocks.flat_map(|block| &block.attributes))
    {
        let Attribute {
            name, description, ..
        } = attribute;
        assert!(description.ends_with('.'), "{name}: {description}");
        assert!(!description.contains(['|', '\n']), "{name}: {description}");
    }
}

#[test]
fn the_registrys_manifest_names_the_protocol_that_is_spoken() {
    let manifest = include_str!("../terraform-registry-manifest.json");
    let manifest: serde_json::Value = serde_json::from_str(manifest).unwrap();
    let spoken = format!("{}.0", crate::handshake::PROTOCOL);
    assert_eq!(
        manifest["metadata"]["protocol_versions"],
        serde_json::json!([spoken])
    );
}
