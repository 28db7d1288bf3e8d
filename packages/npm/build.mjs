// node build.mjs COMPONENT
//
// Writes the folder `component`: the component as JavaScript, with types.

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { transpileBytes } from "@bytecodealliance/jco-transpile";

const component = await readFile(process.argv[2]);
const { files } = await transpileBytes(component, {
  name: "lambda-invocation",
  instantiation: "async",
  minify: true,
  // What the component returns as an error is thrown as it is.
  noComponentErrorWrapping: true,
});
for (const [name, bytes] of Object.entries(files)) {
  const path = new URL(`component/${name}`, import.meta.url);
  await mkdir(dirname(path.pathname), { recursive: true });
  await writeFile(path, bytes);
}
