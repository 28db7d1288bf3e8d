//! The tests of the AWS provider that run as Terraform configurations, and as resources and
//! functions of Pulumi, under their names there. `docs/conformance.md` has a column for each,
//! and the tests with real Terraforms, and those with Pulumi's SDKs, go through all of them.

/// How far a test of this name holds under real Terraform, if it is run there.
pub fn under_terraform(name: &str) -> Option<&'static str> {
    let row = TERRAFORM.iter().find(|(known, _)| *known == name)?;
    Some(row.1)
}

/// How far a test of this name holds through the Pulumi provider, if it is run there.
pub fn under_pulumi(name: &str) -> Option<&'static str> {
    let row = PULUMI.iter().find(|(known, _)| *known == name)?;
    Some(row.1)
}

/// Names, and how far each holds.
pub const TERRAFORM: &[(&str, &str)] = &[
    ("TestParseRecordID", "passes"),
    ("TestInvocationResourceIDCreation", "passes"),
    ("TestAccLambdaInvocation_basic", "passes"),
    ("TestAccLambdaInvocation_qualifier", "passes"),
    ("TestAccLambdaInvocation_complex", "passes"),
    ("TestAccLambdaInvocation_triggers", "passes"),
    (
        "TestAccLambdaInvocation_lifecycle_scopeCRUDCreate",
        "passes",
    ),
    (
        "TestAccLambdaInvocation_lifecycle_scopeCRUDUpdateInput",
        "passes, with the dependent resource of the test",
    ),
    (
        "TestAccLambdaInvocation_lifecycle_scopeCreateOnlyUpdateInput",
        "passes",
    ),
    (
        "TestAccLambdaInvocation_lifecycle_scopeCRUDDestroy",
        "passes",
    ),
    (
        "TestAccLambdaInvocation_lifecycle_scopeCreateOnlyToCRUD",
        "passes",
    ),
    ("TestAccLambdaInvocation_terraformKey", "passes"),
    ("TestAccLambdaInvocation_UpgradeState_Pre_v5_1_0", "passes"),
    ("TestAccLambdaInvocation_UpgradeState_v5_83_0", "passes"),
    (
        "TestAccLambdaInvocation_tenantID",
        "in part: nothing is isolated",
    ),
    ("CRUD update failure (provider PR #43566)", "passes"),
    ("TestBuildInputPanic", "passes"),
    ("TestAccLambdaInvocationEphemeral_basic", "passes"),
    ("TestAccLambdaInvokeAction_basic", "passes"),
    ("TestAccLambdaInvokeAction_withQualifier", "passes"),
    (
        "TestAccLambdaInvokeAction_invocationTypes",
        "passes, progress texts included",
    ),
    (
        "TestAccLambdaInvokeAction_logTypes",
        "passes, the log is shown",
    ),
    ("TestAccLambdaInvokeAction_clientContext", "passes"),
    ("TestAccLambdaInvokeAction_complexPayload", "passes"),
    (
        "TestAccLambdaInvokeAction_tenantId",
        "in part: nothing is isolated",
    ),
    (
        "TestAccLambdaInvocationDataSource_basic",
        "passes, with its id",
    ),
    ("TestAccLambdaInvocationDataSource_qualifier", "passes"),
    ("TestAccLambdaInvocationDataSource_complex", "passes"),
];

/// The same through the Pulumi provider.
pub const PULUMI: &[(&str, &str)] = &[
    ("TestParseRecordID", "passes"),
    ("TestInvocationResourceIDCreation", "passes"),
    ("TestAccLambdaInvocation_basic", "passes"),
    ("TestAccLambdaInvocation_qualifier", "passes"),
    ("TestAccLambdaInvocation_complex", "passes"),
    ("TestAccLambdaInvocation_triggers", "passes"),
    (
        "TestAccLambdaInvocation_lifecycle_scopeCRUDCreate",
        "passes",
    ),
    (
        "TestAccLambdaInvocation_lifecycle_scopeCRUDUpdateInput",
        "passes",
    ),
    (
        "TestAccLambdaInvocation_lifecycle_scopeCreateOnlyUpdateInput",
        "passes",
    ),
    (
        "TestAccLambdaInvocation_lifecycle_scopeCRUDDestroy",
        "passes",
    ),
    (
        "TestAccLambdaInvocation_lifecycle_scopeCreateOnlyToCRUD",
        "passes",
    ),
    ("TestAccLambdaInvocation_terraformKey", "passes"),
    (
        "TestAccLambdaInvocation_UpgradeState_Pre_v5_1_0",
        "passes, from a state of pulumi-aws",
    ),
    (
        "TestAccLambdaInvocation_UpgradeState_v5_83_0",
        "passes, from a state of pulumi-aws",
    ),
    (
        "TestAccLambdaInvocation_tenantID",
        "in part: nothing is isolated",
    ),
    ("CRUD update failure (provider PR #43566)", "passes"),
    ("TestBuildInputPanic", "passes"),
    (
        "TestAccLambdaInvocationEphemeral_basic",
        "passes, as the function `open`",
    ),
    (
        "TestAccLambdaInvokeAction_basic",
        "passes, as the function `invoke`",
    ),
    (
        "TestAccLambdaInvokeAction_withQualifier",
        "passes, as the function `invoke`",
    ),
    (
        "TestAccLambdaInvokeAction_invocationTypes",
        "passes, as the function `invoke`",
    ),
    (
        "TestAccLambdaInvokeAction_logTypes",
        "passes, as the function `invoke`",
    ),
    (
        "TestAccLambdaInvokeAction_clientContext",
        "passes, as the function `invoke`",
    ),
    (
        "TestAccLambdaInvokeAction_complexPayload",
        "passes, as the function `invoke`",
    ),
    (
        "TestAccLambdaInvokeAction_tenantId",
        "in part: nothing is isolated",
    ),
    (
        "TestAccLambdaInvocationDataSource_basic",
        "passes, as the function `invoke`",
    ),
    (
        "TestAccLambdaInvocationDataSource_qualifier",
        "passes, as the function `invoke`",
    ),
    (
        "TestAccLambdaInvocationDataSource_complex",
        "passes, as the function `invoke`",
    ),
];
