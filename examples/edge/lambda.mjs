// Invokes Lambda with `fetch`, in runtimes that have no wasi:http: Node, browsers, edge workers.
//
// The component checks, signs, reads the answers and says what to repeat. It gets two clocks and
// random numbers, and nothing else: it cannot reach the network, this module sends for it.

import { instantiate } from "./component/lambda-invocation-exchange.js";

const monotonic = () => BigInt(Math.round(performance.now() * 1e6));
const wall = (now) => ({ seconds: BigInt(Math.floor(now / 1000)), nanoseconds: (now % 1000) * 1e6 });
const random = () => crypto.getRandomValues(new BigUint64Array(1))[0];

// `compile` gives the WebAssembly.Module of a file of the component. Returns
// `invoke(request, connection)`: records as in wit/invoke.wit, names in camelCase. What it
// throws has a `payload`: the case `tag` of `error` in wit/types.wit, and its fields `val`.
export async function load(compile) {
  const { exchange } = await instantiate(compile, {
    "wasi:clocks/monotonic-clock": { now: monotonic },
    "wasi:clocks/wall-clock": { now: () => wall(Date.now()) },
    "wasi:random/random": { getRandomU64: random },
  });
  return (request, connection) => invoke(exchange.Call, request, connection);
}

async function invoke(Call, { payload = new Uint8Array(), ...request }, connection) {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", payload));
  const payloadSha256 = Array.from(hash, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const payloadLen = BigInt(payload.length);
  const call = new Call({ ...request, payloadLen, payloadSha256 }, connection);
  for (;;) {
    const step = call.next(await send(call.attempt(), payload));
    if (step.tag === "done") return step.val;
    if (step.tag === "repeat") await new Promise((wake) => setTimeout(wake, step.val));
    // There are no others here: the next attempt throws what the call ended with.
    if (step.tag === "renew-credentials") call.renew(undefined);
  }
}

async function send({ url, method, headers, ...limits }, body) {
  const limit = Math.min(limits.responseTimeoutMs, limits.deadlineMs ?? Infinity);
  try {
    const signal = AbortSignal.timeout(limit);
    const response = await fetch(url, { method, headers, body, signal, redirect: "manual" });
    const received = await read(response, limits.maxResponseLen);
    if (!received) return failure("too-large");
    const answer = { status: response.status, headers: [...response.headers], body: received };
    return { tag: "ok", val: answer };
  } catch (error) {
    if (error.name === "TimeoutError") {
      return failure("timeout", limit === limits.deadlineMs ? "deadline" : "response");
    }
    // Node says where nothing was sent; other runtimes do not, so it may have been.
    const unsent = ["ECONNREFUSED", "ENOTFOUND"].includes(error.cause?.code);
    const phase = unsent ? "connect" : "response";
    const detail = String(error.cause?.message ?? error.message);
    return failure("transport", { phase, detail, maybeRan: !unsent });
  }
}

const failure = (tag, val) => ({ tag: "err", val: { tag, val } });

async function read(response, most) {
  const parts = [];
  let length = 0n;
  const reader = response.body?.getReader();
  for (let part; reader && !(part = await reader.read()).done; parts.push(part.value)) {
    length += BigInt(part.value.length);
    if (length > most) return undefined;
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
}
