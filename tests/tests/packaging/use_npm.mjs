// What the installed package does. Prints how many invocations it sent, but for the last one,
// which is ended on its way.

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { Lambda, LambdaError } from "lambda-invocation";

const { AWS_REGION: region, AWS_ENDPOINT_URL_LAMBDA: endpointUrl, ...keys } = process.env;
const credentials = {
  accessKeyId: keys.AWS_ACCESS_KEY_ID,
  secretAccessKey: keys.AWS_SECRET_ACCESS_KEY,
  sessionToken: keys.AWS_SESSION_TOKEN,
};
let sent = 0;

async function fails(call, code, maybeRan) {
  const error = await call.then(
    () => assert.fail("it succeeded"),
    (error) => error,
  );
  assert(error instanceof LambdaError, `${error}`);
  assert.equal(error.code, code);
  assert.equal(error.maybeRan, maybeRan);
  return error;
}

// Plain values, bytes and nothing.
const lambda = new Lambda();
for (const payload of [{ name: "wörld" }, [1, null], "text", 0]) {
  const response = await lambda.invoke("identity", payload);
  assert.deepEqual(response.value, payload);
  assert.equal(response.statusCode, 200);
  sent += 1;
}
const bytes = new TextEncoder().encode('{"a": 1}');
assert.deepEqual((await lambda.invoke("identity", bytes)).payload, bytes);
assert.equal((await lambda.invoke("echo", {}, { invocationType: "event" })).value, undefined);
sent += 2;

// The caller's thread goes on, and calls run at the same time.
let ticks = 0;
const timer = setInterval(() => (ticks += 1), 10);
const calls = [1, 2, 3].map(() => lambda.invoke("sleep", { ms: 300 }));
await sleep(100);
assert(ticks > 2, `${ticks} ticks`);
await Promise.all(calls);
clearInterval(timer);
sent += 3;

// A function that fails is an answer; a call that fails is an error.
const failed = await lambda.invoke("fail", { runtime: "python" }, { logType: "tail" });
assert.equal(failed.functionError.errorType, "ValueError");
assert.match(failed.logTail, /START RequestId/);
sent += 1;
const error = await fails(lambda.invoke("missing", {}), "service", false);
assert.match(error.message, /^ResourceNotFoundException: /);
sent += 1;
await fails(lambda.invoke("no name", {}), "invalid-argument", false);
await assert.rejects(lambda.invoke("identity", {}, { qualifier: 1 }), TypeError);

// What is not granted is not there: variables, and origins.
await fails(new Lambda({ env: {} }).invoke("identity"), "no-region", false);
await fails(new Lambda({ env: {}, region, endpointUrl }).invoke("identity"), "no-credentials", false);
const elsewhere = new Lambda({ origins: ["https://lambda.us-east-1.amazonaws.com"] });
await fails(elsewhere.invoke("identity"), "denied-by-host", false);

// Who gives credentials is asked before each call.
let asked = 0;
const provided = new Lambda({ env: {}, region, endpointUrl, credentials: async () => (asked++, credentials) });
await provided.invoke("identity", 1);
await provided.invoke("identity", 2);
assert.equal(asked, 2);
sent += 2;

// The other interfaces. What signs and plans sends nothing.
const signed = await lambda.prepare("identity", { a: 1 });
assert(signed.url.startsWith(endpointUrl));
assert(signed.headers.some(([name]) => name.toLowerCase() === "authorization"));
const opened = await provided.ephemeral.open(
  { functionName: "identity", payload: '{"a":1}' },
  await provided.connection(),
);
assert.equal(opened.result, '{"a":1}');
sent += 1;
await assert.rejects(lambda.invocationLifecycle.validate({}), TypeError);

// A call under way when it is closed is rejected, and may have run.
const settled = fails(provided.invoke("sleep", { ms: 60_000 }), "other", true);
await sleep(500);
await provided.close();
await settled;
await assert.rejects(provided.invoke("identity"), TypeError);

// Idle threads do not keep the process: it ends here.
console.log(sent);
