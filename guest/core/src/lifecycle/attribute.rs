//! The attributes of a configuration, by name.

use std::fmt;

/// An attribute of [`Config`](super::Config).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Attribute {
    /// `function-name`.
    FunctionName,
    /// `input`.
    Input,
    /// `qualifier`.
    Qualifier,
    /// `region`.
    Region,
    /// `terraform-key`.
    TerraformKey,
    /// `tenant-id`.
    TenantId,
    /// `client-context`.
    ClientContext,
    /// `lifecycle-scope`.
    LifecycleScope,
    /// `triggers`.
    Triggers,
    /// `replace-order`.
    ReplaceOrder,
}

wit_enum!(
    Attribute: FunctionName,
    Input,
    Qualifier,
    Region,
    TerraformKey,
    TenantId,
    ClientContext,
    LifecycleScope,
    Triggers,
    ReplaceOrder
);

impl Attribute {
    /// All of them, in the order of the WIT package.
    pub const ALL: [Self; 10] = [
        Self::FunctionName,
        Self::Input,
        Self::Qualifier,
        Self::Region,
        Self::TerraformKey,
        Self::TenantId,
        Self::ClientContext,
        Self::LifecycleScope,
        Self::Triggers,
        Self::ReplaceOrder,
    ];

    /// The name in the WIT package, for example `function-name`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::FunctionName => "function-name",
            Self::Input => "input",
            Self::Qualifier => "qualifier",
            Self::Region => "region",
            Self::TerraformKey => "terraform-key",
            Self::TenantId => "tenant-id",
            Self::ClientContext => "client-context",
            Self::LifecycleScope => "lifecycle-scope",
            Self::Triggers => "triggers",
            Self::ReplaceOrder => "replace-order",
        }
    }
}

impl fmt::Display for Attribute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
