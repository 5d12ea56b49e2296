/** An ABI of `jobs/…` beside the addresses of jobs: neither is reached by the other's name. */
import { expect } from "vitest";
import { jobDoor, type TokenHeader } from "./support/doors.ts";
import { across, suite } from "./support/suite.ts";
import { expectRefused } from "./support/verdicts.ts";
import { identify, openWorld, wire, type Answer } from "./support/world.ts";

const world = openWorld({}, { withOpenJobs: true });
const open = world.beside({ ALLOWED_HTTP_METHODS: "POST|GET" });

interface Asking {
  readonly name: string;
  readonly caller: string;
  readonly tokenIn: TokenHeader;
}
const ben: Asking = { name: "jobs/:title, Ben", caller: "ben", tokenIn: jobDoor.tokenIn };
const nobody: Asking = { name: "jobs/:title, nobody", caller: "", tokenIn: null };
const ann: Asking = { name: "jobs/:title, Ann", caller: "ann", tokenIn: jobDoor.tokenIn };

const ask = async ({ caller, tokenIn }: Asking, path: string, method = "GET"): Promise<Answer> =>
  open.ask(path, { method, headers: await identify(tokenIn, caller) });

const escaped = (digits: string): string => digits.replaceAll(/./g, (digit) => `%${digit.charCodeAt(0).toString(16)}`);
/** The address of a job, respelled by who hopes that one of the two sees another path than the other. */
const sameId: readonly (readonly [string, (id: string) => string])[] = [
  ["as it is", (id) => `/jobs/${id}`],
  ["a query", (id) => `/jobs/${id}?title=x`],
  ["the first digit escaped", (id) => `/jobs/${escaped(id.slice(0, 1))}${id.slice(1)}`],
  ["every digit escaped", (id) => `/jobs/${escaped(id)}`],
  ["an escaped letter in jobs", (id) => `/%6Aobs/${id}`],
  ["a slash behind it", (id) => `/jobs/${id}/`],
  ["a dot segment", (id) => `/jobs/./${id}`],
  ["a way back", (id) => `/jobs/x/../${id}`],
  ["an escaped way back", (id) => `/jobs/x/%2e%2e/${id}`],
  ["a backslash", (id) => `/jobs\\${id}`],
];
const otherId: readonly (readonly [string, (id: string) => string])[] = [
  ["in capitals", (id) => `/jobs/${id.toUpperCase()}A`.slice(0, 38)],
  ["in capitals, made of letters", () => `/jobs/${"ABCDEF".repeat(6).slice(0, 32)}`],
  ["a digit short", (id) => `/jobs/${id.slice(1)}`],
  ["a digit more", (id) => `/jobs/${id}0`],
  ["a zero in front", (id) => `/jobs/0${id}`],
  ["with hyphens", (id) => `/jobs/${id.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-")}`],
  ["a digit twice escaped", (id) => `/jobs/%253${id.slice(1)}`],
  ["a digit of another script", (id) => `/jobs/%EF%BC%91${id.slice(1)}`],
  ["a NUL behind it", (id) => `/jobs/${id}%00`],
  ["a line break behind it", (id) => `/jobs/${id}%0A`],
  ["a space in front", (id) => `/jobs/%20${id}`],
  ["a wildcard", (id) => `/jobs/${id.slice(1)}%25`],
  ["a semicolon", (id) => `/jobs/${id};x`],
  ["an escaped slash behind it", (id) => `/jobs/${id}%2f`],
  ["an escaped slash in front", (id) => `/jobs/%2f${id}`],
  ["an escaped slash for the slash", (id) => `/jobs%2f${id}`],
  ["two slashes", (id) => `/jobs//${id}`],
  ["capitals in jobs", (id) => `/JOBS/${id}`],
  ["something below", (id) => `/jobs/${id}/title`],
  ["by the endpoint's id", (id) => `/open-jobs-01/${id}`],
  ["two ids", (id) => `/jobs/${id},${id}`],
];

suite(
  "39 addresses of jobs beside an ABI's",
  [
    ...across([ben, nobody], sameId, async (asking, spell) => {
      const answer = await ask(asking, spell(world.target.jobId));
      expectRefused(jobDoor, answer, asking === nobody ? "unauthorized" : "job_not_found");
      expect(wire(answer)).toBe(wire(await ask(asking, `/jobs/${"f".repeat(32)}`)));
    }),
    ...across([ben, nobody, ann], otherId, async (asking, spell) => {
      const answer = await ask(asking, spell(world.target.jobId));
      // Of 31 digits the ABI may make what it likes: they are no job's.
      if (answer.status === 200) expect(answer.json["data"]).toEqual({ title: world.target.jobId.slice(1) });
      else expectRefused(jobDoor, answer, "parameter_invalid", "resource_not_found");
    }),
    ...across(
      [ben, nobody, ann],
      ["POST", "PUT", "PATCH", "DELETE"].map((method) => [method, method] as const),
      async (asking, method) => {
        expectRefused(jobDoor, await ask(asking, `/jobs/${world.target.jobId}`, method), "method_not_allowed");
      },
    ),
    ...across([ben, nobody, ann], [["an ABI's title", "engineer"]] as const, async (asking, title) => {
      expect((await ask(asking, `/jobs/${title}`)).json["data"]).toEqual({ title });
    }),
    ...across([ann], sameId, async (asking, spell) => {
      const answer = await ask(asking, spell(world.target.jobId));
      expect(answer.json["data"]).toMatchObject({ job_id: world.target.jobId });
    }),
  ],
  { leavesNothing: true },
);
