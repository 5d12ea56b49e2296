/** argon2id (RFC 9106) in WebAssembly, of which an isolate has one instance. */
import Argon2 from "@phi-ag/argon2";
import wasm from "@phi-ag/argon2/argon2.wasm";
import type { PasswordHasher } from "../call/features.ts";

/** Of new hashes: https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#argon2id */
const MEMORY_KIB = 19_456;
/** A stored hash says itself what checking it takes: this much, and no more. */
const MAX_MEMORY_KIB = 65_536;
const MAX_PASSES = 31;
const MAX_LANES = 16;
/** KiB times passes: about three quarters of a second. */
const MAX_WORK = 1_048_576;

const form = /^\$argon2(?:id|i)\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$[A-Za-z\d+/]{11,86}\$[A-Za-z\d+/]{16,86}$/;

let instance: Argon2 | null = null;
/** KiB that the instance's memory has grown for: it never shrinks. */
let grown = 0;

/** Runs on the one instance. One that has failed, or has grown large, is left to the garbage collector. */
function onInstance<Result>(kibibytes: number, work: (argon2: Argon2) => Result): Result {
  const argon2 = (instance ??= new Argon2(new WebAssembly.Instance(wasm)));
  instance = null;
  const result = work(argon2);
  grown = Math.max(grown, kibibytes);
  if (grown <= MEMORY_KIB) instance = argon2;
  else grown = 0;
  return result;
}

/** The library tells WebAssembly a text's length in units of UTF-16, where bytes of UTF-8 are read: so many units more. */
function filled(password: string): string {
  return password.padEnd(new TextEncoder().encode(password).length);
}

export const argon2: PasswordHasher = {
  maxBytes: 1024,
  memoryBytes: MEMORY_KIB * 1024,
  hash: (password, timeCost) =>
    onInstance(MEMORY_KIB, (one) => {
      return one.hash(filled(password), { memoryCost: MEMORY_KIB, timeCost, parallelism: 1 }).encoded;
    }),
  read(stored) {
    const [memory = 0, passes = 0, lanes = 0] = form.exec(stored)?.slice(1).map(Number) ?? [];
    if (passes < 1 || passes > MAX_PASSES || lanes < 1 || lanes > MAX_LANES) return null;
    if (memory < 8 * lanes || memory > MAX_MEMORY_KIB || memory * passes > MAX_WORK) return null;
    return {
      memoryBytes: memory * 1024,
      isOf: (password) => onInstance(memory, (one) => one.tryVerify(stored, filled(password)).success),
    };
  },
};
