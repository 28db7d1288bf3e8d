"""Calls AWS Lambda through the component lambda-invocation.wasm, with wasmtime.

    import lambda_invocation

    response = lambda_invocation.invoke("my-function", {"name": "world"})
    print(response.value)
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from wasmtime import Config, Engine, Store, WasiConfig, WasmtimeError
from wasmtime.component import Component, Linker, Record, Variant

from ._version import __version__

__all__ = ["Credentials", "FunctionError", "Lambda", "LambdaError", "Response", "invoke", "invoke_async"]

# The fields of the records that are passed, in the order of the WIT package.
_REQUEST = (
    "function-name payload payload-sha256 invocation-type log-type qualifier client-context "
    "tenant-id durable-execution-name"
).split()
_CONNECTION = (
    "region endpoint-url credentials derived-credentials use-fips use-dualstack "
    "connect-timeout-ms response-timeout-ms deadline-ms retry allow-http app-id"
).split()
_CREDENTIALS = ("access-key-id", "secret-access-key", "session-token")
_RETRY = ("mode", "max-attempts")

# After these nothing was sent, or Lambda was never asked to run anything.
_NEVER_RAN = {"invalid-argument", "no-credentials", "no-region", "denied-by-host"}


@dataclass(frozen=True, repr=False)
class Credentials:
    """AWS credentials."""

    access_key_id: str
    secret_access_key: str
    session_token: str | None = None


@dataclass(frozen=True)
class FunctionError:
    """A function ran and failed, as its runtime reported it."""

    kind: str
    error_type: str | None
    error_message: str | None
    stack_trace: list[str]


@dataclass(frozen=True)
class Response:
    """What a function answered. One that ran and failed has `function_error`."""

    status_code: int
    payload: bytes = field(repr=False)
    executed_version: str | None
    log_result: str | None = field(repr=False)
    log_tail: str | None = field(repr=False)
    function_error: FunctionError | None
    request_id: str | None
    durable_execution_arn: str | None
    attempts: int

    @property
    def value(self) -> Any:
        """The payload, read as JSON; None where it is empty."""
        return json.loads(self.payload) if self.payload else None


class LambdaError(Exception):
    """A call that did not succeed. No text in it holds a credential or the payload."""

    #: The case of `error` in the WIT package, for example `throttled`.
    code: str
    #: Whether the function may have run, or may still be running.
    maybe_ran: bool
    #: The fields of the case.
    fields: dict[str, Any]

    def __init__(self, code: str, value: Any = None):
        self.code = code
        self.fields = value if isinstance(value, dict) else {}
        self.maybe_ran = self.fields.get("maybe_ran", code not in _NEVER_RAN)
        said = ("argument", "phase", "code", "url", "reason", "message", "detail", "hint")
        parts = [str(self.fields[name]) for name in said if self.fields.get(name)]
        super().__init__(": ".join([code, *(parts or ([value] if isinstance(value, str) else []))]))


class Lambda:
    """The component and where it calls. It is compiled once; each call gets a fresh instance,
    which sees the variables in `env` and no file. Calls may be made from several threads.

    `env` are the variables of this process whose names begin with `AWS_`, unless others are
    passed: region, endpoint and credentials are found there where they are no arguments.
    `credentials` may be a function, which is asked before each call.
    """

    def __init__(
        self,
        *,
        region: str | None = None,
        endpoint_url: str | None = None,
        credentials: Credentials | Callable[[], Credentials] | None = None,
        env: Mapping[str, str] | None = None,
        retry_mode: Literal["never", "safe", "idempotent"] | None = None,
        max_attempts: int = 3,
        deadline_ms: int | None = None,
        response_timeout_ms: int | None = None,
        connect_timeout_ms: int | None = None,
        use_fips: bool | None = None,
        use_dualstack: bool | None = None,
        allow_http: bool | None = None,
        app_id: str | None = None,
    ):
        retry = retry_mode and {"mode": retry_mode, "max_attempts": max_attempts}
        self._credentials = credentials
        self._connection = dict(
            region=region,
            endpoint_url=endpoint_url,
            use_fips=use_fips,
            use_dualstack=use_dualstack,
            connect_timeout_ms=connect_timeout_ms,
            response_timeout_ms=response_timeout_ms,
            deadline_ms=deadline_ms,
            retry=retry and _record(_RETRY, retry),
            allow_http=allow_http,
            app_id=app_id,
        )
        granted = os.environ if env is None else env
        self._env = [(k, v) for k, v in granted.items() if env is not None or k.startswith("AWS_")]
        config = Config()
        # Compiled code is kept in the user's cache directory.
        config.cache = True
        self._engine = Engine(config)
        component = files(__package__).joinpath("lambda-invocation.wasm").read_bytes()
        self._component = Component(self._engine, component)
        self._linker = Linker(self._engine)
        self._linker.add_wasip2()
        self._linker.add_wasi_http()

    def invoke(
        self,
        function: str,
        payload: Any = None,
        *,
        qualifier: str | None = None,
        invocation_type: Literal["request-response", "event", "dry-run"] | None = None,
        log_type: Literal["none", "tail"] | None = None,
        client_context: str | None = None,
        tenant_id: str | None = None,
        durable_execution_name: str | None = None,
    ) -> Response:
        """Invokes a function, by its name, partial ARN or ARN.

        The payload is anything that `json.dumps` takes, or bytes that are sent as they are.
        None sends no payload. Raises `LambdaError`.
        """
        if payload is None:
            payload = b""
        elif not isinstance(payload, (bytes, bytearray, memoryview)):
            payload = json.dumps(payload).encode()
        request = dict(
            function_name=function,
            payload=bytes(payload),
            qualifier=qualifier,
            invocation_type=invocation_type,
            log_type=log_type,
            client_context=client_context,
            tenant_id=tenant_id,
            durable_execution_name=durable_execution_name,
        )
        credentials = self._credentials() if callable(self._credentials) else self._credentials
        connection = dict(self._connection, credentials=credentials and _record(_CREDENTIALS, vars(credentials)))
        answer = self._call(_record(_REQUEST, request), _record(_CONNECTION, connection))
        if isinstance(answer, Record):
            fields = _plain(answer)
            failure = fields.pop("function_error")
            return Response(**fields, function_error=failure and FunctionError(**failure))
        raise LambdaError(answer.tag, _plain(answer.payload))

    async def invoke_async(self, function: str, payload: Any = None, **options: Any) -> Response:
        """`invoke`, in a thread: it does not block the event loop. Cancelling it stops waiting
        for the call, and not the call."""
        return await asyncio.to_thread(self.invoke, function, payload, **options)

    def _call(self, request: Record, connection: Record) -> Any:
        store = Store(self._engine)
        wasi = WasiConfig()
        wasi.env = self._env
        store.set_wasi(wasi)
        store.set_wasi_http()
        instance = self._linker.instantiate(store, self._component)
        interface = instance.get_export_index(store, f"lambda:invocation/invoke@{__version__}")
        index = instance.get_export_index(store, "invoke", interface)
        try:
            return instance.get_func(store, index)(store, request, connection)
        except WasmtimeError as error:
            # The first line says what trapped, the others where.
            reason = str(error).splitlines()[-1].strip()
            raise LambdaError("other", f"the component trapped: {reason}") from None


def _record(names: tuple[str, ...] | list[str], values: Mapping[str, Any]) -> Record:
    """A record of the component model, whose absent options are None."""
    record = Record()
    for name in names:
        setattr(record, name, values.get(name.replace("-", "_")))
    return record


def _plain(value: Any) -> Any:
    if isinstance(value, Record):
        return {name.replace("-", "_"): _plain(inner) for name, inner in vars(value).items()}
    if isinstance(value, Variant):
        return {"tag": value.tag, "value": _plain(value.payload)}
    return value


@cache
def _default() -> Lambda:
    return Lambda()


def invoke(function: str, payload: Any = None, **options: Any) -> Response:
    """`Lambda().invoke`, with region and credentials from the environment. The component is
    kept for later calls."""
    return _default().invoke(function, payload, **options)


async def invoke_async(function: str, payload: Any = None, **options: Any) -> Response:
    """`Lambda().invoke_async`, as `invoke`."""
    return await _default().invoke_async(function, payload, **options)
