// Loads the component into Node and grants it what it needs, and no more.
//
// Node's WASI shim hands a component the whole environment of the process, and every
// address, unless told otherwise. Here it gets the variables and the origins passed to
// `load`, and no files. (`enableNetwork: false` of the shim is of no use: it answers with
// what is no error of wasi:http, and the component traps.)
//
// Calls are synchronous: each blocks the thread it is made on until Lambda has answered.
// In a server, make them in a worker thread (`node:worker_threads`).

import { readFile } from "node:fs/promises";
import { http } from "@bytecodealliance/preview2-shim";
import { WASIShim } from "@bytecodealliance/preview2-shim/instantiation";
import { instantiate } from "./component/lambda-invocation.js";

// Origins are as in URLs: "https://lambda.eu-central-1.amazonaws.com". Returns the
// component's exports: `invoke`, `invocationLifecycle` and `ephemeral`.
export async function load({ env = {}, origins = [] } = {}) {
  const shim = new WASIShim({
    sandbox: { args: [], env, preopens: {} },
    http: {
      types: http.types,
      incomingHandler: http.incomingHandler,
      outgoingHandler: {
        handle(request, options) {
          const origin = `${request.scheme()?.tag.toLowerCase()}://${request.authority()}`;
          if (!origins.includes(origin)) throw { tag: "HTTP-request-denied" };
          // The shim's connect timeout ends whatever is silent for as long, and a function
          // that works is.
          options?.setConnectTimeout(options.firstByteTimeout());
          return http.outgoingHandler.handle(request, options);
        },
      },
    },
  });
  const core = async (name) =>
    WebAssembly.compile(await readFile(new URL(`component/${name}`, import.meta.url)));
  return instantiate(core, shim.getImportObject());
}
