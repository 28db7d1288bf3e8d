"""Adds functions to a furnished MiniStack that always return the same.

    python set_up_answers.py ENDPOINT_URL REGION ANSWERS

ANSWERS is a JSON object: names, and what the functions of those names return. Each has a
version 1 and the alias `PROD` for it.
"""

import io
import json
import sys
import zipfile

import botocore.session

ANSWER = """
import json
import os

def handler(event, context):
    print(context.function_name, "was called")
    return json.loads(os.environ["ANSWER"])
"""


def main(endpoint, region, answers):
    session = botocore.session.Session()

    def client(service):
        return session.create_client(
            service,
            region_name=region,
            endpoint_url=endpoint,
            aws_access_key_id="test",
            aws_secret_access_key="test",
        )

    functions = client("lambda")
    role = client("iam").get_role(RoleName="execution")["Role"]["Arn"]
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("index.py", ANSWER)
    for name, answer in json.loads(answers).items():
        functions.create_function(
            FunctionName=name,
            Runtime="python3.12",
            Role=role,
            Handler="index.handler",
            Code={"ZipFile": code.getvalue()},
            Environment={"Variables": {"ANSWER": json.dumps(answer)}},
        )
        functions.get_waiter("function_active_v2").wait(FunctionName=name)
        version = functions.publish_version(FunctionName=name)["Version"]
        functions.create_alias(FunctionName=name, Name="PROD", FunctionVersion=version)


if __name__ == "__main__":
    main(*sys.argv[1:])
