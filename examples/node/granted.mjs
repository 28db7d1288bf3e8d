// For `jco run --jco-import granted.mjs` and `jco serve --jco-import granted.mjs`: what the
// component gets. Without it, jco hands over the whole environment, and calls every
// standard stream a terminal, so that the component ends its output with a line break.

import * as cli from "@bytecodealliance/preview2-shim/cli";

const granted = /^(AWS|LAMBDA_INVOCATION)_/;
cli._setEnv(Object.fromEntries(Object.entries(process.env).filter(([name]) => granted.test(name))));

if (!process.stdin.isTTY) cli._setTerminalStdin(undefined);
if (!process.stdout.isTTY) cli._setTerminalStdout(undefined);
if (!process.stderr.isTTY) cli._setTerminalStderr(undefined);
