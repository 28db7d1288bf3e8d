"""A host of the matrix: one call, read as JSON from standard input, made with the code
of examples/python. The payload of the answer goes to standard output, the rest to
standard error. Exit code 1 where there is no answer.

    python run_wasmtime_py.py FOLDER_OF_THE_EXAMPLE COMPONENT
"""

import json
import sys

from wasmtime import WasmtimeError
from wasmtime.component import Record, Variant

folder, component = sys.argv[1:]
sys.path.insert(0, folder)
sys.dont_write_bytecode = True

import invoke  # noqa: E402


def plain(value):
    if isinstance(value, Record):
        return {name: plain(inner) for name, inner in vars(value).items()}
    if isinstance(value, Variant):
        return {value.tag: plain(value.payload)}
    return value


def arguments(values):
    return {name.replace("-", "_"): value for name, value in values.items()}


call = json.load(sys.stdin)
request = arguments(call["request"])
request["payload"] = request["payload"].encode()
connection = arguments(call["connection"])
connection["credentials"] = arguments(connection["credentials"])
try:
    plugin = invoke.Plugin(component, http=call["network"] != "none")
    answer = plugin.invoke(invoke.request(**request), invoke.connection(**connection))
except WasmtimeError as error:
    sys.exit(str(error))
if isinstance(answer, Record):
    sys.stdout.buffer.write(answer.payload)
    del answer.payload
    print(json.dumps(plain(answer)), file=sys.stderr)
else:
    sys.exit(json.dumps(plain(answer)))
