// What is refused before it is sent. The file API does not say how much it takes before it has refused something, so this
// remembers what it said. Knows no call.
import { formatBytes, formatLimit } from "../parts/words.js";

/** @returns `check(file)`, an error or null, and `learn(error)` from a refusal, which puts it into plain words */
export function createLimits() {
  let mostBytes = Infinity;
  const tooLarge = (file) =>
    Object.assign(new Error(`It has ${formatBytes(file.size)}, and at most ${formatLimit(mostBytes)} are taken.`), {
      status: 413,
    });
  return {
    check(file) {
      if (file.size === 0) return Object.assign(new Error("It is empty: there is nothing to store."), { status: 422 });
      return file.size > mostBytes ? tooLarge(file) : null;
    },
    learn(file, error) {
      const limit = error.members?.limit;
      if (error.code !== "file_too_large" || !Number.isSafeInteger(limit)) return error;
      mostBytes = limit;
      document.getElementById("limit").textContent = `At most ${formatLimit(limit)} a file.`;
      return tooLarge(file);
    },
  };
}
