/** Senders that take their time, or never end: they hold their own places, not everybody's, and not for ever. */
import { expect } from "vitest";
import { formBody, MULTIPART } from "../../support/app.ts";
import { png } from "../../support/pictures.ts";
import { pictureParts, uploadDoors, type UploadDoor } from "./support/doors.ts";
import { suite, type Check } from "./support/suite.ts";
import { expectRefused } from "./support/verdicts.ts";
import { identify, newCaller, openWorld, send, type Answer, type World } from "./support/world.ts";

const world = openWorld();
const doors = uploadDoors("narrow");

interface SlowUpload {
  readonly answer: Promise<Answer>;
  /** Sends the rest, so that the upload ends well. */
  readonly finish: () => void;
}

/** Begins an upload that stops half-way. */
async function beginSlowly(to: World, door: UploadDoor, caller: string): Promise<SlowUpload> {
  const bytes = formBody([{ fileName: "a.png", type: "image/png", body: png([1, 2, 3], 4, 3, 100_000) }]);
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => {
    release = resolve;
  });
  let sent = 0;
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (sent > 0) await released;
      const piece = sent === 0 ? bytes.slice(0, 50_000) : bytes.slice(sent);
      sent += piece.length;
      controller.enqueue(piece);
      if (sent === bytes.length) controller.close();
    },
  });
  const headers = { ...MULTIPART, ...(await identify(door.tokenIn, caller)) };
  // One of many may be refused a place, or lose it.
  const answer = to.askAnyway(door.path(to.target), { method: "POST", headers, body });
  return { answer, finish: release };
}

const PLACES = 12;
suite(
  "27 slow senders of one account",
  doors
    .filter(({ tokenIn }) => tokenIn !== null)
    .map((door): Check => ({
      door: door.name,
      variant: `${PLACES} half uploads, and somebody else's whole one`,
      run: async () => {
        const to = world.beside({});
        const slow = await Promise.all(Array.from({ length: PLACES }, () => beginSlowly(to, door, "slow")));
        await scheduler.wait(50);
        try {
          const answer = await send(to, door, newCaller(), pictureParts);
          expect(answer.status, answer.text).toBeLessThan(300);
        } finally {
          for (const { finish } of slow) finish();
          await Promise.all(slow.map(({ answer }) => answer));
        }
      },
    })),
);

suite(
  "17 a sender that stops",
  doors.map((door): Check => ({
    door: door.name,
    variant: "half-way, for longer than is waited",
    run: async () => {
      const to = world.beside({ MAX_IDLE_SECONDS: "1" });
      const { answer, finish } = await beginSlowly(to, door, newCaller());
      expectRefused(door, await answer, "client_too_slow");
      finish();
      expect((await send(to, door, newCaller(), pictureParts)).status).toBeLessThan(300);
    },
  })),
);
