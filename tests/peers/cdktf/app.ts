// A stack after the documentation's example for CDKTF, with the archived library.

import { App, Fn, TerraformOutput, TerraformStack } from "cdktf";
import { DataAwsLambdaInvocation } from "@cdktf/provider-aws/lib/data-aws-lambda-invocation";
import { LambdaInvocation } from "@cdktf/provider-aws/lib/lambda-invocation";
import { AwsProvider } from "@cdktf/provider-aws/lib/provider";

const app = new App();
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

// This library knows ephemeral resources by their JSON only.
stack.addOverride("ephemeral.aws_lambda_invocation.example", {
  function_name: "identity",
  payload: JSON.stringify({ key1: "ephemeral" }),
});
const sink = new LambdaInvocation(stack, "sink", { functionName: "identity", input: "" });
sink.addOverride("input", undefined);
sink.addOverride(
  "input_wo",
  '${jsonencode(jsondecode(ephemeral.aws_lambda_invocation.example.result)["key1"])}',
);

new TerraformOutput(stack, "result_entry", {
  value: Fn.lookupNested(Fn.jsondecode(managed.result), ["key1"]),
});
new TerraformOutput(stack, "read_entry", {
  value: Fn.lookupNested(Fn.jsondecode(read.result), ["key1"]),
});

app.synth();
