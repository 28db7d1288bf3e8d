"""Invokes a Lambda function with urllib, through lambda-invocation-exchange.wasm.

    python exchange.py COMPONENT FUNCTION [PAYLOAD]

The component decides and signs; this program sends. The variables are those of invoke.py.
"""

import hashlib
import http.client
import socket
import sys
import time
import urllib.request

from invoke import Plugin, connection_of_environment, record, show
from wasmtime.component import Variant

OPTIONS = "invocation-type log-type qualifier client-context tenant-id durable-execution-name streaming"


def invoke(path, name, payload, connection):
    """A record `response`, or a variant `error`."""
    run = Plugin(path, http=False).exports("lambda:invocation/exchange@0.1.0")
    sha256 = hashlib.sha256(payload).hexdigest()
    known = {"function-name": name, "payload-len": len(payload), "payload-sha256": sha256}
    request = record([*known, *OPTIONS.split()], known)
    call = run("[constructor]call", request, connection)
    while True:
        attempt = run("[method]call.attempt", call)
        if isinstance(attempt, Variant):
            return attempt
        step = run("[method]call.next", call, send(attempt, payload))
        if step.tag == "err" or step.payload.tag == "done":
            return step.payload if step.tag == "err" else step.payload.payload
        if step.payload.tag == "repeat":
            time.sleep(step.payload.payload / 1000)
        else:  # renew-credentials: there are no others, and the next attempt says so.
            run("[method]call.renew", call, None)


class AsItIs(urllib.request.HTTPErrorProcessor):
    """Takes every answer for one: no redirect is followed, no status is an exception."""

    http_response = https_response = lambda self, request, response: response


OPENER = urllib.request.build_opener(AsItIs)


def send(attempt, payload):
    """What `next` is told: a record `answer`, or a variant `failure`."""
    deadline, most = getattr(attempt, "deadline-ms"), getattr(attempt, "max-response-len")
    limit = min(getattr(attempt, "response-timeout-ms"), deadline or float("inf"))
    # Otherwise urllib says that it is a form.
    headers = {**dict(attempt.headers), "content-type": "application/json"}
    request = urllib.request.Request(attempt.url, payload, headers, method=attempt.method)
    try:
        response = OPENER.open(request, timeout=limit / 1000)
        body = response.read(most + 1)
        if len(body) > most:
            return Variant("too-large")
        if response.length:
            raise ConnectionError("the response ended early")
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", error)
        if isinstance(reason, TimeoutError):
            return Variant("timeout", "deadline" if limit == deadline else "response")
        unsent = isinstance(reason, (ConnectionRefusedError, socket.gaierror))
        told = {"phase": "connect" if unsent else "response", "detail": str(reason)}
        told["maybe-ran"] = not unsent
        return Variant("transport", record(told, told))
    answer = {"status": response.status, "headers": response.getheaders(), "body": body}
    return record(answer, answer)


if __name__ == "__main__":
    path, function, payload = (*sys.argv[1:], "{}")[:3]
    show(invoke(path, function, payload.encode(), connection_of_environment()))
