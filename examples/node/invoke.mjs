// node invoke.mjs FUNCTION PAYLOAD
//
// Prints what the function returned. Region and credentials are taken from this
// process's environment and passed as arguments: the component sees no variable.

import { load } from "./lambda.mjs";

const [functionName, payload = "{}"] = process.argv.slice(2);
const {
  AWS_REGION,
  AWS_ACCESS_KEY_ID,
  AWS_SECRET_ACCESS_KEY,
  AWS_SESSION_TOKEN,
  AWS_ENDPOINT_URL_LAMBDA,
} = process.env;

const origin = AWS_ENDPOINT_URL_LAMBDA ?? `https://lambda.${AWS_REGION}.amazonaws.com`;
const { invoke } = await load({ origins: [origin] });

try {
  const response = invoke.invoke(
    {
      functionName,
      payload: new TextEncoder().encode(payload),
    },
    {
      region: AWS_REGION,
      endpointUrl: AWS_ENDPOINT_URL_LAMBDA,
      credentials: {
        accessKeyId: AWS_ACCESS_KEY_ID,
        secretAccessKey: AWS_SECRET_ACCESS_KEY,
        sessionToken: AWS_SESSION_TOKEN,
      },
    },
  );
  console.log(new TextDecoder().decode(response.payload));
  if (response.functionError) process.exitCode = 1;
} catch (error) {
  // What the WIT package calls `error`: a case and its fields.
  if (!error.payload) throw error;
  console.error(error.payload.tag, error.payload.val ?? "");
  process.exitCode = 3;
}
