import { base64url } from "jose";
import { expect, test } from "vitest";
import { as, createCaller, dataOf, expectProblem, token } from "../../../support/app.ts";
import { readStored, useFreshStorage } from "../../../support/database.ts";
import { JWT_SECRET_KEY, OTHER_JWT_SECRET_KEY } from "../../../support/secrets.ts";
import { authentication, planOf, queryStep, uploadStep } from "../../../support/plans.ts";

useFreshStorage();

const query = queryStep({
  sql: "SELECT ?1 AS id",
  parameters: [{ value: { from: "claim", path: ["id"] }, type: "any" }],
  send: "now",
});
const call = createCaller([planOf([query]), planOf([uploadStep()], { id: "up-01", resource: "up" })]);
const bearer = createCaller([
  planOf([query], { authentication: { ...authentication, header: "authorization", bearer: true } }),
]);

const unsigned = (header: object, payload: object) =>
  `${base64url.encode(JSON.stringify(header))}.${base64url.encode(JSON.stringify(payload))}.`;
const inTenMinutes = Math.floor(Date.now() / 1000) + 600;

test("a good token opens the endpoint and gives its claims", async () => {
  expect(await dataOf(await call("/test", { method: "POST", headers: await as("user_01") }))).toEqual({
    id: "user_01",
  });
});

const reviewers = { role: ["admin", "reviewer"], level: [3, true] };
const required = createCaller([planOf([query], { authentication: { ...authentication, require: reviewers } })]);

test.each<[string, Record<string, unknown>, boolean]>([
  ["one of the values of each claim", { role: "admin", level: 3 }, true],
  ["a list that holds one", { role: ["user", "reviewer"], level: true }, true],
  ["none of the values", { role: "user", level: 3 }, false],
  ["one claim of two", { role: "admin" }, false],
  ["another type", { role: "admin", level: "3" }, false],
  ["a list in a list", { role: [["admin"]], level: 3 }, false],
  ["an object", { role: { admin: true }, level: 3 }, false],
  ["an empty list", { role: [], level: 3 }, false],
  ["null", { role: null, level: 3 }, false],
])("required claims: %s", async (_, claims, isAllowed) => {
  const headers = { "x-access-token": await token({ id: "u", ...claims }) };
  const answer = await required("/test", { method: "POST", headers });
  if (isAllowed) expect(await dataOf(answer)).toEqual({ id: "u" });
  else await expectProblem(answer, 403, "forbidden");
});

test("a bad token is 401 before its claims are looked at", async () => {
  const headers = { "x-access-token": await token({ id: "u", role: "admin", level: 3 }, { expires: -1 }) };
  await expectProblem(await required("/test", { method: "POST", headers }), 401, "unauthorized");
});

const refusals: readonly [string, () => Promise<string | null> | string | null][] = [
  ["no token", () => null],
  ["an empty token", () => ""],
  ["no token at all in it", () => "x.y.z"],
  ["another key", () => token({ id: "u" }, { secret: OTHER_JWT_SECRET_KEY })],
  ["another algorithm", () => token({ id: "u" }, { algorithm: "HS512", secret: "x".repeat(64) })],
  [
    "the right key under another algorithm",
    () => token({ id: "u" }, { algorithm: "HS384", secret: JWT_SECRET_KEY.padEnd(48) }),
  ],
  ["alg none", () => unsigned({ alg: "none" }, { id: "u", exp: inTenMinutes })],
  ["an unknown critical header", () => unsigned({ alg: "HS256", crit: ["x"], x: 1 }, { id: "u", exp: inTenMinutes })],
  ["expired", () => token({ id: "u" }, { expires: -1 })],
  ["expiring now", () => token({ id: "u" }, { expires: 0 })],
  ["no expiry", () => token({ id: "u" }, { expires: null })],
  ["not yet valid", () => token({ id: "u", nbf: inTenMinutes })],
  ["no claim", () => token({ sub: "u" })],
  ["an empty claim", () => token({ id: "" })],
  ["a null claim", () => token({ id: null })],
  ["a Bearer prefix in a bare header", async () => `Bearer ${await token({ id: "u" })}`],
  [
    "a token with a flipped bit",
    async () => (await token({ id: "u" })).replace(/.$/, (last) => (last === "A" ? "E" : "A")),
  ],
  ["a token of 9,000 characters", () => token({ id: "u".repeat(6700) })],
];

test.each(refusals)("refuses %s, always alike, before it reads the body", async (_, make) => {
  const value = await make();
  let pulled = 0;
  const body = new ReadableStream(
    {
      pull(controller) {
        pulled += 1;
        controller.enqueue(new Uint8Array(10));
      },
    },
    { highWaterMark: 0 },
  );
  const headers = {
    "content-type": "multipart/form-data; boundary=x",
    ...(value === null ? {} : { "x-access-token": value }),
  };
  const response = await call("/up", { method: "POST", headers, body });
  const problem = await expectProblem(response, 401, "unauthorized");
  expect(problem).toEqual({
    type: "about:blank",
    title: "A valid token is required",
    status: 401,
    success: false,
    message: "A valid token is required",
    data: null,
    code: "unauthorized",
    request_id: problem["request_id"],
  });
  expect(response.headers.get("www-authenticate")).toBe("Bearer");
  expect(pulled).toBe(0);
});

test.each(["../../x", "..", ".", "a/b", "a\\b", "", "a\u0000b", "a\nb", "\u202eb", "x".repeat(256), "ü".repeat(128)])(
  "the claim %j cannot be a folder",
  async (id) => {
    const form = new FormData();
    form.set("file", new File([Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10)], "a.png", { type: "image/png" }));
    const response = await call("/up", { method: "POST", headers: await as(id), body: form });
    await expectProblem(response, 401, "unauthorized");
    expect(await readStored()).toEqual({ objects: [], files: [], gallery: [] });
  },
);

test.each([{ a: 1 }, ["u"], true])("the claim %j cannot own files", async (id) => {
  const form = new FormData();
  form.set("file", new File([Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10)], "a.png", { type: "image/png" }));
  const headers = { "x-access-token": await token({ id }) };
  const plan = planOf([uploadStep({ folder: [{ from: "literal", value: "x" }] })]);
  await expectProblem(
    await createCaller([plan])("/test", { method: "POST", headers, body: form }),
    401,
    "unauthorized",
  );
});

test.each(["a", "x".repeat(255), "ü".repeat(127), "user name", "user@example.com", "a%2e%2e%2fb"])(
  "the claim %j is one segment",
  async (id) => {
    const form = new FormData();
    form.set("file", new File([Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10)], "a.png", { type: "image/png" }));
    const [file] = await dataOf<{ storage_key: string }[]>(
      await call("/up", { method: "POST", headers: await as(id), body: form }),
    );
    expect(file?.storage_key.split("/").slice(0, 2)).toEqual(["gallery", id]);
  },
);

test("Authorization carries Bearer and the token, in any case", async () => {
  for (const scheme of ["Bearer", "bearer", "BEARER"]) {
    const headers = { authorization: `${scheme} ${await token({ id: "u" })}` };
    expect((await bearer("/test", { method: "POST", headers })).status).toBe(200);
  }
  for (const value of [
    await token({ id: "u" }),
    `Basic ${await token({ id: "u" })}`,
    `Bearer ${await token({ id: "u" })}, x`,
  ]) {
    await expectProblem(
      await bearer("/test", { method: "POST", headers: { authorization: value } }),
      401,
      "unauthorized",
    );
  }
});

test.each([
  ["a short key", { JWT_SECRET_KEY: "x".repeat(31) }],
  ["no key", { JWT_SECRET_KEY: undefined }],
])("%s is the deployment's fault, and says nothing of it", async (_, bindings) => {
  const response = await createCaller([planOf([query])], bindings)("/test", { method: "POST", headers: await as("u") });
  expect(JSON.stringify(await expectProblem(response, 500, "misconfigured"))).not.toContain("JWT_SECRET_KEY");
});
