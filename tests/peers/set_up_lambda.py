"""Furnishes a MiniStack with users and functions; prints what it made as JSON.

    python set_up_lambda.py ENDPOINT_URL REGION

MiniStack checks no signature of its root user, so the tests call as users made
here: `caller` may invoke, `stranger` may not, `session` is `caller` with
temporary credentials.
"""

import io
import json
import sys
import zipfile

import botocore.session
from botocore.config import Config

ECHO = """
def handler(event, context):
    print("echo was called")
    return {"event": event, "version": context.function_version}
"""

SLOW = """
import time

def handler(event, context):
    time.sleep(60)
"""

# These behave as the fixtures of those names in the Terraform AWS provider do, except
# that `lambda_invocation_crud` tells nobody of a deletion: the tests see the request.
LAMBDA_INVOCATION = """
import os

def handler(event, context):
    print("lambda_invocation was called")
    if os.environ.get("TEST_DATA") and isinstance(event, dict):
        event["key3"] = os.environ["TEST_DATA"]
    return event
"""

LAMBDA_INVOCATION_CRUD = """
def handler(event, context):
    return event
"""

LAMBDA_INVOCATION_CRUD_UPDATE_FAILURE = """
def handler(event, context):
    if event["tf"]["action"] == "update":
        print("about to fail")
        raise ValueError("update")
    return event
"""

LAMBDA_INVOCATION_EPHEMERAL = """
def handler(event, context):
    print("lambda_invocation_ephemeral was called")
    return {"output": event}
"""

# As the local endpoint's function of that name, for strings.
LOG = """
def handler(event, context):
    print(event.get("lines"))
    if not isinstance(event.get("lines"), str):
        raise ValueError("lines must be a string")
"""

# MiniStack's own Python runtime reports less than Lambda's does, so this function
# brings a runtime that reports what Lambda's would.
FAIL = """#!/usr/bin/env python3
import json
import os
import traceback
import urllib.request

API = "http://{}/2018-06-01/runtime/invocation/".format(
    os.environ["AWS_LAMBDA_RUNTIME_API"]
)

def handler(event):
    raise ValueError("no such colour")

while True:
    with urllib.request.urlopen(API + "next") as invocation:
        request_id = invocation.headers["Lambda-Runtime-Aws-Request-Id"]
        event = json.load(invocation)
    print("about to fail", flush=True)
    try:
        handler(event)
    except ValueError as error:
        report = {
            "errorMessage": str(error),
            "errorType": type(error).__name__,
            "requestId": request_id,
            "stackTrace": traceback.format_tb(error.__traceback__),
        }
        urllib.request.urlopen(API + request_id + "/error", json.dumps(report).encode())
"""


def zipped(name, source):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        entry = zipfile.ZipInfo(name)
        entry.external_attr = 0o755 << 16
        archive.writestr(entry, source)
    return buffer.getvalue()


def main(endpoint, region):
    session = botocore.session.Session()

    def client(service, key_id="test", secret="test"):
        return session.create_client(
            service,
            region_name=region,
            endpoint_url=endpoint,
            aws_access_key_id=key_id,
            aws_secret_access_key=secret,
            # Setting up is not what is tested: fail soon, and say why.
            config=Config(retries={"total_max_attempts": 2}, read_timeout=30),
        )

    iam, functions = client("iam"), client("lambda")

    def user(name):
        iam.create_user(UserName=name)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return {
            "access-key-id": key["AccessKeyId"],
            "secret-access-key": key["SecretAccessKey"],
        }

    role = iam.create_role(
        RoleName="execution",
        AssumeRolePolicyDocument=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "lambda.amazonaws.com"},
                        "Action": "sts:AssumeRole",
                    }
                ],
            }
        ),
    )["Role"]["Arn"]

    def function(name, source, runtime="python3.12", timeout=10, variables=None):
        answer = functions.create_function(
            FunctionName=name,
            Runtime=runtime,
            Role=role,
            Handler="index.handler",
            Code={
                "ZipFile": zipped(
                    "index.py" if runtime.startswith("python") else "bootstrap", source
                )
            },
            Timeout=timeout,
            Environment={"Variables": variables or {}},
        )
        return answer["FunctionArn"]

    arns = {
        "echo": function("echo", ECHO),
        "fail": function("fail", FAIL, runtime="provided.al2023"),
        "slow": function("slow", SLOW, timeout=1),
        "throttled": function("throttled", ECHO),
        "lambda_invocation": function(
            "lambda_invocation", LAMBDA_INVOCATION, variables={"TEST_DATA": "value3"}
        ),
        "lambda_invocation_crud": function(
            "lambda_invocation_crud", LAMBDA_INVOCATION_CRUD
        ),
        "lambda_invocation_crud_update_failure": function(
            "lambda_invocation_crud_update_failure",
            LAMBDA_INVOCATION_CRUD_UPDATE_FAILURE,
        ),
        "lambda_invocation_ephemeral": function(
            "lambda_invocation_ephemeral", LAMBDA_INVOCATION_EPHEMERAL
        ),
        "log": function("log", LOG),
    }
    for name in arns:
        functions.get_waiter("function_active_v2").wait(FunctionName=name)
    functions.put_function_concurrency(
        FunctionName="throttled", ReservedConcurrentExecutions=0
    )
    for name in ["echo", "lambda_invocation", "lambda_invocation_crud"]:
        version = functions.publish_version(FunctionName=name)["Version"]
        functions.create_alias(FunctionName=name, Name="PROD", FunctionVersion=version)

    caller, stranger = user("caller"), user("stranger")
    iam.put_user_policy(
        UserName="caller",
        PolicyName="invoke",
        PolicyDocument=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Action": "lambda:InvokeFunction",
                        "Resource": "*",
                    }
                ],
            }
        ),
    )
    temporary = client(
        "sts", caller["access-key-id"], caller["secret-access-key"]
    ).get_session_token()["Credentials"]

    json.dump(
        {
            "caller": caller,
            "stranger": stranger,
            "session": {
                "access-key-id": temporary["AccessKeyId"],
                "secret-access-key": temporary["SecretAccessKey"],
                "session-token": temporary["SessionToken"],
            },
            "functions": arns,
            "version": version,
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
