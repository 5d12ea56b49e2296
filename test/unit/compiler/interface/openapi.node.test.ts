/** What `sluice openapi` writes: valid for two validators, each of which finds what the other does not. */
import { createConfig, lintFromString } from "@redocly/openapi-core";
import { Validator } from "@seriousme/openapi-schema-validator";
import { describe, expect, test } from "vitest";
import { printOpenApi } from "../../../../src/compiler/interface/openapi/document.ts";
import { abi, query, upload } from "../support.ts";
import { endpoints } from "./endpoints.ts";
import { describeAll } from "./support.ts";

const about = { title: "albums", version: "1.2.3", server: null, fileApi: true, fileApiResumable: true };

type Tree = { readonly [name: string]: Tree };

const print = async (abis = endpoints, options = about): Promise<string> =>
  printOpenApi(await describeAll(abis), options);

const parse = async (...parameters: Parameters<typeof print>): Promise<Tree> =>
  JSON.parse(await print(...parameters)) as Tree;

const namesOf = ({ parameters = {} }: Tree): unknown[] => Object.values(parameters).map(({ name }) => name);

/** By every door, and its callers give upload links. */
const linked = abi(
  [
    upload({
      links: { max_uploads: 30, max_expires: 600 },
      raw: true,
      resumable: true,
      max_file_uploads: 4,
      max_upload_file_size: 5000,
      allowed_mimetypes: ["image/png", "image/gif"],
    }),
  ],
  {
    id: "evidence-01",
    resource: "evidence/:case",
    path_parameters: { case: { type: "STRING", max_length: 40 } },
    query_parameters: { side: { type: "STRING", enum: ["left", "right"], optional: true } },
    protected: { provide_as: "Authorization", extract_claims: ["id"] },
  },
);

/** What is wrong with a document. */
async function judge(source: string): Promise<unknown[]> {
  const config = await createConfig({ extends: ["spec"] });
  const problems = await lintFromString({ source, config, absoluteRef: "openapi.json" });
  const { valid, errors } = await new Validator().validate(source);
  return [...problems.map(({ message, location }) => [message, location[0]?.pointer]), ...(valid ? [] : [errors])];
}

describe("the validators", () => {
  test("find nothing", async () => {
    expect(await judge(await print([...endpoints, linked]))).toEqual([]);
    expect(await judge(await print([], { ...about, fileApiResumable: false }))).toEqual([]);
    expect(await judge(await print([], { ...about, fileApi: false }))).toEqual([]);
  });

  test.each([
    ["a reference to nothing", '"#/components/schemas/Problem"', '"#/components/schemas/Nobody"'],
    ["an id twice", '"operationId": "album"', '"operationId": "albums-01"'],
    ["a parameter that may be missing in a path", '"in": "path",\n            "required": true', '"in": "path"'],
    ["a type that there is not", '"type": "string"', '"type": "text"'],
  ])("would find %s", async (_, before, after) => {
    const source = await print();
    expect(source).toContain(before);
    expect(await judge(source.replace(before, after))).not.toEqual([]);
  });
});

describe("the document", () => {
  test("paths that differ in names alone are one", async () => {
    const { paths } = await parse();
    expect(Object.keys(paths?.["/albums/{id}"] ?? {})).toEqual(["get", "post"]);
    const { parameters } = paths?.["/albums/{id}"]?.["post"] ?? {};
    expect(parameters).toMatchObject([{ name: "id", in: "path" }, { $ref: "#/components/parameters/IdempotencyKey" }]);
  });

  test("tokens", async () => {
    const { paths, components } = await parse();
    expect(components?.["securitySchemes"]).toMatchObject({
      bearer: { type: "http", scheme: "bearer" },
      "x-access-token": { type: "apiKey", in: "header", name: "x-access-token" },
    });
    expect(paths?.["/albums/{id}"]?.["get"]?.["security"]).toEqual([{ bearer: [] }]);
    expect(paths?.["/upload"]?.["post"]?.["security"]).toEqual([{ "x-access-token": [] }]);
    expect(paths?.["/feedback"]?.["post"]?.["security"]).toEqual([]);
  });

  test("a form with files", async () => {
    const { paths } = await parse();
    const { content, required } = paths?.["/upload-book"]?.["post"]?.["requestBody"] ?? {};
    expect(required).toBe(true);
    expect(content).toEqual({
      "multipart/form-data": {
        schema: {
          type: "object",
          properties: {
            title: { type: "string" },
            cover: { type: "string", format: "binary", description: "At most 20971520 bytes each, of image/png." },
            pages: {
              type: "array",
              items: { type: "string", format: "binary" },
              minItems: 0,
              maxItems: 4,
              description: "At most 5000 bytes each, of image/*.",
            },
          },
          required: ["title", "cover"],
        },
        encoding: { cover: { contentType: "image/png" }, pages: { contentType: "image/*" } },
      },
    });
  });

  test("rules of the payload, with an example that they take", async () => {
    const { paths } = await parse();
    const { content } = paths?.["/albums/{id}"]?.["post"]?.["requestBody"] ?? {};
    expect(content?.["application/json"]).toMatchObject({
      schema: {
        properties: {
          title: { type: "string", minLength: 1, maxLength: 80 },
          mood: { type: ["string", "null"], enum: ["good", "bad", null] },
          stars: { type: ["integer", "null"], minimum: 1, maximum: 5, default: 3 },
        },
        required: ["title"],
      },
      example: { title: "title", mood: "good", stars: 3, tags: ["tags"], place: { "post-code": "post-code" } },
    });
  });

  test("what is answered later is 202, and jobs have a path", async () => {
    const { paths } = await parse();
    expect(Object.keys(paths?.["/later"]?.["post"]?.["responses"] ?? {})).toContain("202");
    expect(paths?.["/jobs/{job_id}"]?.["get"]?.["security"]).toEqual([{ "x-access-token": [] }]);
  });

  test("a reading is told with 304, and without a body", async () => {
    const { paths } = await parse();
    const { get = {} } = paths?.["/albums"] ?? {};
    expect(Object.keys(get["responses"] ?? {})).toEqual(expect.arrayContaining(["200", "304", "401", "422", "503"]));
    expect(get["requestBody"]).toBeUndefined();
  });

  test("what is not there has no path", async () => {
    const { paths } = await parse([endpoints[0] ?? {}], { ...about, fileApi: false });
    expect(Object.keys(paths ?? {})).toEqual(["/albums/{id}"]);
  });

  test("a resumable upload: its creation, and an address of its own", async () => {
    const { paths } = await parse();
    const { post = {} } = paths?.["/videos"] ?? {};
    expect(Object.keys(post["responses"] ?? {})).toEqual(expect.arrayContaining(["200", "201", "412", "413", "460"]));
    expect(post["responses"]?.["201"]?.["headers"]).toHaveProperty("Location");
    expect(post["requestBody"]).toMatchObject({ required: false, content: { "application/offset+octet-stream": {} } });
    expect(namesOf(post)).toEqual(
      expect.arrayContaining(["Tus-Resumable", "Upload-Length", "Upload-Defer-Length", "Upload-Metadata"]),
    );
    const own = paths?.["/v1/uploads/video-01/{upload}"] ?? {};
    expect(Object.keys(own)).toEqual(["get", "head", "patch", "delete"]);
    for (const { security } of Object.values(own)) expect(security).toEqual([{ bearer: [] }]);
    const { get = {}, head = {}, patch = {} } = own;
    expect(Object.keys(get["responses"] ?? {})).toEqual(expect.arrayContaining(["200", "202", "404"]));
    expect(head["responses"]?.["200"]?.["headers"]).toHaveProperty("Upload-Offset");
    expect(Object.keys(patch["responses"] ?? {})).toEqual(expect.arrayContaining(["200", "204", "404", "409", "460"]));
    expect(patch["responses"]?.["409"]?.["description"]).toContain("`offset_conflict`");
    expect(namesOf(patch)).toEqual(expect.arrayContaining(["upload", "Upload-Offset", "Upload-Checksum"]));
  });

  test("where nothing is resumable, nothing is told of it", async () => {
    const { paths } = await parse([endpoints[3] ?? {}]);
    const { post = {} } = paths?.["/upload"] ?? {};
    expect(JSON.stringify([post, Object.keys(paths ?? {})])).not.toMatch(/[Tt]us-|v1\/uploads|offset\+/);
  });

  test("upload links: addresses of their own, and another way to prove oneself at the endpoint's", async () => {
    const { paths, components } = await parse([linked]);
    expect(components?.["securitySchemes"]?.["uploadLink"]).toMatchObject({
      type: "apiKey",
      in: "query",
      name: "upload",
    });
    const either = [{ bearer: [] }, { uploadLink: [] }];
    const own = paths?.["/evidence/{case}"] ?? {};
    expect(Object.entries(own).map(([method, { security }]) => [method, security])).toEqual([
      ["post", either],
      ["put", either],
    ]);
    for (const { security } of Object.values(paths?.["/v1/uploads/evidence-01/{upload}"] ?? {}))
      expect(security).toEqual(either);
    for (const code of ["link_invalid", "link_expired", "link_revoked", "link_used_up"])
      expect(JSON.stringify(own["post"])).toContain(`\`${code}\``);
    const links = paths?.["/evidence/{case}/links"] ?? {};
    expect(Object.keys(links)).toEqual(["post", "get", "delete"]);
    expect(Object.keys(paths?.["/evidence/{case}/links/{link}"] ?? {})).toEqual(["delete"]);
    const { post = {}, get = {} } = links;
    expect(post["security"]).toEqual([{ bearer: [] }]);
    expect([namesOf(post), namesOf(get)]).toEqual([["case", "side"], ["case"]]);
    expect(post["requestBody"]?.["content"]?.["application/json"]?.["schema"]?.["properties"]).toMatchObject({
      method: { enum: ["POST", "PUT"] },
      expires: { minimum: 1, maximum: 600, default: 600 },
      max_uploads: { minimum: 1, maximum: 30, default: 1 },
      max_bytes: { minimum: 1, maximum: 5000 },
      max_files: { minimum: 1, maximum: 4 },
      types: { description: "Some of image/png, image/gif." },
    });
  });

  test("where nobody gets links, nothing is told of them", async () => {
    expect(await print(endpoints, { ...about, fileApi: false })).not.toMatch(/uploadLink|Upload links/);
  });

  test("the answer to an upload is a job's, where its endpoint goes on in the background", async () => {
    const insert = query(2, "INSERT INTO albums (id, owner) VALUES ($1, $2)", ["$GENERATOR.KSUID", "$PROTECTED.id"]);
    const later = abi([upload({ resumable: true }), insert], { run_in_background: true });
    const { paths } = await parse([later]);
    const { get = {}, patch = {} } = paths?.["/v1/uploads/test-01/{upload}"] ?? {};
    expect(Object.keys(get["responses"] ?? {})).not.toContain("200");
    expect(JSON.stringify(get["responses"]?.["202"])).toMatch(/job_id.*Incomplete/);
    expect(Object.keys(patch["responses"] ?? {})).toEqual(expect.arrayContaining(["202", "204"]));
  });

  test("headers that are read, counted by, or prove something", async () => {
    const tenant = query(1, "SELECT id FROM albums WHERE owner = $1 AND title = $2", [
      "$HEADER.ip",
      "$HEADER.X-Tenant",
    ]);
    const limited = abi([tenant], {
      id: "limited",
      resource: "limited",
      rate_limit: { limit: 5, identifier: "$HEADER.X-Device", expires_after: 60 },
    });
    const verifications = {
      HeaderTokenVerifier: { header_key: "X-Hook", secret_key: "$ENV.HOOK" },
      HmacSignatureVerifier: { sig_header: "X-Signature", secret_key: "$ENV.SIGNED" },
      IpAllowListVerifier: { allowed_ips: ["192.0.2.0/24"] },
    };
    const hook = (id: string, more: object) => ({
      ...abi([tenant], { id, resource: id, ...more }),
      tokenize: undefined,
      protected: undefined,
    });
    const { paths } = await parse([
      limited,
      hook("all", { webhook: { verifications } }),
      hook("any", { webhook: { verifications, composition_strategy_mode: "ANY" } }),
    ]);
    const headersOf = (path: string) =>
      Object.values(paths?.[path]?.["post"]?.["parameters"] ?? {}).flatMap(({ name, in: place, required }) =>
        (place as unknown) === "header" ? [[name, required]] : [],
      );
    expect(headersOf("/limited")).toEqual([
      ["x-tenant", false],
      ["x-device", true],
    ]);
    expect(headersOf("/all")).toEqual([
      ["x-hook", true],
      ["x-signature", true],
      ["x-tenant", false],
    ]);
    expect(headersOf("/any")).toEqual([
      ["x-hook", false],
      ["x-signature", false],
      ["x-tenant", false],
    ]);
  });

  test("two methods are two operations, which have names of their own", async () => {
    const both = abi([query(1, "SELECT id FROM albums WHERE owner = $1", ["$PROTECTED.id"])], {
      id: "mine",
      resource: "mine",
      methods: ["GET", "POST"],
    });
    const { paths } = await parse([both]);
    expect(Object.values(paths?.["/mine"] ?? {}).map(({ operationId }) => operationId)).toEqual([
      "mine.get",
      "mine.post",
    ]);
  });
});
