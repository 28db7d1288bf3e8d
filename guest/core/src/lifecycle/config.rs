//! What the user wants: the `config` record.

use std::collections::BinaryHeap;
use std::fmt;

use crate::call::function_name;
use crate::error::ArgumentError;

/// The qualifier of the unpublished version; Terraform's default.
const LATEST: &str = "$LATEST";

/// The key that carries lifecycle data unless another is chosen.
pub const DEFAULT_TERRAFORM_KEY: &str = "tf";

/// Which lifecycle events invoke the function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "kebab-case")
)]
pub enum LifecycleScope {
    /// Creation and replacement only.
    #[default]
    CreateOnly,
    /// Creation, update and deletion.
    Crud,
}

wit_enum!(LifecycleScope: CreateOnly, Crud);

impl LifecycleScope {
    /// Reads Terraform's spelling: `CREATE_ONLY` or `CRUD`.
    ///
    /// # Errors
    ///
    /// [`ArgumentError`] on `lifecycle-scope` for anything else.
    pub fn parse(text: &str) -> Result<Self, ArgumentError> {
        match text {
            "CREATE_ONLY" => Ok(Self::CreateOnly),
            "CRUD" => Ok(Self::Crud),
            _ => Err(ArgumentError::new(
                "lifecycle-scope",
                "must be CREATE_ONLY or CRUD",
            )),
        }
    }

    /// Terraform's spelling.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CreateOnly => "CREATE_ONLY",
            Self::Crud => "CRUD",
        }
    }
}

/// Which half of a replacement comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(rename_all = "kebab-case")
)]
pub enum ReplaceOrder {
    /// Delete the old, then create the new: Terraform's default.
    #[default]
    DeleteFirst,
    /// Create the new, then delete the old: Pulumi's default, and Terraform's
    /// `create_before_destroy`.
    CreateFirst,
}

wit_enum!(ReplaceOrder: DeleteFirst, CreateFirst);

/// What the user wants.
///
/// Absent means the default of the method with the attribute's name, except for
/// `region`: see there. `Debug` shows sizes instead of the input and the triggers.
#[derive(Clone, PartialEq, Eq, Default)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(
        rename_all = "kebab-case",
        deny_unknown_fields,
        expecting = "an object"
    )
)]
pub struct Config {
    /// A name, a partial ARN or a full ARN, each with or without a qualifier.
    pub function_name: String,
    /// JSON; under [`LifecycleScope::Crud`] an object. Empty sends no payload, and
    /// only [`LifecycleScope::CreateOnly`] allows it.
    pub input: String,
    /// A version or an alias.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub qualifier: Option<String>,
    /// Region of the function. Absent leaves an existing invocation in its region
    /// and creates a new one in the connection's, which a plan does not know: taking
    /// the region out of a configuration therefore changes nothing by itself.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub region: Option<String>,
    /// The key that carries lifecycle data under [`LifecycleScope::Crud`].
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub terraform_key: Option<String>,
    /// The tenant, for functions with tenant isolation.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub tenant_id: Option<String>,
    /// Data about the client, in base64.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub client_context: Option<String>,
    /// Which lifecycle events invoke the function.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub lifecycle_scope: Option<LifecycleScope>,
    /// Arbitrary pairs with unique keys, in any order.
    #[cfg_attr(feature = "serde", serde(with = "crate::serde_pairs"))]
    pub triggers: Vec<(String, String)>,
    /// Which half of a replacement comes first.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub replace_order: Option<ReplaceOrder>,
}

impl Config {
    /// The version or alias invoked: the attribute, else the one in the function
    /// name, else `$LATEST`.
    ///
    /// Terraform would send `$LATEST` beside a name that ends in another
    /// qualifier, which Lambda refuses.
    pub fn qualifier(&self) -> &str {
        self.qualifier
            .as_deref()
            .or_else(|| function_name::qualifier_of(&self.function_name))
            .unwrap_or(LATEST)
    }

    /// The key that carries lifecycle data: the attribute, else `tf`.
    pub fn terraform_key(&self) -> &str {
        self.terraform_key
            .as_deref()
            .unwrap_or(DEFAULT_TERRAFORM_KEY)
    }

    /// The attribute, else [`LifecycleScope::CreateOnly`].
    pub fn lifecycle_scope(&self) -> LifecycleScope {
        self.lifecycle_scope.unwrap_or_default()
    }

    /// The attribute, else [`ReplaceOrder::DeleteFirst`].
    pub fn replace_order(&self) -> ReplaceOrder {
        self.replace_order.unwrap_or_default()
    }

    /// The triggers in the order of their keys.
    pub fn triggers(&self) -> Vec<(&str, &str)> {
        // A heap, because its sort is a sixth of the code of a slice's.
        let triggers: BinaryHeap<_> = self
            .triggers
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect();
        triggers.into_sorted_vec()
    }

    /// The same configuration as a state holds it: defaults filled in, triggers in
    /// order. Doing it again changes nothing.
    #[must_use]
    pub fn normalised(&self) -> Self {
        Self {
            function_name: self.function_name.clone(),
            input: self.input.clone(),
            qualifier: Some(self.qualifier().to_owned()),
            region: self.region.clone(),
            terraform_key: Some(self.terraform_key().to_owned()),
            tenant_id: self.tenant_id.clone(),
            client_context: self.client_context.clone(),
            lifecycle_scope: Some(self.lifecycle_scope()),
            triggers: self
                .triggers()
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .collect(),
            replace_order: Some(self.replace_order()),
        }
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("function_name", &self.function_name)
            .field("input_len", &self.input.len())
            .field("qualifier", &self.qualifier)
            .field("region", &self.region)
            .field("terraform_key", &self.terraform_key)
            .field("tenant_id", &self.tenant_id)
            .field(
                "client_context_len",
                &self.client_context.as_ref().map(String::len),
            )
            .field("lifecycle_scope", &self.lifecycle_scope)
            .field("triggers_len", &self.triggers.len())
            .field("replace_order", &self.replace_order)
            .finish()
    }
}
