// Many calls, a few at a time. Knows no element.

/** Enough to hide the way to the server, and no burst for it. */
const PARALLEL = 4;

/** Resolves with what became of each, in their order: `{ value }` or `{ error }`. */
export async function settleAll(items, work) {
  const outcomes = [];
  let next = 0;
  const run = async () => {
    while (next < items.length) {
      const at = next;
      next += 1;
      outcomes[at] = await work(items[at]).then(
        (value) => ({ value }),
        (error) => ({ error }),
      );
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, run));
  return outcomes;
}
