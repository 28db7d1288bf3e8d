"""A small engine for Pulumi, over the SDK's own gRPC stubs.

The real one cannot be had from a package registry. This one starts a provider and talks to
it as the engine does (pkg/resource/deploy of Pulumi's source): it checks, compares, creates
replacements before it deletes what they replace, and keeps what an error says to keep. It is
also the monitor that programs register their resources with, run by the real SDKs' runtimes.

Usage: engine.py PROVIDER. Each line on standard input is a command in JSON, each line on
standard output its answer.
"""

import concurrent.futures
import json
import os
import subprocess
import sys
import threading

import grpc
import yaml
from google.protobuf import json_format, struct_pb2
from google.protobuf.empty_pb2 import Empty
from google.rpc import status_pb2
from pulumi.runtime.proto import (
    engine_pb2,
    engine_pb2_grpc,
    plugin_pb2,
    provider_pb2,
    provider_pb2_grpc,
    resource_pb2,
    resource_pb2_grpc,
)

PROJECT, STACK = "example", "dev"
PACKAGE = "lambda-invocation"
STACK_TYPE = "pulumi:pulumi:Stack"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
SIGNATURE = "4dabf18193072939515e22adb298388d"
OUTPUT = "d0e6a833031e9bbcd3f4e8bde6ca49a4"
OPTIONS = [("grpc.max_receive_message_length", 1 << 27), ("grpc.max_send_message_length", 1 << 27)]


def struct(value):
    return json_format.ParseDict(value, struct_pb2.Struct())


def plain(message):
    return json_format.MessageToDict(message)


def urn_of(type_, name):
    return f"urn:pulumi:{STACK}::{PROJECT}::{type_}::{name}"


class Failed(Exception):
    """What the user is told."""


class Kept(Exception):
    """A failed operation whose resource exists all the same."""

    def __init__(self, error):
        super().__init__(list(error.reasons))
        self.id, self.outputs, self.reasons = error.id, plain(error.properties), list(error.reasons)


def calling(method, request):
    """Calls the provider, and reads its errors as the engine does."""
    try:
        return method(request, timeout=60)
    except grpc.RpcError as error:
        for key, value in error.trailing_metadata() or ():
            if key == "grpc-status-details-bin":
                for detail in status_pb2.Status.FromString(value).details:
                    kept = provider_pb2.ErrorResourceInitFailed()
                    if detail.Unpack(kept):
                        raise Kept(kept) from None
        raise Failed(f"{error.code().name}: {error.details()}") from None


class Run:
    """One preview or update."""

    def __init__(self, preview):
        self.preview = preview
        self.steps, self.errors, self.registered = [], [], set()
        self.outputs, self.exports = {}, {}

    def answer(self):
        return {"steps": self.steps, "errors": self.errors, "outputs": self.outputs, "exports": self.exports}


class Monitor(resource_pb2_grpc.ResourceMonitorServicer):
    """What programs talk to."""

    def __init__(self, engine):
        self.engine = engine

    def SupportsFeature(self, request, context):
        return resource_pb2.SupportsFeatureResponse(hasSupport=request.id in ("secrets", "resourceReferences"))

    def GetDeploymentInfo(self, request, context):
        features = resource_pb2.ResourceMonitorFeature
        return resource_pb2.DeploymentInfo(
            project=PROJECT,
            stack=STACK,
            organization="organization",
            dryRun=self.engine.run.preview,
            supportedFeatures=[features.RESOURCE_MONITOR_FEATURE_SECRETS, features.RESOURCE_MONITOR_FEATURE_RESOURCE_REFERENCES],
        )

    def RegisterResource(self, request, context):
        urn = urn_of(request.type, request.name)
        if request.type == STACK_TYPE:
            return resource_pb2.RegisterResourceResponse(urn=urn)
        options = {
            "ignoreChanges": list(request.ignoreChanges),
            "import": request.importId,
            "aliases": list(request.aliasURNs)
            + [urn_of(a.spec.type or request.type, a.spec.name or request.name) for a in request.aliases],
            "timeouts": {"create": request.customTimeouts.create},
            "secretOutputs": list(request.additionalSecretOutputs),
            "deleteBeforeReplace": request.deleteBeforeReplace,
        }
        try:
            id_, outputs = self.engine.register(request.type, request.name, plain(request.object), options)
        except Failed as failed:
            context.abort(grpc.StatusCode.UNKNOWN, str(failed))
        return resource_pb2.RegisterResourceResponse(urn=urn, id=id_, object=struct(outputs))

    def RegisterResourceOutputs(self, request, context):
        self.engine.run.exports.update(plain(request.outputs))
        return Empty()

    def Invoke(self, request, context):
        try:
            answer = self.engine.invoke(request.tok, request.args, self.engine.run.preview)
        except Failed as failed:
            self.engine.run.errors.append(str(failed))
            context.abort(grpc.StatusCode.UNKNOWN, str(failed))
        returned = {name: for_sdk(value) for name, value in plain(getattr(answer, "return")).items()}
        return resource_pb2.ResourceInvokeResponse(**{"return": struct(returned)}, failures=answer.failures)

    def SignalAndWaitForShutdown(self, request, context):
        return Empty()


def for_sdk(value):
    """An output value as an SDK gets it that asked for none."""
    if isinstance(value, dict) and value.get(SIGNATURE) == OUTPUT:
        return value.get("value", UNKNOWN)
    return value


class Host(engine_pb2_grpc.EngineServicer):
    """What programs and providers log to."""

    def __init__(self, engine):
        self.engine = engine

    def Log(self, request, context):
        self.engine.logs.append(request.message)
        return Empty()

    def GetRootResource(self, request, context):
        return engine_pb2.GetRootResourceResponse(urn=urn_of(STACK_TYPE, f"{PROJECT}-{STACK}"))

    def SetRootResource(self, request, context):
        return engine_pb2.SetRootResourceResponse()


class Engine:
    def __init__(self, program, announced):
        self.state, self.replaced, self.logs, self.run = {}, [], [], Run(True)
        # As Pulumi, which runs the steps of independent resources side by side.
        self.server = grpc.server(concurrent.futures.ThreadPoolExecutor(16), options=OPTIONS)
        resource_pb2_grpc.add_ResourceMonitorServicer_to_server(Monitor(self), self.server)
        engine_pb2_grpc.add_EngineServicer_to_server(Host(self), self.server)
        self.address = f"127.0.0.1:{self.server.add_insecure_port('127.0.0.1:0')}"
        self.server.start()
        self.process = subprocess.Popen(
            [program, "--logtostderr", "-v=9", "--tracing", "none", self.address],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
        port = int(self.process.stdout.readline())
        self.channel = grpc.insecure_channel(f"127.0.0.1:{port}", options=OPTIONS)
        self.provider = provider_pb2_grpc.ResourceProviderStub(self.channel)
        request = provider_pb2.ProviderHandshakeRequest(engine_address=self.address, **announced)
        self.handshake = plain(calling(self.provider.Handshake, request))

    def configure(self, config):
        urn = f"urn:pulumi:{STACK}::{PROJECT}::pulumi:providers:{PACKAGE}::default"
        news = struct(config)
        checked = calling(self.provider.CheckConfig, provider_pb2.CheckRequest(urn=urn, olds=struct({}), news=news))
        if checked.failures:
            return {"failures": [plain(failure) for failure in checked.failures]}
        request = provider_pb2.ConfigureRequest(
            args=checked.inputs,
            acceptSecrets=True,
            acceptResources=True,
            sends_old_inputs=True,
            sends_old_inputs_to_delete=True,
            type=f"pulumi:providers:{PACKAGE}",
        )
        return {"configured": plain(calling(self.provider.Configure, request))}

    def register(self, type_, name, inputs, options):
        """The steps of one resource; what the program gets of it."""
        run, urn = self.run, urn_of(type_, name)
        run.registered.add(urn)
        old = self.state.get(urn)
        for alias in options.get("aliases", ()):
            if old is None and alias in self.state:
                old = self.state.pop(alias)
                self.state[urn] = old
        try:
            if options.get("import") and old is None:
                old = self.imported(urn, type_, options["import"])
            if old is not None:
                inputs = kept_where_ignored(inputs, old["inputs"], options.get("ignoreChanges", ()))
            id_, outputs = self.steps(urn, type_, name, inputs, old, options)
            run.outputs[name] = outputs
            return id_, outputs
        except Failed as failed:
            run.errors.append(str(failed))
            raise
        except Kept as kept:
            run.errors.append("\n".join(kept.reasons))
            raise Failed(str(kept)) from None

    def steps(self, urn, type_, name, inputs, old, options):
        run = self.run
        about = {"urn": urn, "name": name, "type": type_}
        checked = calling(
            self.provider.Check,
            provider_pb2.CheckRequest(olds=struct(old["inputs"] if old else {}), news=struct(inputs), **about),
        )
        if checked.failures:
            run.steps.append({"op": "check", "name": name, "failures": [plain(f) for f in checked.failures]})
            # As the engine prints it: with the value of the property of exactly that name.
            told = [
                f"property {f.property} value {inputs.get(f.property)} has a problem: {f.reason}" for f in checked.failures
            ]
            raise Failed("\n".join(told))
        news, ignored = plain(checked.inputs), options.get("ignoreChanges", ())
        if old is None:
            return self.create(about, news, options, "create")
        diff = calling(
            self.provider.Diff,
            provider_pb2.DiffRequest(
                id=old["id"],
                olds=struct(old["outputs"]),
                news=struct(news),
                old_inputs=struct(old["inputs"]),
                ignoreChanges=ignored,
                **about,
            ),
        )
        changes = provider_pb2.DiffResponse.DiffChanges.Name(diff.changes)
        step = {
            "name": name,
            "diff": {path: d["kind"] if "kind" in d else "ADD" for path, d in plain(diff).get("detailedDiff", {}).items()},
            "replaces": list(diff.replaces),
            "diffs": list(diff.diffs),
        }
        assert not diff.deleteBeforeReplace
        if changes == "DIFF_SOME" and diff.replaces:
            run.steps.append({"op": "replace", **step})
            before = self.state.get(urn)
            if options.get("deleteBeforeReplace"):
                run.steps.append({"op": "delete-replaced", "name": name})
                if not run.preview and before is not None:
                    self.delete(urn, before)
                    del self.state[urn]
                return self.create(about, news, options, "create-replacement")
            created = self.create(about, news, options, "create-replacement")
            if not run.preview and before is not None:
                self.replaced.append((urn, before))
            elif run.preview:
                run.steps.append({"op": "delete-replaced", "name": name})
            return created
        if changes == "DIFF_SOME" or old.get("initErrors"):
            run.steps.append({"op": "update", **step})
            request = provider_pb2.UpdateRequest(
                id=old["id"],
                olds=struct(old["outputs"]),
                news=struct(news),
                old_inputs=struct(old["inputs"]),
                ignoreChanges=ignored,
                preview=run.preview,
                **about,
            )
            try:
                outputs = plain(calling(self.provider.Update, request).properties)
            except Kept as kept:
                self.keep(urn, type_, old["id"], news, kept.outputs, options, kept.reasons)
                raise
            self.keep(urn, type_, old["id"], news, outputs, options)
            return old["id"], outputs
        assert changes == "DIFF_NONE", changes
        run.steps.append({"op": "same", "name": name})
        self.keep(urn, type_, old["id"], news, old["outputs"], options)
        return old["id"], old["outputs"]

    def create(self, about, inputs, options, operation):
        run = self.run
        run.steps.append({"op": operation, "name": about["name"]})
        seconds = float((options.get("timeouts") or {}).get("create", "").rstrip("s") or 0)
        request = provider_pb2.CreateRequest(properties=struct(inputs), preview=run.preview, timeout=seconds, **about)
        try:
            created = calling(self.provider.Create, request)
        except Kept as kept:
            self.keep(about["urn"], about["type"], kept.id, inputs, kept.outputs, options, kept.reasons)
            raise
        outputs = plain(created.properties)
        if not run.preview:
            assert created.id, "an id"
        self.keep(about["urn"], about["type"], created.id, inputs, outputs, options)
        return created.id or UNKNOWN, outputs

    def keep(self, urn, type_, id_, inputs, outputs, options, init_errors=()):
        if self.run.preview:
            return
        for name in options.get("secretOutputs", ()):
            if name in outputs and not isinstance(outputs[name], dict):
                outputs[name] = {SIGNATURE: "1b47061264138c4ac30d75fd1eb44270", "value": outputs[name]}
        unknown = json.dumps([inputs, outputs])
        assert UNKNOWN not in unknown, "nothing unknown is kept"
        self.state[urn] = {"type": type_, "id": id_, "inputs": inputs, "outputs": outputs}
        if init_errors:
            self.state[urn]["initErrors"] = list(init_errors)

    def imported(self, urn, type_, id_):
        read = calling(self.provider.Read, provider_pb2.ReadRequest(id=id_, urn=urn, type=type_))
        self.run.steps.append({"op": "import", "name": urn.rsplit("::", 1)[1]})
        imported = {"type": type_, "id": read.id, "inputs": plain(read.inputs), "outputs": plain(read.properties)}
        if not self.run.preview:
            self.state[urn] = imported
        return imported

    def delete(self, urn, old):
        request = provider_pb2.DeleteRequest(
            id=old["id"],
            urn=urn,
            type=old["type"],
            properties=struct(old["outputs"]),
            old_inputs=struct(old["inputs"]),
        )
        calling(self.provider.Delete, request)

    def finish(self):
        """Deletes what was replaced, then what the program no longer has."""
        run = self.run
        if run.errors:
            return
        gone = [(urn, old) for urn, old in self.state.items() if urn not in run.registered]
        for operation, items in (("delete-replaced", list(self.replaced)), ("delete", gone)):
            for urn, old in items:
                run.steps.append({"op": operation, "name": urn.rsplit("::", 1)[1]})
                if run.preview:
                    continue
                try:
                    self.delete(urn, old)
                except Failed as failed:
                    run.errors.append(str(failed))
                    continue
                if operation == "delete":
                    del self.state[urn]
                else:
                    self.replaced.remove((urn, old))

    def refresh(self):
        for urn, old in self.state.items():
            request = provider_pb2.ReadRequest(
                id=old["id"],
                urn=urn,
                type=old["type"],
                properties=struct(old["outputs"]),
                inputs=struct(old["inputs"]),
            )
            read = calling(self.provider.Read, request)
            assert read.id, "it exists"
            old.update(id=read.id, outputs=plain(read.properties), inputs=plain(read.inputs))
            old.pop("initErrors", None)

    def invoke(self, token, arguments, preview):
        return calling(self.provider.Invoke, provider_pb2.InvokeRequest(tok=token, args=arguments, preview=preview))

    def deploy(self, command, preview):
        self.run = run = Run(preview)
        if "program" in command:
            try:
                run_program(self, command["program"])
            except Failed:
                pass
        for resource in command.get("resources", ()):
            options = resource.get("options", {})
            type_ = resource.get("type", f"{PACKAGE}:index:Invocation")
            try:
                self.register(type_, resource["name"], resource["inputs"], options)
            except Failed:
                pass
        self.finish()
        return run.answer()

    def close(self):
        """As the engine: the connection first, then an interrupt; how the provider ended."""
        self.channel.close()
        if self.process.poll() is None:
            os.killpg(self.process.pid, 2)
        code = self.process.wait(timeout=5)
        return {"code": code, "stdout": self.process.stdout.read().decode(), "stderr": self.process.stderr.read().decode()}


def kept_where_ignored(inputs, old, ignored):
    inputs = dict(inputs)
    for path in ignored:
        name, _, member = path.partition(".")
        target, source = (inputs, old) if not member else (dict(inputs.get(name, {})), old.get(name, {}))
        key = member or name
        if key in source:
            target[key] = source[key]
        else:
            target.pop(key, None)
        if member:
            inputs[name] = target
    return inputs


def run_program(engine, program):
    """Runs a program by its SDK's own runtime, where there is one."""
    directory, language = program["directory"], program["language"]
    if language == "yaml":
        return run_yaml(engine, program)
    environment = dict(os.environ, PULUMI_CONFIG=program["config"])
    if language == "typescript":
        command = [
            "node",
            os.path.join(directory, "node_modules/@pulumi/pulumi/cmd/run/index.js"),
            *("--monitor", engine.address, "--engine", engine.address, "--project", PROJECT, "--stack", STACK),
            *("--organization", "organization", "--parallel", "4", "--pwd", directory),
            *(["--dry-run"] if engine.run.preview else []),
            program["main"],
        ]
    else:
        runner = os.path.join(os.path.dirname(os.path.abspath(__file__)), "run_program.py")
        flags = [engine.address, PROJECT, STACK, "preview" if engine.run.preview else "update"]
        command = [sys.executable, runner, *flags, program["main"]]
        environment["PYTHONPATH"] = os.path.join(directory, "python")
    ended = subprocess.run(command, cwd=directory, env=environment, capture_output=True, text=True, timeout=120)
    if ended.returncode != 0 and not engine.run.errors:
        engine.run.errors.append(f"the program ended with {ended.returncode}: {ended.stdout}{ended.stderr}")


def run_yaml(engine, program):
    """Registers what a YAML program has. Its runtime comes in no package: this reads as much
    of the language as the example uses, and refuses the rest."""
    with open(os.path.join(program["directory"], program["main"]), encoding="utf-8") as file:
        project = yaml.safe_load(file)
    given = {name.split(":", 1)[1]: value for name, value in json.loads(program["config"]).items()}
    variables = {name: given.get(name, declared["default"]) for name, declared in project["config"].items()}

    def evaluate(value):
        if isinstance(value, dict):
            if list(value) == ["fn::toJSON"]:
                return json.dumps(evaluate(value["fn::toJSON"]), separators=(",", ":"))
            assert not any(key.startswith("fn::") for key in value), f"{value}"
            return {key: evaluate(member) for key, member in value.items()}
        if isinstance(value, str) and value.startswith("${"):
            name, _, output = value[2:-1].partition(".")
            return variables[name] if not output else registered[name][output]
        return value

    registered = {}
    for name, resource in project["resources"].items():
        package, kind = resource["type"].split(":")
        _, registered[name] = engine.register(
            f"{package}:index:{kind}", name, evaluate(resource["properties"]), resource.get("options", {})
        )
    engine.run.exports.update({name: evaluate(value) for name, value in project.get("outputs", {}).items()})


def main():
    engine, running = None, None
    for line in sys.stdin:
        command = json.loads(line)
        do = command["do"]
        try:
            if do == "start":
                engine = Engine(sys.argv[1], command["announced"])
                answer = {"handshake": engine.handshake, **engine.configure(command["config"])}
            elif do in ("up", "preview"):
                answer = engine.deploy(command, do == "preview")
            elif do == "begin":
                running = threading.Thread(target=engine.deploy, args=(command, False))
                running.start()
                answer = {}
            elif do == "join":
                running.join()
                answer = engine.run.answer()
            elif do == "cancel":
                engine.provider.Cancel(Empty(), timeout=5)
                answer = {}
            elif do == "signal":
                os.killpg(engine.process.pid, command["signal"])
                answer = {}
            elif do == "refresh":
                engine.refresh()
                answer = {}
            elif do == "state":
                answer = {"state": engine.state, "replaced": len(engine.replaced)}
            elif do == "set-state":
                engine.state = command["state"]
                answer = {}
            elif do == "invoke":
                got = engine.invoke(command["token"], struct(command["arguments"]), command.get("preview", False))
                failures = [plain(failure) for failure in got.failures]
                answer = {"return": plain(getattr(got, "return")), "failures": failures}
            elif do == "call":
                # Any method, with a message in JSON.
                method = getattr(engine.provider, command["method"])
                modules = (provider_pb2, plugin_pb2)
                name = command.get("message")
                kind = next(getattr(m, name) for m in modules if hasattr(m, name)) if name else Empty
                message = json_format.ParseDict(command.get("fields", {}), kind())
                called = calling(method, message) if command["method"] != "List" else list(method(message))
                answer = {"answer": plain(called)}
            elif do == "close":
                answer = engine.close()
            else:
                raise Failed(f"{do}?")
        except Failed as failed:
            answer = {"failed": str(failed)}
        except Kept as kept:
            answer = {"failed": "\n".join(kept.reasons), "id": kept.id, "outputs": kept.outputs}
        except grpc.RpcError as error:
            answer = {"failed": f"{error.code().name}: {error.details()}"}
        print(json.dumps(answer), flush=True)


main()
