// For `jco run --jco-import granted.mjs` and `jco serve --jco-import granted.mjs`: what the
// component gets. Without it, jco hands over the whole environment, and calls every
// standard stream a terminal, so that the component ends its output with a line break.

import * as cli from "@bytecodealliance/preview2-shim/cli";
import { types } from "@bytecodealliance/preview2-shim/http";

const granted = /^(AWS|LAMBDA_INVOCATION)_/;
cli._setEnv(Object.fromEntries(Object.entries(process.env).filter(([name]) => granted.test(name))));

if (!process.stdin.isTTY) cli._setTerminalStdin(undefined);
if (!process.stdout.isTTY) cli._setTerminalStdout(undefined);
if (!process.stderr.isTTY) cli._setTerminalStderr(undefined);

// The shim's connect timeout ends whatever is silent for as long, and a function that works is.
types.RequestOptions.prototype.connectTimeout = function () {
  return this.firstByteTimeout();
};
