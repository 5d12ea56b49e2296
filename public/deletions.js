// Deleting a file, and bringing it back. Knows nothing of how either is shown.

/** @returns `remove(file)`, `undo()` of the last one (false when there is none) and `forget()` */
export function createDeletions({ calls, grid, makeTile, say, complain }) {
  const undoable = [];

  const remove = async (file) => {
    const isCurrent = grid.begin();
    const isGone = await calls.remove(file.id).then(
      () => true,
      (error) => {
        // Gone already, from another window perhaps: then it should not be shown here either.
        if (error.status === 404) return true;
        if (isCurrent()) complain(error);
        return false;
      },
    );
    const tile = grid.tileOf(file.id);
    if (!isGone || !isCurrent() || tile === undefined) return;
    const entry = { file, next: tile.nextElementSibling };
    grid.replace(tile, null);
    grid.total -= 1;
    undoable.push(entry);
    entry.close = say(`Deleted ${file.name}.`, {
      action: { label: "Undo", hint: "Control+Z", run: () => void undo(entry) },
    });
  };

  const undo = async (entry) => {
    if (!undoable.includes(entry)) return;
    undoable.splice(undoable.indexOf(entry), 1);
    entry.close();
    const isCurrent = grid.begin();
    try {
      const file = await calls.restore(entry.file.id);
      if (!isCurrent()) return;
      const tile = makeTile(file);
      grid.add(tile, file, (list) => list.insertBefore(tile, entry.next?.parentNode === list ? entry.next : null));
      grid.total += 1;
      grid.focusOn(tile);
      say(`${file.name} is back.`);
    } catch (error) {
      if (isCurrent()) complain(error);
    }
  };

  return {
    remove,
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
