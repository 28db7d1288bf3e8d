import * as crypto from "crypto";
import * as pulumi from "@pulumi/pulumi";
import * as lambda from "@pulumi/lambda-invocation";

const config = new pulumi.Config();
const functionName = config.get("functionName") ?? "identity";
const environment = config.get("environment") ?? "test";

// Invoked once, and again when the environment changes.
const triggered = new lambda.Invocation("triggered", {
    functionName,
    triggers: {
        redeployment: crypto.createHash("sha1").update(JSON.stringify([environment])).digest("hex"),
    },
    input: JSON.stringify({
        key1: "value1",
        key2: "value2",
    }),
});

// Invoked when it is created, when its input changes, and when it is deleted.
const managed = new lambda.Invocation("managed", {
    functionName,
    input: JSON.stringify({
        key1: config.get("key1") ?? "value1",
        key2: "value2",
    }),
    lifecycleScope: "CRUD",
});

// Invoked in every update, and in no preview. The result is a secret.
const secret = lambda.openOutput({
    functionName,
    payload: { key1: "value1" },
});

export const result = managed.result;
export const id = triggered.id;
export const opened = secret.apply(answer => answer.result);
