/** What an editor makes of the schema: VS Code's language service, as most editors run it. */
import { describe, expect, test } from "vitest";
import { getLanguageService, type CompletionItem } from "vscode-json-languageservice";
import { TextDocument } from "vscode-languageserver-textdocument";
import { createJsonSchema } from "../../../../src/compiler/language/schema.ts";
import { actionableSnippets, endpointSnippets } from "../../../../src/compiler/language/snippets.ts";
import { compileMistake } from "../../../support/mistakes/all.ts";
import { endpoint, query, upload } from "../../../support/mistakes/mistake.ts";

const uri = "file:///abis/receipts.json";
// As an editor loads what "$schema" names.
const service = getLanguageService({ schemaRequestService: async () => JSON.stringify(createJsonSchema()) });
service.configure({
  validate: true,
  schemas: [{ uri: "file:///abis/schema.json", fileMatch: ["*"], schema: createJsonSchema() as object }],
});

function open(text: string) {
  const document = TextDocument.create(uri, "json", 1, text);
  return { document, parsed: service.parseJSONDocument(document) };
}

/** What is offered at the mark `▶`. */
async function complete(marked: string): Promise<CompletionItem[]> {
  const { document, parsed } = open(marked.replace("▶", ""));
  const list = await service.doComplete(document, document.positionAt(marked.indexOf("▶")), parsed);
  return list?.items ?? [];
}

async function check(text: string): Promise<string[]> {
  const { document, parsed } = open(text);
  const found = await service.doValidation(document, parsed);
  return found.map(
    ({ range, message }) => `${String(range.start.line + 1)}: ${typeof message === "string" ? message : message.value}`,
  );
}

const labels = (items: readonly CompletionItem[]): string[] => items.map(({ label }) => label.replaceAll('"', ""));

describe("completes", () => {
  test.each<[what: string, marked: string, offered: string[]]>([
    ["properties", endpoint([upload("▶")]), ["max_file_uploads", "upload_folder", "visibility", "fields", "replaces"]],
    ["values of a choice", endpoint([upload('"visibility": ▶')]), ["public", "private"]],
    ["a default", endpoint([upload('"max_file_uploads": ▶')]), ["1"]],
    ["sizes", endpoint([upload('"max_upload_file_size": ▶')]), ["20971520", "5242880"]],
    ["folders", endpoint([upload('"upload_folder": "▶"')]), ["/users/$PROTECTED.id"]],
    ["types", endpoint([upload('"fields": { "a": { "allowed_mimetypes": ["▶"] } }')]), ["image/*", "application/pdf"]],
    ["fields of a file", endpoint([upload("", '"returnables": ["▶"],')]), ["storage_key", "thumbhash", "download_url"]],
    [
      "accessors and generators",
      endpoint([query("SELECT id FROM gallery WHERE id = $1", '["▶"]')]),
      ["$PROTECTED.id", "$PAYLOAD.name", "$DATETIME", "$GENERATOR.KSUID", "$GENERATOR.UUID", "storage_key"],
    ],
    ["the key's name", endpoint([upload()]).replace('"$ENV.JWT_SECRET_KEY"', '"▶"'), ["$ENV.JWT_SECRET_KEY"]],
    [
      "types of rules",
      endpoint([upload("", '"payload_validation": [{ "field": { "a": { "type": "▶" } } }],')]),
      ["EMAIL"],
    ],
  ])("%s", async (_what, marked, offered) => {
    expect(labels(await complete(marked))).toEqual(expect.arrayContaining(offered));
  });

  test("a whole endpoint in an empty file, and an actionable in the list", async () => {
    const names = (snippets: typeof endpointSnippets) => snippets.map(({ label }) => label);
    expect(labels(await complete("▶"))).toEqual(expect.arrayContaining(names(endpointSnippets)));
    expect(labels(await complete(endpoint(["▶"])))).toEqual(expect.arrayContaining(names(actionableSnippets)));
  });
});

/** What a snippet becomes where nothing is filled in. */
const expand = (text: string): string => text.replaceAll(/\$\{\d:([^}]*)\}/g, "$1").replaceAll(/\\([$\\])/g, "$1");

describe("what is offered compiles, and the schema takes it", () => {
  test.each(endpointSnippets.map(({ label, bodyText }) => [label, expand(bodyText)]))("%s", async (_label, text) => {
    expect((await compileMistake(text)).diagnostics).toEqual([]);
    expect(await check(text)).toEqual([]);
  });

  test.each(actionableSnippets.map(({ label, bodyText }) => [label, expand(bodyText)]))("%s", async (_label, text) => {
    const source = endpoint([text]);
    const { diagnostics } = await compileMistake(source);
    // By itself an INSERT of a file's fields has no file.
    expect(diagnostics.filter(({ severity }) => severity === "fault")).toEqual([]);
    expect(await check(source)).toEqual([]);
  });
});

describe("checks", () => {
  test("comments and commas at the end are no fault", async () => {
    expect(await check(`// of receipts\n${endpoint([upload('"visibility": "private", /* for now */')])}`)).toEqual([]);
  });

  test.each<[what: string, text: string, told: string]>([
    ["a misspelt property", endpoint([upload('"max_file_upload": 2')]), "12: Property max_file_upload is not allowed."],
    [
      "a size with its unit",
      endpoint([upload('"max_upload_file_size": "20MB"')]),
      "12: expected a whole number, without quotes and unit",
    ],
    ["a truth in quotes", endpoint([upload('"file_api": "true"')]), "12: expected true or false, without quotes"],
    [
      "the key itself",
      endpoint([upload()]).replace('"$ENV.JWT_SECRET_KEY"', '"hunter2"'),
      "4: expected a secret of the deployment, written $ENV.NAME; never the secret itself",
    ],
    [
      "a route with a slash before it",
      endpoint([upload()]).replace('"receipts",', '"/receipts",'),
      "3: expected kebab-case words, or :name for a whole segment, / between segments",
    ],
  ])("%s", async (_what, text, told) => {
    expect(await check(text)).toContain(told);
  });
});
