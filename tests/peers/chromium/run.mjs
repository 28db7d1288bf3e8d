// node run.mjs FOLDER FUNCTION PAYLOAD
//
// Opens page.html of a folder in headless Chromium, fills it in from the AWS_* variables, and
// prints what it shows.

import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import chromium from "@sparticuz/chromium";
import { chromium as playwright } from "playwright-core";

const [folder, functionName, payload] = process.argv.slice(2);
const TYPES = { html: "text/html", js: "text/javascript", mjs: "text/javascript", wasm: "application/wasm" };

const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, "http://page");
  try {
    const body = await readFile(folder + pathname);
    response.writeHead(200, { "content-type": TYPES[pathname.split(".").pop()] }).end(body);
  } catch {
    response.writeHead(404).end();
  }
}).listen(0, "127.0.0.1");

const browser = await playwright.launch({
  executablePath: await chromium.executablePath(),
  // Not the arguments of the package: they switch the same-origin policy off.
  args: ["--no-sandbox"],
});
try {
  const page = await browser.newPage();
  page.on("pageerror", (error) => console.error(error));
  await page.goto(`http://127.0.0.1:${server.address().port}/page.html`);
  const { env } = process;
  const values = {
    functionName,
    payload,
    region: env.AWS_REGION,
    endpointUrl: env.AWS_ENDPOINT_URL_LAMBDA,
    accessKeyId: env.AWS_ACCESS_KEY_ID,
    secretAccessKey: env.AWS_SECRET_ACCESS_KEY,
    sessionToken: env.AWS_SESSION_TOKEN ?? "",
  };
  for (const [name, value] of Object.entries(values)) await page.fill(`[name=${name}]`, value);
  await page.click("button");
  await page.waitForFunction(() => document.querySelector("pre").textContent);
  console.log(await page.textContent("pre"));
} finally {
  await browser.close();
  server.close();
}
