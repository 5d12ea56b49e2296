/** A client that a public generator makes of the document: it compiles, refuses what is misspelt, and works. */
import { cp, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { anyFreePort } from "../../../src/compiler/sql/postgres/free-port.ts";
import { check, npm, refusal, run } from "../package/commands.ts";
import { startDev, type Project } from "../package/project.ts";

const program = `
import createClient from "openapi-fetch";
import type { paths } from "./api.d.ts";

const [origin = "", token = ""] = process.argv.slice(2);
const client = createClient<paths>({ baseUrl: origin, headers: { Authorization: \`Bearer \${token}\` } });

const form = new FormData();
form.set("file", new Blob(["%PDF-1.7\\n1 0 obj\\n<<>>\\nendobj\\n%%EOF\\n"], { type: "application/pdf" }), "lunch.pdf");
const sent = await client.POST("/receipts", { body: { file: "" }, bodySerializer: () => form });
const name: string | undefined = sent.data?.data.name;

const listed = await client.GET("/receipts");
const names: string[] = (listed.data?.data ?? []).map((row) => row.name);

const refused = await client.GET("/receipts", { headers: { Authorization: "Bearer none" } });
const code: "unauthorized" | undefined = refused.response.status === 401 ? refused.error?.code as "unauthorized" : undefined;

console.log(JSON.stringify({ name, names, code }));
`;

/** The same by the package's own client, and what `sluice types` writes. */
const ownProgram = `
import { createClient } from "sluice/client";
import { endpoints } from "./endpoints.ts";

const [origin = "", token = ""] = process.argv.slice(2);
const client = createClient(origin, { endpoints, token });

const file = new File(["%PDF-1.7\\n1 0 obj\\n<<>>\\nendobj\\n%%EOF\\n"], "dinner.pdf", { type: "application/pdf" });
const { name } = await client.call("add-receipt-01", { files: [file] });
const rows = await client.call("list-receipts-01");
const code = await client.call("add-receipt-01", { files: [] }).catch((error) => error.code);
console.log(JSON.stringify({ name, names: rows.map((row) => row.name), code }));
`;

const ownMistakes = [
  ["an endpoint", '"add-receipt-01", { files: [file]', '"add-receipt-02", { files: [file]'],
  ["a member of the call", "{ files: [file] }", "{ file: [file] }"],
  ["a field of the answer", "row.name", "row.nmae"],
] as const;

/** Each would be undefined when it runs. */
const mistakes = [
  ["a path", '"/receipts", { body', '"/receipt", { body'],
  ["a method", "client.GET(", "client.PUT("],
  ["a field of the form", "{ file:", "{ fill:"],
  ["a field of the answer", "row.name", "row.nmae"],
] as const;

export async function checkGeneratedClient(project: Project): Promise<void> {
  await project.edit("wrangler.toml", (text) => text.replace(/^\[vars\]$/m, '$&\nOPENAPI = "on"'));
  const server = await startDev(project, await anyFreePort());
  const document = await (await fetch(`${server.origin}/openapi.json`)).text();
  await project.sluice("openapi", "openapi.json");
  check(
    (await project.sluice("openapi", "--check")).includes("up to date"),
    "openapi.json is what sluice openapi writes",
  );

  const folder = join(project.folder, "../generated");
  await mkdir(folder);
  await cp(new URL("client/package.json", import.meta.url), join(folder, "package.json"));
  await writeFile(join(folder, "openapi.json"), document);
  await npm(folder, "install");
  const tool = (name: string, ...parameters: string[]) =>
    run(folder, join(folder, "node_modules/.bin", name), parameters);
  await tool("openapi-typescript", "openapi.json", "--output", "api.d.ts");
  const strict = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2024", "--allowImportingTsExtensions"];
  const compile = async (text: string): Promise<string> => {
    await writeFile(join(folder, "client.ts"), text);
    return tool("tsc", ...strict, "client.ts");
  };
  const checkCompiled = async (text: string, wrongs: readonly (readonly [string, string, string])[]) => {
    for (const [what, right, wrong] of wrongs) {
      check(text.includes(right), `${what} can be misspelt`);
      const refused = await refusal(compile(text.replace(right, wrong)));
      check(refused.includes("client.ts("), `${what} that is not there is refused`);
    }
    await compile(text);
  };
  await checkCompiled(program, mistakes);
  const token = (await project.sluice("token", "--id", "generated")).trim();
  const said = await run(folder, process.execPath, ["client.ts", server.origin, token]);
  const expected = JSON.stringify({ name: "lunch.pdf", names: ["lunch.pdf"], code: "unauthorized" });
  check(said.trim().endsWith(expected), "the generated client uploads, lists and is refused", said);

  await project.sluice("types", join(folder, "endpoints.ts"));
  await symlink(join(project.folder, "node_modules/sluice"), join(folder, "node_modules/sluice"));
  await checkCompiled(ownProgram, ownMistakes);
  const saidByOwn = await run(folder, process.execPath, ["client.ts", server.origin, token]);
  const expectedOfOwn = JSON.stringify({
    name: "dinner.pdf",
    names: ["dinner.pdf", "lunch.pdf"],
    code: "content_type_unsupported",
  });
  check(saidByOwn.trim().endsWith(expectedOfOwn), "the package's own client uploads, lists and is refused", saidByOwn);
  await server.stop();
}
