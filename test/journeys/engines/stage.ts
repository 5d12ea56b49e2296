/** What a check works with, and what it says for the comparison of the engines. */
import assert from "node:assert/strict";
import { createUser, type Answer, type User } from "./client.ts";
import { makePicture, type Color, type Picture } from "./pictures.ts";
import type { EngineRuntime } from "./runtime.ts";
import { createTranscript, type Transcript } from "./transcript.ts";
import { belongingsIn, readWorld, type Belongings } from "./world.ts";

export interface Stage {
  readonly runtime: EngineRuntime;
  /** A later statement may read an earlier one's result and still be undone with it. */
  readonly isInteractive: boolean;
  readonly transcript: Transcript;
  user(id: string): Promise<User>;
  /** What the user has now, past the runtime. */
  belongings(user: User): Promise<Belongings>;
}

export interface Check {
  readonly name: string;
  /** @throws Error when a promise is broken */
  run(stage: Stage): Promise<void>;
}

export function createStage(runtime: EngineRuntime): Stage {
  return {
    runtime,
    isInteractive: runtime.engine !== "d1",
    transcript: createTranscript(runtime.origin),
    user: (id) => createUser(runtime.origin, id),
    belongings: async (user) => belongingsIn(await readWorld(runtime))(user.id),
  };
}

/** The bytes are the same on every engine. */
export const red: Color = [200, 30, 40];
export const green: Color = [40, 160, 60];
export const blue: Color = [30, 60, 200];

export const pictureOf = (name: string, color: Color): Promise<Picture> => makePicture(name, color);

export function expectStatus(answer: Answer, status: number, code?: string): void {
  const { body } = answer;
  assert.equal(answer.status, status, `answered ${String(answer.status)} ${JSON.stringify(body)}`);
  if (code !== undefined) assert.equal((body as { code?: string }).code, code);
}

export function expectNothing(has: Belongings): void {
  assert.deepEqual(has, { files: [], gallery: [], albums: [], photos: [], objects: [] });
}
