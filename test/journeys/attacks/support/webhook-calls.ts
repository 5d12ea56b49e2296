/** Calls of other services in a world, and what must be said of those that prove nothing. */
import { expect } from "vitest";
import type { Body } from "./doors.ts";
import { bytesOf, type Sender } from "./senders.ts";
import { expectRefused } from "./verdicts.ts";
import { wire, type Answer, type Asked, type World } from "./world.ts";

export type Headers = Record<string, string>;
export type Called = Pick<Sender, "name" | "path" | "body">;

export const right = (sender: Sender, body: Body): Headers => sender.carry(sender.sign(bytesOf(body)));

export function callsOf(world: World) {
  const call = (path: string, headers: Headers, { type, bytes }: Body, more: Asked = {}): Promise<Answer> =>
    world.ask(path, { method: "POST", body: bytes, ...more, headers: { "content-type": type, ...headers } });
  return {
    call,
    /** Refused as a call that proves nothing is, to the letter. */
    expectStranger: async (called: Called, answer: Answer): Promise<void> => {
      expectRefused({ envelope: "abi" }, answer, "webhook_unverified");
      expect(wire(answer)).toBe(wire(await call(called.path, {}, called.body())));
    },
  };
}
