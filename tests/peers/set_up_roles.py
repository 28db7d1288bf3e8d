"""Furnishes a MiniStack with roles to assume; prints what it made as JSON.

    python set_up_roles.py ENDPOINT_URL REGION

`invoker` may invoke functions and can be assumed by the user `assumer`, who may do
nothing else, and with a token of accounts.google.com. `closed` lets nobody in.
"""

import json
import sys

import botocore.session


def main(endpoint, region):
    iam = botocore.session.Session().create_client(
        "iam",
        region_name=region,
        endpoint_url=endpoint,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )

    def policy(*statements):
        return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})

    def may(action):
        return policy({"Effect": "Allow", "Action": action, "Resource": "*"})

    assumer = iam.create_user(UserName="assumer")["User"]["Arn"]
    key = iam.create_access_key(UserName="assumer")["AccessKey"]
    iam.put_user_policy(
        UserName="assumer", PolicyName="assume", PolicyDocument=may("sts:AssumeRole")
    )

    def role(name, *trust):
        made = iam.create_role(
            RoleName=name, AssumeRolePolicyDocument=policy(*trust)
        )
        return made["Role"]["Arn"]

    invoker = role(
        "invoker",
        {
            "Effect": "Allow",
            "Principal": {"AWS": assumer},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"sts:ExternalId": "agreed"}},
        },
        {
            "Effect": "Allow",
            "Principal": {"Federated": "accounts.google.com"},
            "Action": "sts:AssumeRoleWithWebIdentity",
        },
    )
    iam.put_role_policy(
        RoleName="invoker",
        PolicyName="invoke",
        PolicyDocument=may("lambda:InvokeFunction"),
    )
    closed = role(
        "closed",
        {
            "Effect": "Allow",
            "Principal": {"Service": "lambda.amazonaws.com"},
            "Action": "sts:AssumeRole",
        },
    )
    json.dump(
        {
            "assumer": {
                "access-key-id": key["AccessKeyId"],
                "secret-access-key": key["SecretAccessKey"],
            },
            "invoker": invoker,
            "closed": closed,
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
