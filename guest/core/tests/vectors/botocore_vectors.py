#!/usr/bin/env python3
"""Writes what botocore signs and resolves for Lambda's Invoke.

    python3 -m venv venv && venv/bin/pip install botocore==1.44.5
    venv/bin/python botocore_vectors.py

makes lambda_signatures.json, endpoints.txt and invoke_errors.txt beside this file,
the same bytes every time. Nothing is sent: each request stops after it was signed.
"""

import datetime
import itertools
import json
import os
import pathlib
import re

# With awscrt installed botocore would sign with that, and not see the frozen time.
os.environ["BOTO_DISABLE_CRT"] = "true"

import botocore
import botocore.auth
import botocore.awsrequest
import botocore.endpoint_provider
import botocore.session

PINNED = "1.44.5"
NOW = datetime.datetime(2026, 8, 30, 12, 36, 0)
KEY_ID = "AKIDEXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
TOKEN = "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=="
LOCAL = "http://127.0.0.1:18080"
HERE = pathlib.Path(__file__).parent

ARN = "arn:aws:lambda:us-east-1:123456789012:function:my-function"
ALL = {
    "Qualifier": "PROD",
    "InvocationType": "RequestResponse",
    "LogType": "Tail",
    "ClientContext": "eyJjdXN0b20iOnsiYSI6IjEifX0=",
    "TenantId": "tenant  one",
    "DurableExecutionName": "order-4711",
}


def case(name, function_name="my-function", payload='{"key":"value"}', *, region="us-east-1",
         endpoint_url=LOCAL, token=False, **arguments):
    return {
        "name": name,
        "region": region,
        "endpoint_url": endpoint_url,
        "token": token,
        "payload": payload,
        "arguments": {"FunctionName": function_name, **arguments},
    }


CASES = [
    case("name"),
    case("name-dots-and-underscores", "my.function_1-x"),
    case("name-alias", "my-function:PROD"),
    case("name-version", "my-function:42"),
    case("name-latest", "my-function:$LATEST"),
    case("name-latest-published", "my-function:$LATEST.PUBLISHED"),
    case("partial-arn", "123456789012:function:my-function"),
    case("partial-arn-alias", "123456789012:function:my-function:PROD"),
    case("partial-arn-region", "us-east-1:123456789012:function:my-function"),
    case("prefix-function", "function:my-function"),
    case("full-arn", ARN),
    case("full-arn-alias", ARN + ":PROD"),
    case("full-arn-version", ARN + ":7"),
    case("full-arn-latest", ARN + ":$LATEST"),
    case("qualifier-alias", Qualifier="PROD"),
    case("qualifier-version", Qualifier="42"),
    case("qualifier-latest", Qualifier="$LATEST"),
    case("qualifier-latest-published", Qualifier="$LATEST.PUBLISHED"),
    case("qualifier-repeated", "my-function:PROD", Qualifier="PROD"),
    case("type-request-response", InvocationType="RequestResponse"),
    case("type-event", InvocationType="Event"),
    case("type-dry-run", InvocationType="DryRun"),
    case("log-none", LogType="None"),
    case("log-tail", LogType="Tail"),
    case("client-context", ClientContext="eyJjdXN0b20iOnsiYSI6IjEifX0="),
    case("tenant-id", TenantId="tenant-1"),
    case("tenant-id-double-space", TenantId="a  b   c"),
    case("tenant-id-every-symbol", TenantId="a._:/=+-@ b"),
    case("durable-execution-name", DurableExecutionName="order-4711"),
    case("payload-empty", payload=""),
    case("payload-not-ascii", payload='{"name":"Grüße, 世界"}'),
    case("session-token", token=True),
    case("everything", **ALL),
    case("everything-session-token", token=True, **ALL),
    case("everything-full-arn", ARN + ":PROD", token=True, **ALL),
    case("endpoint-default-http-port", endpoint_url="http://127.0.0.1:80"),
    case("endpoint-localhost", endpoint_url="http://localhost:4566"),
    case("endpoint-ipv6", endpoint_url="http://[::1]:18080"),
    case("endpoint-https-port", endpoint_url="https://lambda.example.com:8443"),
    case("endpoint-https-default-port", endpoint_url="https://lambda.example.com:443"),
    case("endpoint-base-path", endpoint_url=LOCAL + "/base/path"),
    case("endpoint-base-path-slash", endpoint_url=LOCAL + "/base/path/", Qualifier="PROD"),
    case("endpoint-base-path-encoded", "my-function:PROD", endpoint_url=LOCAL + "/a%20b/c@d"),
    case("real-us-east-1", endpoint_url=None),
    case("real-us-east-1-everything", endpoint_url=None, token=True, **ALL),
    case("real-eu-west-1", endpoint_url=None, region="eu-west-1"),
    case("real-cn-north-1", "arn:aws-cn:lambda:cn-north-1:123456789012:function:f", endpoint_url=None, region="cn-north-1"),
    case("real-us-gov-west-1", "arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:f", endpoint_url=None, region="us-gov-west-1"),
    case("real-eusc-de-east-1", "arn:aws-eusc:lambda:eusc-de-east-1:123456789012:function:f", endpoint_url=None, region="eusc-de-east-1"),
    case("real-us-isob-east-1", "arn:aws-iso-b:lambda:us-isob-east-1:123456789012:function:f", endpoint_url=None, region="us-isob-east-1"),
]


class Stop(Exception):
    """Ends a call once its request is signed."""

    def __init__(self, request):
        super().__init__("signed")
        self.request = request


def stop(request, **_):
    raise Stop(request)


def client(session, region, endpoint_url, token):
    return session.create_client(
        "lambda",
        region_name=region,
        endpoint_url=endpoint_url,
        aws_access_key_id=KEY_ID,
        aws_secret_access_key=SECRET,
        aws_session_token=TOKEN if token else None,
    )


def prepared(lambda_client, arguments):
    lambda_client.meta.events.register("before-send.lambda.Invoke", stop)
    try:
        lambda_client.invoke(**arguments)
    except Stop as stopped:
        return stopped.request
    raise AssertionError("before-send was not called")


def text(value):
    return value.decode("ascii") if isinstance(value, bytes) else value


def signature(session, one):
    seen = {}
    auth = botocore.auth.SigV4Auth
    original = auth.string_to_sign

    def string_to_sign(self, request, canonical_request):
        result = original(self, request, canonical_request)
        seen.update(canonical_request=canonical_request, string_to_sign=result)
        return result

    auth.string_to_sign = string_to_sign
    try:
        lambda_client = client(session, one["region"], one["endpoint_url"], one["token"])
        request = prepared(lambda_client, {"Payload": one["payload"].encode(), **one["arguments"]})
    finally:
        auth.string_to_sign = original
    headers = {name.lower(): text(value) for name, value in request.headers.items()}
    kept = {n: v for n, v in headers.items() if n.startswith("x-amz-") or n == "authorization"}
    return {
        **one,
        "url": request.url,
        "headers": dict(sorted(kept.items())),
        **seen,
        "signature": headers["authorization"].rsplit("Signature=", 1)[1],
    }


def regions(partitions):
    """Every region botocore knows, two it does not, and no pseudo-region."""
    known = {region for partition in partitions["partitions"] for region in partition["regions"]}
    return sorted({r for r in known if not r.endswith("-global")} | {"us-newplace-9", "xx-unknown-1"})


def endpoints(session):
    """The rule set alone: a client would ask the older endpoints file as well, which
    lacks the variants of some partitions."""
    loader = session.get_component("data_loader")
    partitions = session.get_data("partitions")
    provider = botocore.endpoint_provider.EndpointProvider(
        loader.load_service_model("lambda", "endpoint-rule-set-1"), partitions)
    variants = itertools.product((False, True), (False, True))
    for region, (fips, dualstack) in itertools.product(regions(partitions), list(variants)):
        url = provider.resolve_endpoint(Region=region, UseFIPS=fips, UseDualStack=dualstack).url
        variant = "+".join(v for v, on in (("fips", fips), ("dualstack", dualstack)) if on) or "-"
        yield f"{region} {variant} {url}\n"


def errors(session):
    """The errors the service model lists for Invoke: status, code, and what it says of each."""
    model = session.get_service_model("lambda")
    shapes = model.operation_model("Invoke").error_shapes
    rows = sorted((s.metadata["error"]["httpStatusCode"], s.error_code, s) for s in shapes)
    for status, code, shape in rows:
        words = " ".join(re.sub("<[^>]*>", "", shape.documentation).split())
        yield f"{status} {code} {words}\n"


def main():
    assert botocore.__version__ == PINNED, f"botocore {botocore.__version__}, not {PINNED}"
    for name in [n for n in os.environ if n.startswith("AWS_")]:
        del os.environ[name]
    os.environ["AWS_CONFIG_FILE"] = os.environ["AWS_SHARED_CREDENTIALS_FILE"] = os.devnull
    botocore.auth.get_current_datetime = lambda **_: NOW
    session = botocore.session.Session()
    vectors = {
        "source": f"botocore {PINNED}",
        "time": NOW.strftime("%Y%m%dT%H%M%SZ"),
        "access_key_id": KEY_ID,
        "secret_access_key": SECRET,
        "session_token": TOKEN,
        "cases": [signature(session, one) for one in CASES],
    }
    (HERE / "lambda_signatures.json").write_text(
        json.dumps(vectors, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    (HERE / "endpoints.txt").write_text(
        f"# region variant url, as botocore {PINNED} resolves them (botocore_vectors.py)\n"
        + "".join(endpoints(session)), encoding="utf-8")
    (HERE / "invoke_errors.txt").write_text(
        f"# status code meaning, the errors of Invoke in the service model of botocore {PINNED} (botocore_vectors.py)\n"
        + "".join(errors(session)), encoding="utf-8")


if __name__ == "__main__":
    main()
