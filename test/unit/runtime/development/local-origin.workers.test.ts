/** Pages of other servers on this machine may call a development server. */
import { expect, test } from "vitest";
import { forDevelopment } from "../../../../src/runtime/development/for-development.ts";
import type { Fetch } from "../../../../src/runtime/development/late-answer.ts";

const build = { plans: [], uncompiled: [], nearest: () => null, withOpenApi: (own: { readonly fetch: Fetch }) => own };
const worker = forDevelopment({ fetch: (_, env) => Response.json(env) }, build);

async function environmentFor(origin: string | null, env: object): Promise<unknown> {
  const headers = origin === null ? {} : { Origin: origin };
  const request = new Request("http://localhost:8787/upload", { headers }) as Parameters<Fetch>[0];
  return (await worker.fetch?.(request, env, {} as ExecutionContext))?.json();
}

test.each([
  ["http://localhost:5173"],
  ["http://localhost"],
  ["https://localhost:3000"],
  ["http://127.0.0.1:4321"],
  ["http://[::1]:8080"],
])("%s is allowed, beside what the setting names", async (origin) => {
  const env = { ALLOWED_ORIGINS: "https://app.example", DATABASE: "d1" };
  expect(await environmentFor(origin, env)).toEqual({ ...env, ALLOWED_ORIGINS: `https://app.example,${origin}` });
  expect(await environmentFor(origin, {})).toEqual({ ALLOWED_ORIGINS: `,${origin}` });
});

test.each([
  [null],
  ["null"],
  ["https://app.example"],
  ["http://localhost.evil.example"],
  ["http://localhost:5173.evil.example"],
  ["http://evil.example#localhost"],
  ["http://127.0.0.1.evil.example"],
])("%s is what the setting says", async (origin) => {
  expect(await environmentFor(origin, { ALLOWED_ORIGINS: "https://other.example" })).toEqual({
    ALLOWED_ORIGINS: "https://other.example",
  });
});
