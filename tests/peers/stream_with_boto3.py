"""Invokes functions with boto3's invoke_with_response_stream, each call once; prints what it
got as JSON.

    python stream_with_boto3.py ENDPOINT_URL REGION KEYS CALLS

KEYS is a JSON list of an access key id, a secret and a session token; CALLS a JSON list of the
arguments of `invoke_with_response_stream`.
"""

import base64
import json
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

url, region, keys, calls = sys.argv[1:]
key_id, secret, token = json.loads(keys)
client = boto3.client(
    "lambda",
    endpoint_url=url,
    region_name=region,
    aws_access_key_id=key_id,
    aws_secret_access_key=secret,
    aws_session_token=token,
    config=Config(retries={"total_max_attempts": 1}, read_timeout=60),
)


def call(arguments):
    said = {"chunks": []}
    try:
        answer = client.invoke_with_response_stream(**arguments)
        said["status"] = answer["StatusCode"]
        said["version"] = answer.get("ExecutedVersion")
        for event in answer["EventStream"]:
            if "PayloadChunk" in event:
                said["chunks"].append(event["PayloadChunk"]["Payload"].decode())
            else:
                complete = event["InvokeComplete"]
                said["complete"] = True
                said["error"] = complete.get("ErrorCode")
                said["details"] = complete.get("ErrorDetails")
                said["log"] = base64.b64decode(complete.get("LogResult", "")).decode()
    except ClientError as error:
        # botocore has no code for one that the model does not name within a stream.
        said["exception"] = error.response["Error"]["Code"] or type(error).__name__
    except Exception as error:  # botocore's own, and urllib3's.
        said["exception"] = type(error).__name__
    return said


json.dump([call(arguments) for arguments in json.loads(calls)], sys.stdout)
