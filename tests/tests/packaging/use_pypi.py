# What the installed package does. Prints how many invocations it sent.

import asyncio
import os
import time
from importlib.metadata import version
from importlib.resources import files

import lambda_invocation
from lambda_invocation import Credentials, Lambda, LambdaError

sent = 0


def fails(call, code, maybe_ran):
    try:
        call()
    except LambdaError as error:
        assert (error.code, error.maybe_ran) == (code, maybe_ran), repr(error)
        return error
    raise AssertionError("it succeeded")


assert version("lambda-invocation") == lambda_invocation.__version__
assert files("lambda_invocation").joinpath("py.typed").is_file()

# Plain values, bytes and nothing.
for payload in [{"name": "wörld"}, [1, None], "text", 0]:
    response = lambda_invocation.invoke("identity", payload)
    assert response.value == payload, response
    assert response.status_code == 200
    sent += 1
assert lambda_invocation.invoke("identity", b'{"a": 1}').payload == b'{"a": 1}'
assert lambda_invocation.invoke("echo", {}, invocation_type="event").value is None
sent += 2

# Calls run at the same time, and the event loop goes on.


async def together():
    ticks = 0

    async def tick():
        nonlocal ticks
        while True:
            await asyncio.sleep(0.01)
            ticks += 1

    ticking = asyncio.create_task(tick())
    started = time.monotonic()
    await asyncio.gather(
        *(lambda_invocation.invoke_async("sleep", {"ms": 1000}) for _ in range(3))
    )
    ticking.cancel()
    return ticks, time.monotonic() - started


ticks, took = asyncio.run(together())
assert ticks > 10, ticks
assert took < 3, took
sent += 3

# A function that fails is an answer; a call that fails is an error.
failed = lambda_invocation.invoke("fail", {"runtime": "python"}, log_type="tail")
assert failed.function_error.error_type == "ValueError"
assert "START RequestId" in failed.log_tail
assert "payload" not in repr(failed) and "START RequestId" not in repr(failed)
sent += 1
error = fails(lambda: lambda_invocation.invoke("missing", {}), "service", False)
assert "ResourceNotFoundException" in str(error)
sent += 1
fails(lambda: lambda_invocation.invoke("no name", {}), "invalid-argument", False)

# Variables that are not granted are not there.
fails(lambda: Lambda(env={}).invoke("identity"), "no-region", False)
fails(lambda: Lambda(env={}, region="eu-central-1").invoke("identity"), "no-credentials", False)

# Who gives credentials is asked before each call, and no text shows them.
asked = []


def provider():
    asked.append(1)
    return Credentials(
        os.environ["AWS_ACCESS_KEY_ID"],
        os.environ["AWS_SECRET_ACCESS_KEY"],
        os.environ.get("AWS_SESSION_TOKEN"),
    )


assert os.environ["AWS_SECRET_ACCESS_KEY"] not in repr(provider())
asked.clear()
provided = Lambda(
    env={},
    region=os.environ["AWS_REGION"],
    endpoint_url=os.environ["AWS_ENDPOINT_URL_LAMBDA"],
    credentials=provider,
    retry_mode="never",
)
provided.invoke("identity", 1)
provided.invoke("identity", 2)
assert len(asked) == 2
sent += 2

# A limit that runs out.
hurried = Lambda(deadline_ms=200)
error = fails(lambda: hurried.invoke("sleep", {"ms": 5000}), "timeout", True)
assert error.fields["phase"] == "deadline", error.fields
sent += 1

print(sent)
