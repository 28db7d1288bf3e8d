// node serve.mjs FUNCTION PAYLOAD
//
// Runs the worker on Node for one request, with this process's AWS_* variables, and prints what
// it answers.

import { readdir, readFile } from "node:fs/promises";
import worker from "./worker.mjs";

const folder = new URL("component/", import.meta.url);
const core = {};
for (const file of await readdir(folder)) {
  if (file.endsWith(".wasm")) {
    core[file] = await WebAssembly.compile(await readFile(new URL(file, folder)));
  }
}
const aws = Object.entries(process.env).filter(([name]) => name.startsWith("AWS_"));
const [functionName, body = "{}"] = process.argv.slice(2);
const request = new Request(`http://worker/${functionName}`, { method: "POST", body });
const response = await worker.fetch(request, { ...Object.fromEntries(aws), core });
console.log(await response.text());
if (!response.ok || response.headers.has("x-function-error")) process.exitCode = 1;
