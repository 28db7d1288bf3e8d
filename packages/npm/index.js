// Calls AWS Lambda through the component lambda-invocation.wasm.
//
// The component runs in worker threads, because its calls block the thread they are made on.
// Types and options: index.d.ts.

import { Worker } from "node:worker_threads";

const WORKER = new URL("worker.js", import.meta.url);

// After these nothing was sent, or Lambda was never asked to run anything.
const NEVER_RAN = new Set(["invalid-argument", "no-credentials", "no-region", "denied-by-host"]);

const TEXT = {
  "invalid-argument": ({ argument, reason }) => `${argument}: ${reason}`,
  "no-region": () => "neither the options nor the variables name a region",
  "denied-by-host": ({ url }) => `${url} is not among the origins that were granted`,
  transport: ({ phase, detail }) => `${phase}: ${detail}`,
  timeout: ({ phase, afterMs }) => `the ${phase} took longer than ${afterMs} ms`,
  throttled: ({ reason, message }) => `${reason}: ${message}`,
  service: ({ code, message, hint }) => [`${code}: ${message}`, hint].filter(Boolean).join("; "),
  "response-too-large": ({ limit }) => `the response has more than ${limit} bytes`,
  "function-failed": ({ functionError: { kind, errorMessage } }) => errorMessage ?? kind,
};

export class LambdaError extends Error {
  constructor(payload) {
    const { tag, val } = payload.error ?? payload;
    super(TEXT[tag]?.(val) ?? String(val));
    this.name = "LambdaError";
    this.code = tag;
    this.maybeRan = val?.maybeRan ?? !NEVER_RAN.has(tag);
    this.payload = payload;
  }
}

export class Lambda {
  #connection;
  #granted;
  #limit;
  #idle = [];
  #workers = new Set();
  #waiting = [];
  #closed = false;

  constructor({ env = awsVariables(), origins, workers = 4, ...connection } = {}) {
    this.#connection = connection;
    this.#granted = { env: { ...env }, origins: origins ?? [endpoint(connection, env)] };
    this.#limit = workers;
    this.invocationLifecycle = this.#interface("invocationLifecycle");
    this.ephemeral = this.#interface("ephemeral");
  }

  async invoke(functionName, payload, options = {}) {
    const [request, connection] = await this.#request(functionName, payload, options);
    const response = await this.#call("invoke", "invoke", [request, connection]);
    return { ...response, value: parsed(response.payload) };
  }

  async prepare(functionName, payload, options = {}) {
    return this.#call("invoke", "prepare", await this.#request(functionName, payload, options));
  }

  async connection() {
    const { credentials } = this.#connection;
    const found = typeof credentials === "function" ? await credentials() : credentials;
    return { ...this.#connection, credentials: found };
  }

  async close() {
    this.#closed = true;
    for (const { reject } of this.#waiting.splice(0)) reject(new TypeError("this Lambda was closed"));
    await Promise.all([...this.#workers].map((worker) => worker.terminate()));
  }

  [Symbol.asyncDispose ?? Symbol("asyncDispose")]() {
    return this.close();
  }

  async #request(functionName, payload, options) {
    return [{ ...options, functionName, payload: bytes(payload) }, await this.connection()];
  }

  // The functions of an interface of the component, each asynchronous.
  #interface(of) {
    const functions = { get: (_, name) => (...args) => this.#call(of, name, args) };
    return new Proxy({}, functions);
  }

  #call(of, name, args) {
    return new Promise((resolve, reject) => {
      if (this.#closed) throw new TypeError("this Lambda was closed");
      this.#waiting.push({ message: { of, name, args }, resolve, reject });
      this.#next();
    });
  }

  // Gives the call that waits longest to a worker, unless all of them are busy.
  #next() {
    if (this.#waiting.length === 0) return;
    const worker = this.#idle.pop() ?? (this.#workers.size < this.#limit ? this.#start() : undefined);
    if (worker === undefined) return;
    worker.call = this.#waiting.shift();
    // What is idle does not keep the process from ending.
    worker.ref();
    worker.postMessage(worker.call.message);
  }

  #start() {
    const worker = new Worker(WORKER, { workerData: this.#granted, env: {} });
    this.#workers.add(worker);
    worker.on("message", ({ value, failed, thrown }) => {
      const { resolve, reject } = worker.call;
      worker.call = undefined;
      worker.unref();
      this.#idle.push(worker);
      if (failed) reject(new LambdaError(failed));
      else if (thrown?.name === "TypeError") reject(new TypeError(thrown.message));
      else if (thrown) reject(ended(`${thrown.name}: ${thrown.message}`));
      else resolve(value);
      this.#next();
    });
    worker.on("error", (error) => worker.call?.reject(ended(error.message)));
    worker.on("exit", () => {
      this.#workers.delete(worker);
      this.#idle = this.#idle.filter((other) => other !== worker);
      worker.call?.reject(ended("its thread was ended"));
      if (!this.#closed) this.#next();
    });
    return worker;
  }
}

function ended(reason) {
  return new LambdaError({ tag: "other", val: `the call was not finished: ${reason}` });
}

function awsVariables() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => name.startsWith("AWS_")));
}

function endpoint({ region, endpointUrl }, env) {
  const url = endpointUrl ?? (env.AWS_ENDPOINT_URL_LAMBDA || env.AWS_ENDPOINT_URL);
  if (url) return URL.canParse(url) ? new URL(url).origin : url;
  return `https://lambda.${region ?? (env.AWS_REGION || env.AWS_DEFAULT_REGION)}.amazonaws.com`;
}

function bytes(payload) {
  if (payload instanceof Uint8Array) return payload;
  return new TextEncoder().encode(payload === undefined ? "" : JSON.stringify(payload));
}

function parsed(payload) {
  try {
    return JSON.parse(new TextDecoder().decode(payload));
  } catch {
    return undefined;
  }
}
