/** A stream that only a form can carry is kept in memory: no more of it than its file says. */
import { expect, test } from "vitest";
import { readStream } from "../../../src/client/request/form-body.ts";

const MEBIBYTE = 1024 * 1024;

function endless() {
  let sent = 0;
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      sent += MEBIBYTE;
      controller.enqueue(new Uint8Array(MEBIBYTE));
    },
  });
  return { stream, sent: () => sent };
}

test("all of a stream that has as many bytes as it says", async () => {
  const stream = new Blob(["abc", "def"]).stream();
  const blob = await readStream({ stream, name: "a.txt", type: "text/plain", size: 6 });
  expect([await blob.text(), blob.type]).toEqual(["abcdef", "text/plain"]);
});

test("a stream with more is ended, whatever it still has", async () => {
  const { stream, sent } = endless();
  const reading = readStream({ stream, name: "a.bin", type: "", size: 3 * MEBIBYTE });
  await expect(reading).rejects.toMatchObject({ name: "SluiceError", code: "file_changed" });
  expect(sent()).toBeLessThan(10 * MEBIBYTE);
});
