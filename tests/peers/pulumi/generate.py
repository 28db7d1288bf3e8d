"""Makes SDKs from the schema: those parts of what `pulumi package add` makes that programs
import, for Node with its types, and for Python.

Usage: generate.py SCHEMA DIRECTORY
"""

import json
import os
import re
import sys

NODE_TYPES = {"string": "string", "boolean": "boolean", "number": "number", "integer": "number"}


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        schema = json.load(file)
    node = os.path.join(sys.argv[2], "node_modules/@pulumi", schema["name"])
    package = "pulumi_" + schema["name"].replace("-", "_")
    write(node, "package.json", json.dumps({"name": "@pulumi/" + schema["name"], "version": schema["version"], "main": "index.js", "types": "index.d.ts"}))
    write(node, "index.js", node_code(schema))
    write(node, "index.d.ts", node_types(schema))
    write(os.path.join(sys.argv[2], "python", package), "__init__.py", python_code(schema))


def write(directory, name, text):
    os.makedirs(directory, exist_ok=True)
    with open(os.path.join(directory, name), "w", encoding="utf-8") as file:
        file.write(text)


def last(token):
    return token.split(":")[-1]


def node_code(schema):
    lines = ['"use strict";', 'const pulumi = require("@pulumi/pulumi");', f'const version = "{schema["version"]}";']
    for token, resource in schema["resources"].items():
        name = last(token)
        inputs = resource["inputProperties"]
        given = [
            f"{p}: args?.{p}" + (f" ?? {json.dumps(of['default'])}" if "default" in of else "")
            for p, of in inputs.items()
        ]
        given += [f"{p}: undefined" for p in resource["properties"] if p not in inputs]
        lines += [
            f"class {name} extends pulumi.CustomResource {{",
            "  static get(name, id, state, opts) {",
            f"    return new {name}(name, state, {{ ...opts, id }});",
            "  }",
            "  constructor(name, args, opts) {",
            *(
                f"    if (!opts?.id && args?.{p} === undefined) throw new Error(\"Missing required property '{p}'\");"
                for p in resource["requiredInputs"]
            ),
            f"    const given = {{ {', '.join(given)} }};",
            f"    const aliases = {json.dumps(resource.get('aliases', []))};",
            "    opts = pulumi.mergeOptions({ version }, pulumi.mergeOptions(opts, { aliases }));",
            f'    super("{token}", name, given, opts);',
            "  }",
            "}",
            f"exports.{name} = {name};",
        ]
    for token, function in schema["functions"].items():
        name = last(token)
        given = ", ".join(f"{p}: args.{p}" for p in function["inputs"]["properties"])
        for suffix in ("", "Output"):
            lines += [
                f"exports.{name}{suffix} = (args, opts) =>",
                f'  pulumi.runtime.invoke{suffix}("{token}", {{ {given} }}, {{ version, ...opts }});',
            ]
    return "\n".join(lines) + "\n"


def node_type(of, schema, input_):
    if "$ref" in of:
        return "any" if of["$ref"].endswith("/Any") else last(of["$ref"])
    if of["type"] == "array":
        return f"{node_type(of['items'], schema, input_)}[]"
    if of["type"] == "object":
        element = node_type(of["additionalProperties"], schema, input_)
        return f"{{[key: string]: {f'pulumi.Input<{element}>' if input_ else element}}}"
    return NODE_TYPES[of["type"]]


def node_fields(properties, required, schema, wrap, input_=False):
    for name, of in properties.items():
        kind = node_type(of, schema, input_)
        optional = name not in required
        if wrap == "Output":
            yield f"  readonly {name}: pulumi.Output<{kind}{' | undefined' if optional else ''}>;"
        else:
            yield f"  {name}{'?' if optional else ''}: {f'pulumi.{wrap}<{kind}>' if wrap else kind};"


def node_types(schema):
    lines = ['import * as pulumi from "@pulumi/pulumi";']
    for token, of in schema["types"].items():
        lines += [f"export interface {last(token)} {{", *node_fields(of["properties"], of["required"], schema, ""), "}"]
    for token, resource in schema["resources"].items():
        name = last(token)
        lines += [
            f"export interface {name}Args {{",
            *node_fields(resource["inputProperties"], resource["requiredInputs"], schema, "Input", True),
            "}",
            f"export declare class {name} extends pulumi.CustomResource {{",
            f"  static get(name: string, id: pulumi.Input<pulumi.ID>, state?: Partial<{name}Args>, opts?: pulumi.CustomResourceOptions): {name};",
            *node_fields(resource["properties"], resource["required"], schema, "Output"),
            f"  constructor(name: string, args: {name}Args, opts?: pulumi.CustomResourceOptions);",
            "}",
        ]
    for token, function in schema["functions"].items():
        name = last(token)
        title = name[0].upper() + name[1:]
        inputs, outputs = function["inputs"], function["outputs"]
        lines += [
            f"export interface {title}Args {{",
            *node_fields(inputs["properties"], inputs["required"], schema, ""),
            "}",
            f"export interface {title}OutputArgs {{",
            *node_fields(inputs["properties"], inputs["required"], schema, "Input"),
            "}",
            f"export interface {title}Result {{",
            *node_fields(outputs["properties"], outputs["required"], schema, ""),
            "}",
            f"export declare function {name}(args: {title}Args, opts?: pulumi.InvokeOptions): Promise<{title}Result>;",
            f"export declare function {name}Output(args: {title}OutputArgs, opts?: pulumi.InvokeOutputOptions): pulumi.Output<{title}Result>;",
        ]
    return "\n".join(lines) + "\n"


def snake(name):
    return re.sub("([A-Z])", lambda match: "_" + match.group(1).lower(), name)


def python_code(schema):
    lines = ["import pulumi", "", f"VERSION = {schema['version']!r}", ""]
    for token, resource in schema["resources"].items():
        name = last(token)
        inputs, required = resource["inputProperties"], resource["requiredInputs"]
        ordered = [*required, *(p for p in inputs if p not in required)]
        lines += [
            f"class {name}(pulumi.CustomResource):",
            "    def __init__(self, resource_name, opts=None, *, " + ", ".join(f"{snake(p)}=None" for p in ordered) + "):",
            *(
                f"        if {snake(p)} is None and not (opts and opts.urn):\n"
                f"            raise TypeError(\"Missing required property '{snake(p)}'\")"
                for p in required
            ),
            "        given = {",
            *(
                f"            {p!r}: {snake(p)}" + (f" if {snake(p)} is not None else {of['default']!r}," if "default" in of else ",")
                for p, of in inputs.items()
            ),
            *(f"            {p!r}: None," for p in resource["properties"] if p not in inputs),
            "        }",
            f"        aliases = [pulumi.Alias(type_=alias['type']) for alias in {resource.get('aliases', [])!r}]",
            "        own = pulumi.ResourceOptions(version=VERSION, aliases=aliases)",
            f"        super().__init__({token!r}, resource_name, given, pulumi.ResourceOptions.merge(own, opts))",
            "",
            *(
                f"    {snake(p)}: pulumi.Output = property(lambda self: pulumi.get(self, {snake(p)!r}))"
                for p in resource["properties"]
            ),
            "",
            "    def translate_output_property(self, prop):",
            f"        return {({p: snake(p) for p in resource['properties']})!r}.get(prop) or prop",
            "",
            "    def translate_input_property(self, prop):",
            f"        return {({snake(p): p for p in resource['properties']})!r}.get(prop) or prop",
            "",
        ]
    for token, function in schema["functions"].items():
        arguments = function["inputs"]["properties"]
        for suffix in ("", "_output"):
            options = "pulumi.InvokeOutputOptions" if suffix else "pulumi.InvokeOptions"
            lines += [
                f"def {last(token)}{suffix}(opts=None, *, " + ", ".join(f"{snake(p)}=None" for p in arguments) + "):",
                "    given = {" + ", ".join(f"{p!r}: {snake(p)}" for p in arguments) + "}",
                f"    return pulumi.runtime.invoke{suffix}({token!r}, given, opts or {options}(version=VERSION))"
                + ("" if suffix else ".value"),
                "",
            ]
    return "\n".join(lines)


main()
