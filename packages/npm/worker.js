// One call at a time, each in a fresh instance of the component, which gets the variables
// and the origins that were granted, and no files.

import { readFile } from "node:fs/promises";
import { parentPort, workerData } from "node:worker_threads";
import { http } from "@bytecodealliance/preview2-shim";
import { WASIShim } from "@bytecodealliance/preview2-shim/instantiation";
import { instantiate } from "./component/lambda-invocation.js";

const { env, origins } = workerData;

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

const compiled = new Map();
const core = (name) => {
  if (!compiled.has(name)) {
    const file = readFile(new URL(`component/${name}`, import.meta.url));
    compiled.set(name, file.then((bytes) => WebAssembly.compile(bytes)));
  }
  return compiled.get(name);
};

parentPort.on("message", async ({ of, name, args }) => {
  try {
    const plugin = await instantiate(core, shim.getImportObject());
    parentPort.postMessage({ value: plugin[of][name](...args) });
  } catch (error) {
    // What the component returned, unless it trapped or the arguments are not of its types.
    const thrown = { name: error.name, message: error.message };
    parentPort.postMessage(error instanceof Error ? { thrown } : { failed: error });
  }
});
