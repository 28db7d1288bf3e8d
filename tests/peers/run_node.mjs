// One invocation through the code of examples/node, for the host matrix.
//
// node run_node.mjs < CALL: as `Call::to_json` writes it, with absent options as null.
// Prints the function's answer on standard output and all else on standard error.

import { text } from "node:stream/consumers";
import { load } from "./lambda.mjs";

const call = JSON.parse(await text(process.stdin));
const camel = (name) => name.replace(/-(.)/g, (_, letter) => letter.toUpperCase());
const record = (value) =>
  value === null || typeof value !== "object"
    ? (value ?? undefined)
    : Object.fromEntries(Object.entries(value).map(([k, v]) => [camel(k), record(v)]));

const { invoke } = await load({
  origins: {
    granted: [call.connection["endpoint-url"]],
    elsewhere: ["https://lambda.us-east-1.amazonaws.com"],
    none: [],
  }[call.network],
});

const request = record(call.request);
request.payload = new TextEncoder().encode(request.payload);
try {
  const response = invoke.invoke(request, record(call.connection));
  if (response.functionError) console.error(response.functionError);
  if (response.logTail) console.error(response.logTail);
  process.stdout.write(response.payload);
} catch (error) {
  if (!error.payload) throw error;
  console.error(error.payload.tag, error.payload.val ?? "");
  process.exitCode = 1;
}
