//! Workspaces that use the local endpoint.

use std::ops::Deref;

use lambda_invocation_tests::local::Local;
use lambda_invocation_tests::terraform::{Terraform, Workspace};

/// A local endpoint that runs beside the test.
pub struct Lambda(Local);

impl Deref for Lambda {
    type Target = Local;

    fn deref(&self) -> &Local {
        &self.0
    }
}

impl Lambda {
    pub fn start() -> Self {
        Self(Local::start())
    }

    /// A workspace that calls it. `body` goes behind the head that names the provider.
    pub fn workspace(&self, terraform: &Terraform, body: &str) -> Workspace {
        let mut workspace = terraform.workspace(&configuration(body));
        self.connect(&mut workspace);
        workspace
    }

    pub fn connect(&self, workspace: &mut Workspace) {
        workspace.connect(&self.url(), self.region(), &self.keys());
    }
}

/// A configuration that uses our provider under its own name.
pub fn configuration(body: &str) -> String {
    format!(
        "terraform {{\n  required_providers {{\n    lambda = {{ source = \"lambda-invocation/lambda\" }}\n  }}\n}}\n{body}"
    )
}
