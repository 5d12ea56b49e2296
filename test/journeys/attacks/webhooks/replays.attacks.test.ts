/** Calls that were right once, heard, and sent again. */
import { bytesOf, MESSAGE_ID, moment, senders, standard, type Sender } from "../support/senders.ts";
import { across, suite, type Check } from "../support/suite.ts";
import { callsOf, right, type Headers } from "../support/webhook-calls.ts";
import { openWorld } from "../support/world.ts";

const { call, expectStranger } = callsOf(openWorld());

const timedSenders = senders.filter(({ tolerance }) => tolerance !== null);
type Replay = (sender: Sender, bytes: Uint8Array<ArrayBuffer>, tolerance: number) => Headers;
const at =
  (momentOf: (tolerance: number) => string): Replay =>
  (sender, bytes, tolerance) => {
    const when = momentOf(tolerance);
    return sender.carry(sender.sign(bytes, { at: when }), when);
  };
/** Heard long ago, and sent once more. */
const kept = (tolerance: number): string => moment(-tolerance - 5);
const replays: readonly (readonly [string, Replay])[] = [
  ["too old", at(kept)],
  ["too far ahead", at((tolerance) => moment(tolerance + 5))],
  ["a year ago", at(() => moment(-31_536_000))],
  ["1970", at(() => "0")],
  ["negative", at(() => `-${moment()}`)],
  ["a plus", at(() => `+${moment()}`)],
  ["milliseconds", at(() => `${moment()}000`)],
  ["with a fraction", at(() => `${moment()}.5`)],
  ["in hex", at(() => `0x${Number(moment()).toString(16)}`)],
  ["with an exponent", at(() => "17e8")],
  ["as a date", at(() => new Date().toISOString())],
  ["empty", at(() => "")],
  ["NaN", at(() => "NaN")],
  ["Infinity", at(() => "Infinity")],
  ["of another script", at(() => moment().replace("1", "\u0661"))],
  [
    "an old signature under a new moment",
    (sender, bytes, tolerance) => sender.carry(sender.sign(bytes, { at: kept(tolerance) })),
  ],
  ...([", ", ","] as const).flatMap((comma) => [
    [`two moments, the old one first, by "${comma}"`, both(comma, false)] as const,
    [`two moments, the new one first, by "${comma}"`, both(comma, true)] as const,
  ]),
];
function both(comma: string, isNewFirst: boolean): Replay {
  return (sender, bytes, tolerance) => {
    const old = kept(tolerance);
    const signature = sender.sign(bytes, { at: old });
    const order = isNewFirst ? [moment(), old] : [old, moment()];
    if (sender === standard) return sender.carry(signature, order.join(comma));
    return sender.carry(signature, order.join(`${comma}t=`));
  };
}

suite(
  "38 webhooks: calls heard and sent again",
  [
    ...across(timedSenders, replays, async (sender, replay) => {
      const body = sender.body();
      const headers = replay(sender, bytesOf(body), sender.tolerance ?? 0);
      await expectStranger(sender, await call(sender.path, headers, body));
    }),
    ...[
      ["another id", (id: string) => `${id}2`],
      ["the id twice", (id: string) => `${id}, ${id}`],
      ["no id", () => ""],
    ].map(([variant, spell]): Check => ({
      door: standard.name,
      variant: String(variant),
      run: async () => {
        const body = standard.body();
        const id = (spell as (id: string) => string)(MESSAGE_ID);
        await expectStranger(standard, await call(standard.path, { ...right(standard, body), "webhook-id": id }, body));
      },
    })),
    {
      door: standard.name,
      variant: "a full stop in the id, by which the body could begin elsewhere",
      run: async () => {
        const [now, id] = [moment(), `${MESSAGE_ID}.5`];
        const text = `${now}.7`;
        const signature = standard.sign(new Uint8Array(Buffer.from(text)), { at: "5" });
        // Signed as "msg_1" at 5 over "<now>.7", and sent as "msg_1.5" now over "7".
        const headers = { ...standard.carry(signature, now), "webhook-id": id };
        await expectStranger(standard, await call(standard.path, headers, { type: "application/json", bytes: "7" }));
      },
    },
  ],
  { leavesNothing: true },
);
