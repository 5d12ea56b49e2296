/**
 * What one endpoint writes under a claim another one finds: the caller's own rows and nobody else's, whatever the claim
 * is, whatever column it is kept in, and wherever the statement compares it. The same on every engine.
 */
import { describe, expect, test } from "vitest";
import type { Json } from "../../../../../src/contract/plan.ts";
import { token, type Call } from "../../../../support/app.ts";
import { columnNames, positionNames, type ColumnName, type EngineName } from "./endpoints.ts";

const claims: readonly Json[] = [
  "user_01",
  "8181",
  8181,
  "8181.0",
  "9007199254740992",
  "9007199254740993",
  9007199254740992,
  0.5,
  "0.5",
  -7,
  "-7",
  true,
  "true",
  false,
  ["a", "b"],
  { a: 1 },
  "2026-01-02T03:04:05.678Z",
  "2026-01-02T04:04:05.678+01:00",
];

const isWhole = (text: string) => /^[+-]?\d{1,19}$/.test(text);
const textOf = (claim: Json) => (typeof claim === "string" ? claim : JSON.stringify(claim));

/** What a claim is in a column: equal keys are equal values there, and null is refused with 422. */
const keys: Readonly<Record<ColumnName, (claim: Json, engine: EngineName) => string | null>> = {
  text: textOf,
  whole(claim) {
    if (typeof claim === "number") return Number.isSafeInteger(claim) ? String(claim) : null;
    return typeof claim === "string" && isWhole(claim) ? String(BigInt(claim)) : null;
  },
  // Fifteen digits: PostgreSQL rounds what has more, D1 refuses it.
  ratio(claim, engine) {
    if (typeof claim !== "number" && typeof claim !== "string") return null;
    if (claim === "9007199254740993" && engine === "d1") return null;
    return Number.isFinite(Number(claim)) ? String(Number(claim)) : null;
  },
  decimal(claim, engine) {
    if (claim === "9007199254740993") return engine === "d1" ? null : claim;
    return keys.ratio(claim, engine);
  },
  flag: (claim) => (claim === true || claim === "true" ? "true" : claim === false ? "false" : null),
  moment(claim) {
    const moment = typeof claim === "string" ? new Date(claim) : null;
    return moment === null || Number.isNaN(moment.getTime()) ? null : moment.toISOString();
  },
  body(claim) {
    if (typeof claim !== "string") return JSON.stringify(claim);
    try {
      // JSON has one kind of number.
      return typeof JSON.parse(claim) === "number" ? claim.replace(/\.0$/, "") : claim;
    } catch {
      return null;
    }
  },
};

export interface OwnRowsHarness {
  readonly engine: EngineName;
  readonly call: Call;
  readonly secret: string;
}

/** Each test begins with an empty table `kept` and no documents. */
export function describeOwnRows({ engine, call, secret }: OwnRowsHarness): void {
  const send = async (path: string, claim: Json, payload: Json = {}) => {
    const headers = { "x-access-token": await token({ team: claim }, { secret }), "content-type": "application/json" };
    return call(path, { method: "POST", headers, body: JSON.stringify(payload) });
  };
  const idOf = (index: number) => `row-${String(index).padStart(2, "0")}`;
  const read = async (path: string, claim: Json, field: string): Promise<Json> => {
    const response = await send(path, claim);
    if (response.status !== 200) return response.status;
    const { data } = await response.json<{ data: Record<string, Json>[] }>();
    return data.map((row) => row[field] ?? null);
  };
  /** Ids of the rows with the claim's key; 422 for a claim that the column cannot be. */
  const expected = (keyOf: (claim: Json) => string | null): Json[] => {
    const all = claims.map(keyOf);
    return all.map((key) => (key === null ? 422 : claims.flatMap((_, at) => (all[at] === key ? [idOf(at)] : []))));
  };

  describe.each(columnNames)("the column %s", (column) => {
    const wanted = expected((claim) => keys[column](claim, engine));

    test.each(["insert", "update"])("%s", async (verb) => {
      for (const [index, claim] of claims.entries()) {
        const id = idOf(index);
        const isRefused = wanted[index] === 422;
        if (verb === "update") expect((await send("/insert-text", "nobody", { id })).status).toBe(200);
        const { status } = await send(`/${verb}-${column}`, claim, { id });
        expect(status, JSON.stringify(claim)).toBe(isRefused ? 422 : 200);
      }
      // What is kept is the same: one place tells.
      for (const position of verb === "insert" ? positionNames : ["right"]) {
        const found = await Promise.all(claims.map((claim) => read(`/read-${column}-${position}`, claim, "id")));
        expect(found, position).toEqual(wanted);
      }
    });
  });

  test("documents: a number is its text, everything else is itself", async () => {
    const wanted = expected((claim) => JSON.stringify(typeof claim === "number" ? String(claim) : claim));
    for (const [index, claim] of claims.entries()) {
      expect((await send("/insert-document", claim, { id: idOf(index) })).status).toBe(200);
    }
    const found = await Promise.all(claims.map((claim) => read("/read-document", claim, "name")));
    expect(found).toEqual(wanted);
  });
}
