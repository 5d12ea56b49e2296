// What is refused before it is sent, and how much space is used: as the file API says. Knows no element but those that say it.
import { countFiles, formatBytes, formatLimit } from "../parts/words.js";

const find = (id) => document.getElementById(id);
/** Types of which a file's first bytes are proof: what is named as one of them and is none is refused as well. */
const proven = /^(?:image\/(?:png|jpeg|gif|webp)|application\/pdf)$/;

/**
 * @param ask resolves with `{ maxFileBytes, types, quota }`
 * @returns `load()`, which asks anew, `forget()`, and `check(file)`, an error or null
 */
export function createLimits(ask) {
  let limits = null;
  let asked = 0;

  const show = () => {
    find("limit").textContent = limits === null ? "" : `At most ${formatLimit(limits.maxFileBytes)} a file.`;
    const quota = limits?.quota ?? null;
    find("space").hidden = quota === null;
    if (quota !== null) showSpace(quota);
  };
  const leftBytes = () => {
    const { maxBytes = null, usedBytes = 0 } = limits?.quota ?? {};
    return maxBytes === null ? Infinity : Math.max(0, maxBytes - usedBytes);
  };

  return {
    async load() {
      asked += 1;
      const own = asked;
      // Without an answer the server refuses what it does not take.
      const answer = await ask().catch(() => limits);
      if (own !== asked) return;
      limits = answer;
      show();
    },
    forget() {
      asked += 1;
      limits = null;
      show();
    },
    check({ size, type }) {
      if (size === 0) return refuse(422, "It is empty: there is nothing to store.");
      if (limits === null) return null;
      const { maxFileBytes, types } = limits;
      if (size > maxFileBytes) {
        return refuse(413, `It has ${formatBytes(size)}, and at most ${formatLimit(maxFileBytes)} are taken.`);
      }
      if (size > leftBytes()) {
        return refuse(413, `It has ${formatBytes(size)}, and ${formatLimit(leftBytes())} of your space are left.`);
      }
      const patterns = ["*/*", type.replace(/\/.*/, "/*"), type];
      if (proven.test(type) && !patterns.some((pattern) => types.includes(pattern))) {
        return refuse(415, `Files of the type ${type} are not taken.`);
      }
      return null;
    },
  };
}

const refuse = (status, message) => Object.assign(new Error(message), { status });

function showSpace({ maxBytes, maxFiles, usedBytes, usedFiles }) {
  const bytes = maxBytes === null ? [] : [`${formatBytes(usedBytes)} of ${formatLimit(maxBytes)}`];
  const files = maxFiles === null ? [] : [`${usedFiles} of ${countFiles(maxFiles)}`];
  find("space-text").textContent = `${[...bytes, ...files].join(" and ")} used`;
  const shares = [usedBytes / (maxBytes ?? Infinity), usedFiles / (maxFiles ?? Infinity)];
  find("space-meter").value = Math.min(1, Math.max(...shares));
}
