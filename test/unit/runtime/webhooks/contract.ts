/** What a webhook has to prove, and that nothing of it is done before, on every engine. */
import { describe, expect, test } from "vitest";
import { dataOf, expectProblem, type Call } from "../../../support/app.ts";
import { form, jsonOf, sendTo, sign } from "./senders.ts";

export interface WebhooksHarness {
  readonly call: Call;
  readonly rows: () => Promise<number>;
  readonly objects: () => Promise<number>;
}

export function describeWebhooks({ call, rows, objects }: WebhooksHarness): void {
  const send = sendTo(call);
  const refused = async (answer: Response) => {
    await expectProblem(answer, 401, "webhook_unverified");
    expect([await rows(), await objects()]).toEqual([0, 0]);
  };

  describe("a signed body", () => {
    test("is taken, also with spaces that a parser would drop", async () => {
      const body = ` ${jsonOf("a", "é € 😀")}\n`;
      expect(await dataOf(await send("/signed", body, { "x-signature": sign(body) }))).toEqual({ id: "a" });
    });

    test.each<[string, (body: string) => Record<string, string>]>([
      ["no signature", () => ({})],
      ["an empty one", () => ({ "x-signature": "" })],
      ["another's", (body) => ({ "x-signature": sign(`${body} `) })],
      ["another secret's", (body) => ({ "x-signature": sign(body, "sha256", "hex", "x".repeat(32)) })],
      ["a shorter one", (body) => ({ "x-signature": sign(body).slice(0, 62) })],
      ["a longer one", (body) => ({ "x-signature": `${sign(body)}00` })],
      ["one of another hash", (body) => ({ "x-signature": sign(body, "sha512") })],
      ["no hex", () => ({ "x-signature": "é".repeat(64) })],
      ["the header twice", (body) => ({ "x-signature": `${sign(body)}, ${sign(body)}` })],
      ["a prefix that nobody asked for", (body) => ({ "x-signature": `sha256=${sign(body)}` })],
    ])("with %s is refused, and nothing is written", async (_, headersOf) => {
      const body = jsonOf("a");
      await refused(await send("/signed", body, headersOf(body)));
    });

    test("that is no JSON is told so only to who has signed it", async () => {
      await refused(await send("/signed", "{", { "x-signature": sign("{}") }));
      await expectProblem(await send("/signed", "{", { "x-signature": sign("{") }), 400, "body_malformed");
    });
  });

  describe("signed files", () => {
    const parts = [
      { fileName: "a.bin", body: new Uint8Array(600_000).fill(7) },
      { name: "text", body: "after" },
    ];

    test("are stored with their row", async () => {
      const { body, headers } = form(parts);
      const answer = await call("/signed-files", {
        method: "POST",
        headers: { ...headers, "x-signature": sign(body) },
        body,
      });
      expect(answer.status).toBe(200);
      expect([await rows(), await objects()]).toEqual([1, 1]);
    });

    test("whose last byte is another are all undone", async () => {
      const { body, headers } = form(parts);
      const signature = sign(body);
      const changed = body.slice();
      // In the text field, behind the file: "after" becomes "xfter".
      changed[new TextDecoder("latin1").decode(body).indexOf("after")] = 120;
      expect(changed).not.toEqual(body);
      await refused(
        await call("/signed-files", {
          method: "POST",
          headers: { ...headers, "x-signature": signature },
          body: changed,
        }),
      );
    });

    test("and what stands behind the last boundary is signed as well", async () => {
      const { body, headers } = form(parts);
      const longer = new Uint8Array([...body, 13, 10, 120]);
      const way = (signature: string) => ({
        method: "POST",
        headers: { ...headers, "x-signature": signature },
        body: longer,
      });
      await refused(await call("/signed-files", way(sign(body))));
      expect((await call("/signed-files", way(sign(longer)))).status).toBe(200);
    });
  });
}
