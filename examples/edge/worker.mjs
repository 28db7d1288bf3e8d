// A worker, as Cloudflare and others run them: POST /FUNCTION invokes a function with the body.
// Whoever reaches it can do so: check the caller first.
//
// `env` holds the AWS_* variables, and `core`, where the platform imports WebAssembly itself,
// the modules of the component by their files' names.

import { load } from "./lambda.mjs";

let loading;

export default {
  async fetch(request, env) {
    const functionName = decodeURIComponent(new URL(request.url).pathname.slice(1));
    const payload = new Uint8Array(await request.arrayBuffer());
    loading ??= load((file) => env.core[file]);
    const invoke = await loading;
    try {
      const response = await invoke({ functionName, payload }, connection(env));
      const headers = { "content-type": "application/json" };
      if (response.functionError) headers["x-function-error"] = response.functionError.kind;
      return new Response(response.payload, { headers });
    } catch (error) {
      if (!error.payload) throw error;
      // What the WIT package calls `error`. None of its texts holds a credential.
      const text = JSON.stringify(error.payload, (_, value) =>
        typeof value === "bigint" ? Number(value) : value,
      );
      return new Response(text, { status: 502, headers: { "content-type": "application/json" } });
    }
  },
};

const connection = (env) => ({
  region: env.AWS_REGION,
  endpointUrl: env.AWS_ENDPOINT_URL_LAMBDA,
  credentials: {
    accessKeyId: env.AWS_ACCESS_KEY_ID,
    secretAccessKey: env.AWS_SECRET_ACCESS_KEY,
    sessionToken: env.AWS_SESSION_TOKEN,
  },
});
