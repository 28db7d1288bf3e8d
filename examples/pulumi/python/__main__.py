import hashlib
import json

import pulumi
import pulumi_lambda_invocation as lambda_

config = pulumi.Config()
function_name = config.get("functionName") or "identity"
environment = config.get("environment") or "test"

# Invoked once, and again when the environment changes.
triggered = lambda_.Invocation(
    "triggered",
    function_name=function_name,
    triggers={
        "redeployment": hashlib.sha1(json.dumps([environment]).encode()).hexdigest(),
    },
    input=json.dumps({
        "key1": "value1",
        "key2": "value2",
    }),
)

# Invoked when it is created, when its input changes, and when it is deleted.
managed = lambda_.Invocation(
    "managed",
    function_name=function_name,
    input=json.dumps({
        "key1": config.get("key1") or "value1",
        "key2": "value2",
    }),
    lifecycle_scope="CRUD",
)

# Invoked in every update, and in no preview. The result is a secret.
secret = lambda_.open_output(
    function_name=function_name,
    payload={"key1": "value1"},
)

pulumi.export("result", managed.result)
pulumi.export("id", triggered.id)
pulumi.export("opened", secret.apply(lambda answer: answer["result"]))
