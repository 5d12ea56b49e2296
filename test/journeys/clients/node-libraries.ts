/** The libraries of Node, each called as its manual shows it. */
import { createReadStream, createWriteStream, openAsBlob } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { pipeline } from "node:stream/promises";
import axios from "axios";
import { got } from "got";
import superagent from "superagent";
import { Agent, FormData as UndiciForm, request } from "undici";
import type { Client, Headers, Library, Upload } from "./client.ts";
import { libraryChecks } from "./library-checks.ts";

/** Node's own dispatcher, an older undici that this one would take, hangs at this one's forms, whatever the server. */
const dispatcher = new Agent();

const libraries: Readonly<Record<string, Library>> = {
  axios: {
    async upload({ url, headers, path }) {
      const { status, data } = await axios.postForm<unknown>(url, { file: createReadStream(path) }, { headers });
      return { status, body: data };
    },
    async download({ method, url, headers, target }) {
      const options = { method, url, headers, responseType: "stream", validateStatus: null } as const;
      const answer = await axios.request<NodeJS.ReadableStream>(options);
      await pipeline(answer.data, createWriteStream(target));
      return { status: answer.status, headers: plain(answer.headers) };
    },
  },
  undici: {
    async upload(call) {
      const body = await fill(new UndiciForm(), call);
      const answer = await request(call.url, { method: "POST", headers: call.headers, body, dispatcher });
      return { status: answer.statusCode, body: await answer.body.json() };
    },
    async download({ method, url, headers, target }) {
      const answer = await request(url, { method, headers, dispatcher });
      await pipeline(answer.body, createWriteStream(target));
      return { status: answer.statusCode, headers: plain(answer.headers) };
    },
  },
  got: {
    async upload(call) {
      const body = await fill(new FormData(), call);
      const answer = await got.post(call.url, { headers: call.headers, body, responseType: "json" });
      return { status: answer.statusCode, body: answer.body };
    },
    async download({ method, url, headers, target }) {
      const answer = await got(url, { method, headers, throwHttpErrors: false });
      await writeFile(target, answer.rawBody);
      return { status: answer.statusCode, headers: plain(answer.headers) };
    },
  },
  superagent: {
    async upload({ url, headers, path }) {
      const answer = await superagent.post(url).set(headers).attach("file", path);
      return { status: answer.status, body: answer.body as unknown };
    },
    async download({ method, url, headers, target }) {
      const asked = superagent(method, url).set(headers).responseType("arraybuffer");
      const answer = await asked.ok(() => true);
      await writeFile(target, Buffer.isBuffer(answer.body) ? answer.body : "");
      return { status: answer.status, headers: plain(answer.headers) };
    },
  },
};

export const nodeClients: readonly Client[] = Object.entries(libraries).map(([name, library]) => ({
  name,
  source: "npm ci",
  version: () => packageVersion(name),
  checks: libraryChecks(library),
}));

export async function packageVersion(name: string): Promise<string> {
  const file = new URL(`../../../node_modules/${name}/package.json`, import.meta.url);
  return (JSON.parse(await readFile(file, "utf8")) as { readonly version: string }).version;
}

/** The file is read while it is sent. */
async function fill<Form extends Pick<FormData, "append">>(form: Form, { path, type }: Upload): Promise<Form> {
  form.append("file", await openAsBlob(path, { type }), basename(path));
  return form;
}

const plain = (headers: object): Headers =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)]));
