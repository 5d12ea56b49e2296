/** Who calls: one rule for files, idempotency keys, jobs, the file API and folders. */
import { env } from "cloudflare:workers";
import { describe, expect, test } from "vitest";
import type { Plan } from "../../../../src/contract/plan.ts";
import { createCaller, dataOf, expectProblem, tokenOf, upload } from "../../../support/app.ts";
import { useFreshStorage } from "../../../support/database.ts";
import { authentication, planOf, queryStep, uploadStep } from "../../../support/plans.ts";
import type { ListPage } from "../file-api/support.ts";
import { background, deliver, recordingQueues, red, storeRows } from "../jobs/support.ts";

useFreshStorage();

const plain = uploadStep({ folder: [{ from: "literal", value: "x" }] });
const one = queryStep({ sql: "SELECT 1 AS one", send: "now" });
const plans: readonly Plan[] = [
  planOf([plain], { id: "own-01", resource: "own" }),
  planOf([one], { id: "read-01", resource: "read" }),
  planOf([plain, storeRows], { id: "job-01", resource: "job", background: background() }),
  planOf([uploadStep()], { id: "folder-01", resource: "folder" }),
  planOf([{ mode: "delete-files", id: 1, maxKeys: 10 }], { id: "delete-01", resource: "delete" }),
];
const { bindings } = recordingQueues();
const call = createCaller(plans, bindings);
const expires = Math.floor(Date.now() / 1000) + 600;

/** Headers for ABIs and the file API, of a token with these claims as JSON. */
async function headersOf(claims: string): Promise<Record<string, string>> {
  const token = await tokenOf(`{${claims},"exp":${expires}}`);
  return { "x-access-token": token, authorization: `Bearer ${token}` };
}

/** What each use of the caller's name answers. */
const uses: Readonly<Record<string, (headers: Record<string, string>) => Promise<Response>>> = {
  "an upload's owner": (headers) => upload(call, "/own", headers, [red]),
  "an idempotency key": (headers) =>
    call("/read", { method: "POST", headers: { ...headers, "idempotency-key": crypto.randomUUID() } }),
  "a job": (headers) => upload(call, "/job", headers, [red]),
  "a job that is asked for": (headers) => call(`/jobs/${"0".repeat(32)}`, { headers }),
  "a folder": (headers) => upload(call, "/folder", headers, [red]),
  "a deletion": (headers) =>
    call("/delete", {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: '["a/b.png"]',
    }),
  "the file API's list": (headers) => call("/v1/upload", { headers }),
  "the file API's upload": (headers) => upload(call, "/v1/upload", headers, [red]),
};

/** Statuses by use; jobs answer 202 and 404 where the caller is somebody. */
async function statusesOf(claims: string): Promise<Record<string, number>> {
  const headers = await headersOf(claims);
  const statuses: Record<string, number> = {};
  for (const [name, use] of Object.entries(uses)) {
    const { status } = await use(headers);
    statuses[name] = status === 202 || status === 404 ? 200 : status;
  }
  return statuses;
}

const everywhere = (status: number) => Object.fromEntries(Object.keys(uses).map((name) => [name, status]));

test.each<[id: string, owner: string]>([
  ['"user_01"', "user_01"],
  ['"ünï 😀"', "ünï 😀"],
  ['"9007199254740993"', "9007199254740993"],
  ['"1e400"', "1e400"],
  ["8181", "8181"],
  ["0", "0"],
  ["-1", "-1"],
  ["8.181e3", "8181"],
  ["9007199254740991", "9007199254740991"],
  ["-9007199254740991", "-9007199254740991"],
  [`"${"x".repeat(255)}"`, "x".repeat(255)],
])("the claim %s names somebody, everywhere", async (id, owner) => {
  expect(await statusesOf(`"id":${id}`)).toEqual(everywhere(200));
  const files = await env.DB.prepare("SELECT DISTINCT owner FROM files").all();
  expect(files.results).toEqual([{ owner }]);
  const keys = await env.DB.prepare(
    "SELECT owner FROM sluice_idempotency_keys UNION SELECT owner FROM sluice_jobs",
  ).all();
  expect(keys.results).toEqual([{ owner }]);
});

test.each([
  "9007199254740992",
  "9007199254740993",
  "-9007199254740992",
  "1e400",
  "1e20",
  "0.5",
  "8181.0000000000000000001",
  "true",
  "false",
  '{"a":1}',
  '["u"]',
  '""',
  "null",
  `"${"x".repeat(256)}"`,
  `"${"ü".repeat(128)}"`,
  '"a\\u0000b"',
  '"a\\nb"',
  '"a\\u007fb"',
  '"a\\u0085b"',
  '"\\ud800"',
  '"x","id":"y"',
  '"x","\\u0069d":"x"',
])("the claim %s names nobody, everywhere", async (id) => {
  expect(await statusesOf(`"id":${id}`)).toEqual(everywhere(401));
  const rows = env.DB.prepare(
    "SELECT owner FROM files UNION SELECT owner FROM sluice_idempotency_keys UNION SELECT owner FROM sluice_jobs",
  );
  expect((await rows.all()).results).toEqual([]);
});

test.each(['"a/b"', '".."', '"a\\\\b"', '"\\u202eb"'])("%s is a name, and no folder's", async (id) => {
  const nowhere = { "a folder": 401, "the file API's upload": 401 };
  expect(await statusesOf(`"id":${id}`)).toEqual({ ...everywhere(200), ...nowhere });
});

test("a refusal is the same 401 as every other, before the body is read", async () => {
  for (const id of ["true", "9007199254740993"]) {
    const headers = await headersOf(`"id":${id}`);
    for (const path of ["/own", "/job", "/delete"]) {
      let pulled = 0;
      const body = new ReadableStream({ pull: () => void (pulled += 1) }, { highWaterMark: 0 });
      const type = path === "/delete" ? "application/json" : "multipart/form-data; boundary=x";
      const response = await call(path, { method: "POST", headers: { ...headers, "content-type": type }, body });
      expect(await expectProblem(response, 401, "unauthorized")).toMatchObject({
        message: "A valid token is required",
      });
      expect(response.headers.get("www-authenticate")).toBe("Bearer");
      expect(pulled).toBe(0);
    }
  }
});

describe("two users whose ids differ in the last of 16 digits", () => {
  const listOf = async (headers: Record<string, string>) =>
    (await (await call("/v1/upload", { headers })).json<{ data: ListPage }>()).data.data;

  test("as text are two owners: one neither lists nor reads, links or deletes what the other has", async () => {
    const [ann, eve] = [await headersOf('"id":"9007199254740992"'), await headersOf('"id":"9007199254740993"')];
    expect((await upload(call, "/v1/upload/private", ann, [red])).status).toBe(200);
    const [file] = await listOf(ann);
    expect(file?.uploaded_by).toBe("9007199254740992");
    expect(await listOf(eve)).toEqual([]);
    const id = file?._id ?? "";
    for (const path of [id, `url/${id}`, `${id}/links`]) {
      expect((await call(`/v1/upload/${path}`, { headers: eve })).status, path).toBe(404);
      expect((await call(`/v1/upload/${path}`, { headers: ann })).status, path).toBe(200);
    }
    expect((await call(`/v1/upload/${id}`, { method: "DELETE", headers: eve })).status).toBe(404);
    const deletion = { method: "POST", body: JSON.stringify([file?.name]) };
    const headers = { ...eve, "content-type": "application/json" };
    expect(await dataOf(await call("/delete", { ...deletion, headers }))).toMatchObject([{ status: "not_found" }]);
    expect(await listOf(ann)).toHaveLength(1);
  });

  test("as numbers are nobody: neither can be told from another", async () => {
    for (const id of ["9007199254740992", "9007199254740993"]) {
      expect(await statusesOf(`"id":${id}`)).toEqual(everywhere(401));
    }
  });
});

describe("which claim", () => {
  const bySubject = { ...authentication, claims: ["sub"] };
  const byRole = { ...authentication, claims: ["role"] };
  const others = createCaller([
    planOf([plain], { id: "sub-01", resource: "sub", authentication: bySubject }),
    planOf([plain], { id: "role-01", resource: "role", authentication: byRole }),
  ]);

  test.each<[claims: string, owner: string | null]>([
    ['"id":"a","sub":"b"', "a"],
    ['"sub":"b"', "b"],
    ['"id":null,"sub":"b"', "b"],
    ['"id":"","sub":"b"', "b"],
    ['"id":7,"sub":"b"', "7"],
  ])("%s is %s, whatever the endpoint extracts", async (claims, owner) => {
    const headers = await headersOf(`${claims},"role":"editor"`);
    for (const path of ["/sub", "/role", "/v1/upload"]) {
      const response = await upload(others, path, headers, [red]);
      expect(response.status, path).toBe(path === "/sub" && !claims.includes('"sub"') ? 401 : 200);
    }
    const owners = await env.DB.prepare("SELECT DISTINCT owner FROM files").all();
    expect(owners.results).toEqual([{ owner }]);
  });

  test("an id that is no name is not passed over for a sub that is one", async () => {
    const headers = await headersOf('"id":true,"sub":"b","role":"editor"');
    for (const path of ["/sub", "/role", "/v1/upload"]) {
      expect((await upload(others, path, headers, [red])).status, path).toBe(401);
    }
  });

  test("a token of nobody uploads for nobody where no claim is asked for, and owns no key", async () => {
    const headers = await headersOf('"role":"editor"');
    expect((await upload(others, "/role", headers, [red])).status).toBe(200);
    expect(await env.DB.prepare("SELECT owner FROM files").first()).toEqual({ owner: null });
    const keyed = await upload(others, "/role", { ...headers, "idempotency-key": "k" }, [red]);
    await expectProblem(keyed, 422, "idempotency_key_invalid");
    expect((await upload(others, "/v1/upload", headers, [red])).status).toBe(401);
  });
});

describe("claims that name nobody", () => {
  const echo = (path: string) =>
    createCaller([
      planOf(
        [
          queryStep({
            sql: "SELECT ?1 AS v",
            parameters: [{ value: { from: "claim", path: [path] }, type: "json" }],
            columns: { v: "json" },
            send: "now",
          }),
        ],
        {
          authentication: { ...authentication, claims: [path] },
        },
      ),
    ]);

  test.each(["true", "false", '["a",{"b":null}]', '{"a":{"b":[1]}}', "0.1", "1e20", "9007199254740992", "-0.5"])(
    "%s keeps its type as a parameter",
    async (value) => {
      for (const name of ["team", "id"]) {
        const response = await echo(name)("/test", { method: "POST", headers: await headersOf(`"${name}":${value}`) });
        expect(await dataOf(response), name).toEqual({ v: JSON.parse(value) });
      }
    },
  );

  test.each([
    '"team":9007199254740993',
    '"team":1e400',
    '"team":[0.1000000000000000055511151231257827]',
    '"team":{"a":[{"b":-9007199254740993}]}',
    '"team":"a","rank":12345678901234567891',
    '"team":"a","iat":1700000000.1234567890123',
  ])("%s is no token's: the number would become another one", async (claims) => {
    await expectProblem(
      await echo("team")("/test", { method: "POST", headers: await headersOf(claims) }),
      401,
      "unauthorized",
    );
  });

  test.each([
    ['"team":1,"team":"b"', 401],
    ['"team":1,"x":{"k":1,"k":1}', 401],
    ['"team":1,"x":[{"k":1},[{"\\u006b":1,"k":2}]]', 401],
    ['"team":1,"x":[{"k":1},{"k":2}],"k":{"k":{"k":1}}', 200],
    ['"team":1,"x":"\\"team\\":1,{\\"x\\":","y":["team","team"]', 200],
    ['"team" : 1 , "x" :\t"9007199254740993"', 200],
  ])("%s: %i, as no name stands twice in one object", async (claims, status) => {
    const response = await echo("team")("/test", { method: "POST", headers: await headersOf(claims) });
    expect(response.status).toBe(status);
  });

  test("a payload that is not UTF-8 is no token's", async () => {
    const text = new TextEncoder().encode(`{"team":"a?","exp":${expires}}`);
    const token = await tokenOf(text.map((byte) => (byte === 63 ? 0xff : byte)));
    const response = await echo("team")("/test", { method: "POST", headers: { "x-access-token": token } });
    await expectProblem(response, 401, "unauthorized");
  });
});

describe("the caller's address", () => {
  const shown = planOf([
    uploadStep({ fileApi: true }),
    queryStep({
      sql: "SELECT ?1 AS ip",
      parameters: [{ value: { from: "header", name: "ip" }, type: "any" }],
      send: "now",
    }),
  ]);

  test.each([
    ["192.0.2.1", "192.0.2.1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["::FFFF:C000:201", "192.0.2.1"],
    ["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
    ["not an address", null],
  ])("%s is spelt alike in $HEADER.ip, the audit of links and their binding", async (sent, address) => {
    const headers = { ...(await headersOf('"id":"ann"')), "cf-connecting-ip": sent };
    const caller = createCaller([shown]);
    expect(await dataOf(await upload(caller, "/test", headers, [red]))).toEqual({ ip: address });
    expect(await env.DB.prepare("SELECT client_ip FROM sluice_links").first()).toEqual({ client_ip: address });
    if (address === null) return;
    const [file] = (await (await caller("/v1/upload", { headers })).json<{ data: ListPage }>()).data.data;
    const body = JSON.stringify({ ip: sent });
    const path = `/v1/upload/${file?._id ?? ""}/links`;
    const link = await caller(path, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body,
    });
    const { data } = await link.json<{ data: Record<string, string> & { url: string } }>();
    expect(data).toMatchObject({ ip: address, requested_from: address });
    expect((await caller(data.url, { headers: { "cf-connecting-ip": address } })).status).toBe(200);
    expect((await caller(data.url, { headers: { "cf-connecting-ip": sent } })).status).toBe(200);
  });

  test("a job sees it as the call did", async () => {
    const reads = { payload: false, headers: ["ip"], results: [] };
    const plan = { ...shown, background: background({ reads }) };
    const caller = createCaller([plan], bindings);
    const headers = { ...(await headersOf('"id":"ann"')), "cf-connecting-ip": "::ffff:192.0.2.1", ip: "198.51.100.1" };
    const { job_id } = await (await upload(caller, "/test", headers, [red])).json<{ job_id: string }>();
    expect(await deliver([plan], [job_id])).toEqual(["ack"]);
    expect(await dataOf(await caller(`/jobs/${job_id}`, { headers }))).toMatchObject({ result: { ip: "192.0.2.1" } });
    const kept = await env.DB.prepare("SELECT context FROM sluice_jobs").first<string>("context");
    expect(kept).not.toContain("198.51.100.1");
  });
});
