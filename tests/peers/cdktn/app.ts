// A stack after the documentation's example for CDKTF, with the library that succeeds it.

import { App, Fn, TerraformOutput, TerraformStack } from "cdktn";
import { DataAwsLambdaInvocation } from "@cdktn/provider-aws/lib/data-aws-lambda-invocation";
import { EphemeralAwsLambdaInvocation } from "@cdktn/provider-aws/lib/ephemeral-aws-lambda-invocation";
import { LambdaInvocation } from "@cdktn/provider-aws/lib/lambda-invocation";
import { AwsProvider } from "@cdktn/provider-aws/lib/provider";

// Without a version of Terraform that has them, ephemeral resources are refused.
const app = new App({ context: { targetVersions: { terraform: ">=1.11.0" } } });
const stack = new TerraformStack(app, "example");

new AwsProvider(stack, "aws", {
  region: "us-east-1",
  maxRetries: 1,
  skipCredentialsValidation: true,
  skipMetadataApiCheck: "true",
  skipRequestingAccountId: true,
  defaultTags: [{ tags: { Environment: "test" } }],
});

const managed = new LambdaInvocation(stack, "managed", {
  functionName: "identity",
  input: Fn.jsonencode({ key1: "managed" }),
  lifecycleScope: "CRUD",
  triggers: { redeployment: "1" },
});
const read = new DataAwsLambdaInvocation(stack, "read", {
  functionName: "identity",
  input: JSON.stringify({ key1: "read" }),
});

const example = new EphemeralAwsLambdaInvocation(stack, "example", {
  functionName: "identity",
  payload: JSON.stringify({ key1: "ephemeral" }),
});
const sink = new LambdaInvocation(stack, "sink", { functionName: "identity", input: "" });
sink.addOverride("input", undefined);
sink.addOverride(
  "input_wo",
  Fn.jsonencode(Fn.lookupNested(Fn.jsondecode(example.result), ["key1"])),
);

new TerraformOutput(stack, "result_entry", {
  value: Fn.lookupNested(Fn.jsondecode(managed.result), ["key1"]),
});
new TerraformOutput(stack, "read_entry", {
  value: Fn.lookupNested(Fn.jsondecode(read.result), ["key1"]),
});

app.synth();
