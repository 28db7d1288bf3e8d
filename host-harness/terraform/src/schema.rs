//! What a block may hold, as tables.

use crate::protocol::schema as message;

/// A block: a resource, a data source, an ephemeral resource, an action, or the provider's
/// configuration.
#[derive(Debug, Clone)]
pub struct Schema {
    /// The version that state files name.
    pub version: i64,
    /// What it is for, in Markdown.
    pub description: &'static str,
    pub attributes: Vec<Attribute>,
    pub blocks: Vec<Block>,
}

/// A block within a block.
#[derive(Debug, Clone)]
pub struct Block {
    pub name: &'static str,
    /// How often it may be there at most; 0 is any number.
    pub most: i64,
    pub description: &'static str,
    pub attributes: Vec<Attribute>,
}

/// An attribute of a block.
#[derive(Debug, Clone, Copy)]
pub struct Attribute {
    pub name: &'static str,
    pub kind: Kind,
    pub presence: Presence,
    /// Never stored: Terraform hands it over for a plan and an apply only.
    pub write_only: bool,
    /// In Markdown.
    pub description: &'static str,
}

/// The type of an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Bool,
    Number,
    String,
    StringList,
    StringMap,
}

/// Who gives an attribute its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// The user.
    Required,
    /// The user, or nobody.
    Optional,
    /// The user, or else the provider: an attribute with a default.
    Defaulted,
    /// The provider.
    Computed,
}

impl Attribute {
    pub const fn new(
        name: &'static str,
        kind: Kind,
        presence: Presence,
        description: &'static str,
    ) -> Self {
        Self {
            name,
            kind,
            presence,
            write_only: false,
            description,
        }
    }

    /// The same attribute, never stored.
    pub const fn write_only(self) -> Self {
        Self {
            write_only: true,
            ..self
        }
    }
}

impl Kind {
    /// The type constraint, in JSON.
    pub fn constraint(self) -> &'static str {
        match self {
            Self::Bool => r#""bool""#,
            Self::Number => r#""number""#,
            Self::String => r#""string""#,
            Self::StringList => r#"["list","string"]"#,
            Self::StringMap => r#"["map","string"]"#,
        }
    }
}

impl From<&Schema> for message::Schema {
    fn from(schema: &Schema) -> Self {
        Self {
            version: schema.version,
            block: Some(message::Block {
                attributes: attributes(&schema.attributes),
                block_types: schema.blocks.iter().map(Into::into).collect(),
                description: schema.description.to_owned(),
                description_kind: message::StringKind::Markdown.into(),
            }),
        }
    }
}

impl From<&Block> for message::NestedBlock {
    fn from(block: &Block) -> Self {
        Self {
            type_name: block.name.to_owned(),
            block: Some(message::Block {
                attributes: attributes(&block.attributes),
                block_types: Vec::new(),
                description: block.description.to_owned(),
                description_kind: message::StringKind::Markdown.into(),
            }),
            nesting: message::Nesting::List.into(),
            max_items: block.most,
        }
    }
}

fn attributes(attributes: &[Attribute]) -> Vec<message::Attribute> {
    attributes.iter().map(Into::into).collect()
}

impl From<&Attribute> for message::Attribute {
    fn from(attribute: &Attribute) -> Self {
        use Presence::{Computed, Defaulted, Optional, Required};
        Self {
            name: attribute.name.to_owned(),
            r#type: attribute.kind.constraint().into(),
            description: attribute.description.to_owned(),
            required: attribute.presence == Required,
            optional: matches!(attribute.presence, Optional | Defaulted),
            computed: matches!(attribute.presence, Defaulted | Computed),
            sensitive: false,
            description_kind: message::StringKind::Markdown.into(),
            write_only: attribute.write_only,
        }
    }
}
