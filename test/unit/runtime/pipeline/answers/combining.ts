/** Results of several actionables in one answer, each as its actionable alone would answer, on every engine. */
import { decodeJwt } from "jose";
import { expect, test } from "vitest";
import type { Json } from "../../../../../src/contract/plan.ts";
import { dataOf, expectProblem } from "../../../../support/app.ts";
import type { Ask } from "./returning.ts";

/** @param look asks the endpoint that is called with GET. @param store uploads a file of five bytes */
export function describeCombining(ask: Ask, look: () => Promise<Response>, store: () => Promise<Response>): void {
  test("combined results stand under the ids of their actionables, in their shapes", async () => {
    expect(await dataOf(await ask("/put-and-look", { id: "a", room: 3 }))).toEqual({
      1: { id: "a", roomNo: 3 },
      2: { shelves: 1 },
      3: [{ id: "a" }],
      4: null,
    });
  });

  test("a failure of one is the call's", async () => {
    await ask("/put-and-look", { id: "a" });
    await expectProblem(await ask("/put-and-look", { id: "a" }), 409, "unique_violation");
    await expectProblem(await ask("/put-and-look", { id: null }), 422, "row_rejected");
  });

  test("the endpoint's returnables count for those that list none, also under GET", async () => {
    await ask("/put-shelves", [{ id: "b" }, { id: "a" }]);
    const answer = await look();
    expect(answer.headers.get("etag")).not.toBeNull();
    expect(await dataOf(answer)).toEqual({ 7: [{ id: "a" }, { id: "b" }], 2: { id: "a" } });
  });

  test("one of two", async () => {
    await ask("/put-shelf", { id: "a" });
    expect(await dataOf(await ask("/one-of-two", null))).toEqual({ 1: { id: "a" } });
  });

  test("files with the row that is written of them, and its link", async () => {
    const link = expect.stringContaining("X-Amz-Signature=");
    const { 1: files, 2: row } = await dataOf<Record<string, Json>>(await store());
    expect(files).toEqual([{ file_size: 5, download_url: link }]);
    expect(row).toEqual({ link });
  });

  test("a token stands in the result that would answer alone", async () => {
    const { 1: put, 2: entered } = await dataOf<Record<string, Record<string, string>>>(
      await ask("/put-and-enter", { id: "a" }),
    );
    expect(put).toEqual({ owner: "ann" });
    expect(entered).toEqual({ owner: "ann", token: expect.any(String) });
    expect(decodeJwt(entered?.["token"] ?? "")).toMatchObject({ id: "a" });
  });
}
