"""Invokes functions with boto3; prints what it got as JSON.

    python invoke_with_boto3.py ENDPOINT_URL TOKEN CALLS RETRIES

CALLS is a JSON list of the arguments of `invoke`, RETRIES the JSON of botocore's setting.
"""

import base64
import json
import os
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

url, token, calls, retries = sys.argv[1:]
client = boto3.client(
    "lambda",
    endpoint_url=url,
    region_name="us-east-1",
    # Anything: the token is what counts.
    aws_access_key_id="caller",
    aws_secret_access_key="caller",
    aws_session_token=token,
    config=Config(retries=json.loads(retries), read_timeout=60),
)


def call(arguments):
    try:
        answer = client.invoke(**arguments)
    except ClientError as error:
        return {
            "exception": type(error).__name__,
            "code": error.response["Error"]["Code"],
            "message": error.response["Error"]["Message"],
            "status": error.response["ResponseMetadata"]["HTTPStatusCode"],
            "type": error.response.get("Type"),
            "reason": error.response.get("Reason"),
            "retry-after": error.response.get("retryAfterSeconds"),
        }
    return {
        "status": answer["StatusCode"],
        "payload": answer["Payload"].read().decode(),
        "function-error": answer.get("FunctionError"),
        "version": answer.get("ExecutedVersion"),
        "log": base64.b64decode(answer.get("LogResult", "")).decode(),
        "request-id": answer["ResponseMetadata"].get("RequestId"),
    }


json.dump([call(arguments) for arguments in json.loads(calls)], sys.stdout)
