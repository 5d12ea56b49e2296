// Deleting files, and bringing them back. Knows nothing of how either is shown.
import { settleAll } from "../parts/parallel.js";
import { nameFiles } from "../parts/words.js";

/**
 * @param reload lists anew, where the list is another one by now
 * @returns `remove(files)`, `restore(files)` out of the trash, `undo()` of the last deletion (false when there is none) and
 * `forget()`
 */
export function createDeletions({ calls, grid, makeTile, say, complain, reload }) {
  const undoable = [];

  /** Those for which the call succeeded, or need not have been made. */
  const doAll = async (files, call, isCurrent) => {
    const outcomes = await settleAll(files, call);
    const failures = outcomes.flatMap(({ error }) => (error === undefined ? [] : [error]));
    const [first] = failures;
    if (first !== undefined && isCurrent())
      complain(first, files.length > 1 ? `${failures.length} of ${files.length} failed. ` : "");
    return files.flatMap((file, at) =>
      outcomes[at].error === undefined ? [{ file, answer: outcomes[at].value }] : [],
    );
  };
  const takeOut = (file) => {
    const tile = grid.tileOf(file.id);
    if (tile === undefined) return null;
    const next = grid.fileOf(tile.nextElementSibling ?? tile);
    grid.replace(tile, null);
    grid.total -= 1;
    return { file, nextId: next?.id ?? null };
  };

  const remove = async (files) => {
    const isCurrent = grid.begin();
    // Gone already, from another window perhaps: then it should not be shown here either.
    const unlessGone = (error) => {
      if (error.status !== 404) throw error;
    };
    const gone = await doAll(files, ({ id }) => calls.remove(id).catch(unlessGone), isCurrent);
    const places = isCurrent() ? gone.map(({ file }) => takeOut(file)).filter((place) => place !== null) : [];
    if (gone.length === 0) return;
    const entry = { files: gone.map(({ file }) => file), places, isCurrent };
    undoable.push(entry);
    entry.close = say(`Deleted ${nameFiles(entry.files)}.`, {
      action: { label: "Undo", hint: "Control+Z", run: () => void undo(entry) },
    });
  };

  const undo = async (entry) => {
    if (!undoable.includes(entry)) return;
    undoable.splice(undoable.indexOf(entry), 1);
    entry.close();
    const isHere = grid.begin();
    const back = await doAll(entry.files, ({ id }) => calls.restore(id), isHere);
    if (back.length === 0 || !isHere()) return;
    if (entry.isCurrent()) putBack(entry.places, back);
    else await reload();
    say(`${nameFiles(entry.files)} ${back.length === 1 ? "is" : "are"} back.`);
  };
  /** In the reverse order, so that the one before which each stood is there again. */
  const putBack = (places, back) => {
    const files = new Map(back.map(({ answer }) => [answer.id, answer]));
    const tiles = places.toReversed().flatMap(({ file, nextId }) => {
      const answer = files.get(file.id);
      if (answer === undefined) return [];
      const tile = makeTile(answer);
      grid.add(tile, answer, (list) => list.insertBefore(tile, grid.tileOf(nextId) ?? null));
      grid.total += 1;
      return [tile];
    });
    grid.focusOn(tiles.at(-1));
  };

  return {
    remove,
    async restore(files) {
      const isCurrent = grid.begin();
      const back = await doAll(files, ({ id }) => calls.restore(id), isCurrent);
      if (back.length === 0 || !isCurrent()) return;
      for (const { file } of back) takeOut(file);
      const restored = back.map(({ file }) => file);
      say(`${nameFiles(restored)} ${restored.length === 1 ? "is" : "are"} back.`);
    },
    undo() {
      const entry = undoable.at(-1);
      if (entry !== undefined) void undo(entry);
      return entry !== undefined;
    },
    forget() {
      undoable.length = 0;
    },
  };
}
