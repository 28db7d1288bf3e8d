"""Invokes a Lambda function through lambda-invocation.wasm, with wasmtime-py.

    python invoke.py COMPONENT FUNCTION [PAYLOAD]

Region, credentials and endpoint are those of the AWS_* variables. They are passed as
arguments of the call: the component itself sees no environment variable and no file.
"""

import os
import sys

from wasmtime import Config, Engine, Store, WasiConfig
from wasmtime.component import Component, Linker, Record

INTERFACE = "lambda:invocation/invoke@0.1.0"


def record(fields, values):
    """A record of the component model, whose absent options are None."""
    made = Record()
    for field in fields:
        setattr(made, field, values.get(field))
    return made


def request(**values):
    """The record `request`, by the names of the WIT package with underscores."""
    fields = (
        "function-name payload payload-sha256 invocation-type log-type qualifier "
        "client-context tenant-id durable-execution-name"
    )
    return record(fields.split(), dashed(values))


def connection(**values):
    """The record `connection`; `credentials` are a dict."""
    values = dashed(values)
    credentials = values.get("credentials")
    if credentials is not None:
        parts = ("access-key-id", "secret-access-key", "session-token")
        values["credentials"] = record(parts, dashed(credentials))
    fields = (
        "region endpoint-url credentials derived-credentials use-fips use-dualstack "
        "connect-timeout-ms response-timeout-ms deadline-ms retry allow-http app-id"
    )
    return record(fields.split(), values)


def dashed(values):
    return {name.replace("_", "-"): value for name, value in values.items()}


class Plugin:
    """The component, compiled once. Each call gets a fresh instance."""

    def __init__(self, path, http=True):
        self.engine = Engine(Config())
        self.component = Component.from_file(self.engine, path)
        self.linker = Linker(self.engine)
        self.linker.add_wasip2()
        if http:
            self.linker.add_wasi_http()

    def exports(self, interface):
        """Calls functions of this interface by their names, in a new instance."""
        store = Store(self.engine)
        store.set_wasi(WasiConfig())
        store.set_wasi_http()
        instance = self.linker.instantiate(store, self.component)
        of = instance.get_export_index(store, interface)

        def run(name, *arguments):
            index = instance.get_export_index(store, name, of)
            return instance.get_func(store, index)(store, *arguments)

        return run

    def invoke(self, request, connection):
        """A record `response`, or a variant `error`."""
        return self.exports(INTERFACE)("invoke", request, connection)


def variable(name):
    """An environment variable that has to be there."""
    try:
        return os.environ[name]
    except KeyError:
        sys.exit(f"error: {name} is not set")


def connection_of_environment():
    """What the AWS_* variables say."""
    return connection(
        region=variable("AWS_REGION"),
        endpoint_url=os.environ.get("AWS_ENDPOINT_URL_LAMBDA"),
        credentials={
            "access_key_id": variable("AWS_ACCESS_KEY_ID"),
            "secret_access_key": variable("AWS_SECRET_ACCESS_KEY"),
            "session_token": os.environ.get("AWS_SESSION_TOKEN"),
        },
    )


def show(answer):
    """Prints what the function returned, or ends with what went wrong."""
    if not isinstance(answer, Record):
        # The case of the error, and its record, which never holds a secret.
        why = vars(answer.payload) if isinstance(answer.payload, Record) else answer.payload
        sys.exit(f"error: {answer.tag}: {why}")
    sys.stdout.buffer.write(answer.payload)
    failure = getattr(answer, "function-error")
    if failure is not None:
        sys.exit(f"the function failed: {getattr(failure, 'error-type')}")


def main(arguments):
    if not 2 <= len(arguments) <= 3:
        print("usage: python invoke.py COMPONENT FUNCTION [PAYLOAD]", file=sys.stderr)
        sys.exit(2)
    path, function, payload = (*arguments, "{}")[:3]
    asked = request(function_name=function, payload=payload.encode())
    show(Plugin(path).invoke(asked, connection_of_environment()))


if __name__ == "__main__":
    main(sys.argv[1:])
