/** What was made before a secret was replaced goes on while the previous value is known, and no longer. */
import { describe, expect, test } from "vitest";
import { createCaller, dataOf, expectProblem, token, upload, type Call } from "../../support/app.ts";
import { useFreshStorage } from "../../support/database.ts";
import { png } from "../../support/pictures.ts";
import { authentication, planOf, queryStep, uploadStep } from "../../support/plans.ts";
import {
  JWT_SECRET_KEY,
  LINK_SECRET,
  linkKey,
  OTHER_JWT_SECRET_KEY,
  OTHER_LINK_SECRET,
  secrets,
} from "../../support/secrets.ts";
import { signLink } from "../../../src/runtime/links/signed-link.ts";
import { readObjectKey } from "../../../src/runtime/storage/object-key.ts";
import { backgroundPlan, recordingQueues } from "./jobs/support.ts";

useFreshStorage();

const fresh = { JWT_SECRET_KEY: OTHER_JWT_SECRET_KEY, LINK_SECRET: OTHER_LINK_SECRET };
const previous = { JWT_SECRET_KEY_PREVIOUS: JWT_SECRET_KEY, LINK_SECRET_PREVIOUS: LINK_SECRET };

/** A deployment's secrets, in the order in which a rotation changes them (docs/links.md). */
const stages = {
  before: secrets,
  announced: {
    ...secrets,
    JWT_SECRET_KEY_PREVIOUS: fresh.JWT_SECRET_KEY,
    LINK_SECRET_PREVIOUS: fresh.LINK_SECRET,
  },
  replaced: { ...fresh, ...previous },
  after: fresh,
} as const;
type Stage = keyof typeof stages;

const files = planOf([uploadStep({ visibility: "private", fileApi: true })], { id: "files-01", resource: "files-in" });
const who = planOf(
  [
    queryStep({
      sql: "SELECT ?1 AS id",
      parameters: [{ value: { from: "claim", path: ["id"] }, type: "any" }],
      send: "now",
    }),
  ],
  { id: "who-01", resource: "who" },
);
const queues = recordingQueues().bindings;
const at = (stage: Stage): Call => createCaller([files, who, backgroundPlan()], { ...stages[stage], ...queues });

const bareOf = (text: string) => ({ "x-access-token": text });
const bearerOf = (text: string) => ({ authorization: `Bearer ${text}` });
const oldToken = () => token({ id: "ann" }, { secret: JWT_SECRET_KEY });
const newToken = () => token({ id: "ann" }, { secret: OTHER_JWT_SECRET_KEY });
const picture = { fileName: "a.png", body: png([1, 2, 3]) };

type Stored = { readonly id: string; readonly download_url: string; readonly storage_key: string };

async function store(call: Call, text: string): Promise<Stored> {
  const stored = await dataOf<[Stored]>(await upload(call, "/files-in", bareOf(text), [picture]));
  return stored[0];
}

/** Stages and whether what each secret signed is taken there. */
const taken: readonly (readonly [Stage, boolean, boolean])[] = [
  ["before", true, false],
  ["announced", true, true],
  ["replaced", true, true],
  ["after", false, true],
];

describe.each(taken)("%s", (stage, takesOld, takesNew) => {
  const secretsOf = [
    [JWT_SECRET_KEY, LINK_SECRET, takesOld],
    [OTHER_JWT_SECRET_KEY, OTHER_LINK_SECRET, takesNew],
  ] as const;

  test("tokens", async () => {
    for (const [secret, , isTaken] of secretsOf) {
      const text = await token({ id: "ann" }, { secret });
      const endpoint = await at(stage)("/who", { method: "POST", headers: bareOf(text) });
      const fileApi = await at(stage)("/v1/upload", { headers: bearerOf(text) });
      const job = await at(stage)(`/jobs/${"0".repeat(32)}`, { headers: bareOf(text) });
      expect([endpoint.status, fileApi.status, job.status]).toEqual(isTaken ? [200, 200, 404] : [401, 401, 401]);
    }
    const forged = await token({ id: "ann" }, { secret: `${JWT_SECRET_KEY}x` });
    await expectProblem(await at(stage)("/who", { method: "POST", headers: bareOf(forged) }), 401, "unauthorized");
  });

  test("links that S3 clients sign", async () => {
    const { storage_key } = await store(at("replaced"), await newToken());
    const request = {
      base: "https://uploads.example",
      key: readObjectKey(storage_key)!,
      method: "GET",
      expiresSeconds: 60,
      now: new Date(),
    } as const;
    for (const [, secret, isTaken] of secretsOf) {
      const response = await at(stage)(await signLink({ ...linkKey, secret }, request));
      if (isTaken) expect(new Uint8Array(await response.arrayBuffer())).toEqual(picture.body);
      else await expectProblem(response, 403, "link_invalid");
    }
    const forged = await signLink({ ...linkKey, secret: `${LINK_SECRET}x` }, request);
    await expectProblem(await at(stage)(forged), 403, "link_invalid");
  });
});

describe("made before, used after", () => {
  test("the link of an endpoint's answer", async () => {
    const { download_url: url } = await store(at("before"), await oldToken());
    expect((await at("replaced")(url)).status).toBe(200);
    // Remembered as opened: but not for other secrets.
    await expectProblem(await at("after")(url), 403, "link_invalid");
  });

  test("a counted link counts on", async () => {
    const { id } = await store(at("before"), await oldToken());
    const issued = await at("before")(`/v1/upload/${id}/links`, {
      method: "POST",
      headers: { ...bearerOf(await oldToken()), "content-type": "application/json" },
      body: '{"expires": 600, "max_downloads": 2}',
    });
    const { url } = (await issued.json<{ data: { url: string } }>()).data;
    expect((await at("before")(url)).status).toBe(200);
    await expectProblem(await at("after")(url), 403, "link_invalid");
    expect((await at("replaced")(url)).status).toBe(200);
    await expectProblem(await at("replaced")(url), 410, "link_used_up");
  });

  test("a list's cursor", async () => {
    for (let count = 0; count < 3; count += 1) await store(at("before"), await oldToken());
    const page = async (stage: Stage, text: string, cursor: string) => {
      const response = await at(stage)(`/v1/upload?limit=1&cursor=${cursor}`, { headers: bearerOf(text) });
      if (response.status !== 200) return response.status;
      return (await response.json<{ data: { nextCursor: string; data: { _id: string }[] } }>()).data;
    };
    const first = await page("before", await oldToken(), "");
    if (typeof first === "number") throw new Error(String(first));
    const second = await page("replaced", await newToken(), first.nextCursor);
    if (typeof second === "number") throw new Error(String(second));
    expect(second.data[0]?._id).not.toBe(first.data[0]?._id);
    // What is given out now is signed with the new value.
    expect(await page("after", await newToken(), second.nextCursor)).toMatchObject({ nextCursor: null });
    expect(await page("after", await newToken(), first.nextCursor)).toBe(422);
    const altered = first.nextCursor.replace(/.$/, (last) => (last === "0" ? "1" : "0"));
    expect(await page("replaced", await newToken(), altered)).toBe(422);
  });

  test("a job's ticket", async () => {
    const accepted = await upload(at("before"), "/test", bareOf(await oldToken()), [picture]);
    expect(accepted.status).toBe(202);
    const { job_id: id } = await accepted.json<{ job_id: string }>();
    for (const text of [await oldToken(), await newToken()]) {
      expect((await at("replaced")(`/jobs/${id}`, { headers: bareOf(text) })).status).toBe(200);
    }
  });
});

test("what is made during a rotation outlives it", async () => {
  const { download_url: url } = await store(at("replaced"), await oldToken());
  expect((await at("after")(url)).status).toBe(200);
  await expectProblem(await at("before")(url), 403, "link_invalid");
});

test("an endpoint's own secret is replaced in the same way", async () => {
  const plan = { ...who, authentication: { ...authentication, keyName: "PARTNER_KEY" } };
  const call = createCaller([plan], { PARTNER_KEY: OTHER_JWT_SECRET_KEY, PARTNER_KEY_PREVIOUS: OTHER_LINK_SECRET });
  const statusOf = async (secret: string) =>
    (await call("/who", { method: "POST", headers: bareOf(await token({ id: "ann" }, { secret })) })).status;
  expect(await statusOf(OTHER_JWT_SECRET_KEY)).toBe(200);
  expect(await statusOf(OTHER_LINK_SECRET)).toBe(200);
  expect(await statusOf(JWT_SECRET_KEY)).toBe(401);
});

test("the file API takes tokens for its audience and of its issuer only", async () => {
  const call = createCaller([], { TOKEN_AUDIENCE: "uploads", TOKEN_ISSUER: "https://id.example" });
  const statusOf = async (claims: object) =>
    (await call("/v1/upload", { headers: bearerOf(await token({ id: "ann", ...claims })) })).status;
  expect(await statusOf({ aud: ["mail", "uploads"], iss: "https://id.example" })).toBe(200);
  expect(await statusOf({ aud: "uploads", iss: "https://id.other" })).toBe(401);
  expect(await statusOf({ aud: "mail", iss: "https://id.example" })).toBe(401);
  expect(await statusOf({})).toBe(401);
});
