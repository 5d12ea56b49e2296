/** What an author's own code is told of, and that nothing it does changes an answer. */
import { createExecutionContext, waitOnExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test, vi } from "vitest";
import {
  createSluice,
  type DeletedEvent,
  type Hooks,
  type RefusedEvent,
  type StoredEvent,
} from "../../../src/index.ts";
import { as, dataOf, formBody, MULTIPART, ORIGIN } from "../../support/app.ts";
import { buildOf } from "../../support/build.ts";
import { useFreshStorage } from "../../support/database.ts";
import { planOf, uploadStep } from "../../support/plans.ts";
import { red } from "./jobs/support.ts";

useFreshStorage();

const plans = [
  planOf([uploadStep({ maxFiles: 2, fileApi: true })]),
  planOf([{ mode: "delete-files", id: 1, maxKeys: 10 }], { id: "remove-01", resource: "remove" }),
];

/** Calls, and waits for what goes on after the answer. */
function callWith(hooks: Hooks<Env>) {
  const sluice = createSluice(buildOf(plans), hooks);
  return async (path: string, init: RequestInit = {}) => {
    const context = createExecutionContext();
    const response = await sluice.fetch(new Request(new URL(path, ORIGIN), init), env, context);
    const settled = waitOnExecutionContext(context);
    return { response, settled };
  };
}

const upload = async (headers: Record<string, string> = {}): Promise<RequestInit> => ({
  method: "POST",
  headers: { ...MULTIPART, ...(await as("ann")), ...headers },
  body: formBody([red, { ...red, fileName: "other.png" }]),
});

test("stored files are told once they are durable, with the Worker's bindings", async () => {
  const told: StoredEvent[] = [];
  const kept: string[] = [];
  const call = callWith({
    async onStored(event, { DB }) {
      told.push(event);
      const { results } = await DB.prepare("SELECT status FROM files").all<{ status: string }>();
      kept.push(...results.map(({ status }) => status));
    },
  });
  const { response, settled } = await call("/test", await upload());
  const rows = await dataOf<{ storage_key: string }[]>(response);
  await settled;
  expect(told).toMatchObject([{ endpoint: "test-01", requestId: response.headers.get("x-request-id") }]);
  expect(told[0]?.files.map(({ storageKey, owner }) => [storageKey, owner])).toEqual(
    rows.map(({ storage_key }) => [storage_key, "ann"]),
  );
  expect(kept).toEqual(["stored", "stored"]);
});

test("a repeat under an idempotency key stores nothing and tells nothing", async () => {
  const told = vi.fn<(event: StoredEvent) => void>();
  const call = callWith({ onStored: told });
  for (let time = 0; time < 2; time += 1) {
    const { response, settled } = await call("/test", await upload({ "idempotency-key": "once" }));
    expect(response.status).toBe(200);
    await settled;
  }
  expect(told).toHaveBeenCalledOnce();
});

test("deleted files are told, by an ABI and by the file API", async () => {
  const told: DeletedEvent[] = [];
  const call = callWith({ onDeleted: (event) => void told.push(event) });
  const { response } = await call("/test", await upload());
  const [first, second] = await dataOf<{ id: string; storage_key: string }[]>(response);
  const token = await as("ann");
  const keys = [first?.storage_key, "users/nobody.png"];
  const init = {
    method: "POST",
    headers: { ...token, "content-type": "application/json" },
    body: JSON.stringify(keys),
  };
  await (
    await call("/remove", init)
  ).settled;
  expect(told).toMatchObject([{ owner: "ann", storageKeys: [first?.storage_key], isRestorable: false }]);

  const bearer = { Authorization: `Bearer ${token["x-access-token"] ?? ""}` };
  const deletion = await call(`/v1/upload/${second?.id}`, { method: "DELETE", headers: bearer });
  expect(deletion.response.status).toBe(200);
  await deletion.settled;
  expect(told[1]).toMatchObject({ owner: "ann", storageKeys: [second?.storage_key], isRestorable: true });
});

test("a refusal is told with its code, and no more", async () => {
  const told: RefusedEvent[] = [];
  const call = callWith({ onRefused: (event) => void told.push(event) });
  const { response, settled } = await call("/test?secret=1", { method: "POST" });
  expect(response.status).toBe(401);
  await settled;
  const requestId = response.headers.get("x-request-id");
  expect(told).toEqual([{ requestId, method: "POST", path: "/test", status: 401, code: "unauthorized" }]);
});

test.each([
  ["throws", () => Promise.reject(new Error("hook"))],
  [
    "throws at once",
    () => {
      throw new Error("hook");
    },
  ],
])("a hook that %s is one line in the log", async (_how, onStored) => {
  const log = vi.fn<(level: string, event: string, details?: object) => void>();
  const call = callWith({ onStored, log });
  const { response, settled } = await call("/test", await upload());
  expect(response.status).toBe(200);
  await settled;
  expect(log).toHaveBeenCalledWith("error", "hook_failed", {
    request_id: response.headers.get("x-request-id"),
    hook: "onStored",
    error: "Error: hook",
    stack: expect.stringMatching(/^Error: hook\n {4}at .*hooks\.workers\.test\.ts/),
  });
});

test("a hook that hangs holds no answer up", async () => {
  let finish: () => void = () => undefined;
  const hanging = new Promise<void>((resolve) => (finish = resolve));
  const call = callWith({ onStored: () => hanging });
  const { response, settled } = await call("/test", await upload());
  expect(await dataOf<unknown[]>(response)).toHaveLength(2);
  finish();
  await settled;
});
