/** Statements that change rows answer the columns that `returnables` name, on every engine. */
import { expect, test } from "vitest";
import type { Json } from "../../../../../src/contract/plan.ts";
import { dataOf, expectProblem } from "../../../../support/app.ts";

export type Ask = (path: string, payload: Json) => Promise<Response>;

export function describeReturning(ask: Ask): void {
  const shelf = { id: "a", room: 7, notes: { tags: ["x"] } };
  const moment = /^\d{4}-\d\d-\d\dT[\d:.]+Z$/;

  test("an INSERT answers the actionable's returnables, each as its column's type", async () => {
    expect(await dataOf(await ask("/put-shelf", shelf))).toEqual({
      id: "a",
      roomNo: 7,
      notes: { tags: ["x"] },
      made_at: expect.stringMatching(moment),
    });
  });

  test("an INSERT answers the endpoint's", async () => {
    expect(await dataOf(await ask("/put-shelf-by-list", shelf))).toEqual({ owner: "ann" });
  });

  test("with multi, one row for each element, in order", async () => {
    const elements = ["b", "a", "c"].map((id) => ({ id, notes: [id] }));
    const rows = elements.map(({ id, notes }) => ({ id, notes }));
    expect(await dataOf(await ask("/put-shelves", elements))).toEqual(rows);
  });

  test("what conflicts returns no row, and one that must be there ends the call", async () => {
    expect(await dataOf(await ask("/put-once", shelf))).toEqual({ id: "a" });
    await expectProblem(await ask("/put-once", shelf), 422, "row_missing");
  });

  test("an UPDATE answers the row as it is after, a DELETE as it was", async () => {
    await ask("/put-shelf", shelf);
    expect(await dataOf(await ask("/move-shelf", { id: "a", room: 8 }))).toEqual({ id: "a", roomNo: 8 });
    expect(await dataOf(await ask("/move-shelf", { id: "z", room: 8 }))).toBeNull();
    expect(await dataOf(await ask("/hide-shelf", { id: "a" }))).toEqual({ id: "a" });
    expect(await dataOf(await ask("/hide-shelf", { id: "a" }))).toBeNull();
    expect(await dataOf(await ask("/drop-shelf", { id: "a" }))).toEqual({ owner: "ann" });
    await expectProblem(await ask("/drop-shelf", { id: "a" }), 422, "row_missing");
  });

  test("without returnables nothing is returned", async () => {
    expect(await dataOf(await ask("/put-silently", shelf))).toBeNull();
  });
}
