// Which files are selected, and what can be done with all of them. Knows no call.

const find = (id) => document.getElementById(id);

/**
 * @param on what to do with the files: `link`, `delete`, `restore`
 * @returns `all()`, `clear()`, which is false when nothing was selected, and `files()`
 */
export function createSelection({ grid, speak, on }) {
  const bar = find("selection");
  const list = find("tiles");
  let anchor = null;
  let isRange = false;
  let count = 0;

  const boxOf = (tile) => tile.querySelector(".pick");
  const selected = () => grid.fileTiles().filter((tile) => boxOf(tile).checked);
  const files = () => selected().map(grid.fileOf);

  const update = () => {
    const now = selected().length;
    const total = Math.max(grid.total, now);
    const hadFocus = bar.contains(document.activeElement);
    list.classList.toggle("selecting", now > 0);
    bar.hidden = now === 0;
    find("selected").textContent = `${now} of ${total} selected`;
    if (now === 0 && hadFocus) grid.focusOn(anchor?.isConnected === true ? anchor : grid.fileTiles()[0]);
    if (now !== count) speak(now === 0 ? "Nothing is selected." : `${now} of ${total} selected.`);
    count = now;
  };
  const setAll = (isChecked) => {
    for (const tile of grid.fileTiles()) boxOf(tile).checked = isChecked;
    update();
  };
  /** From the one that was chosen before to this one. */
  const extendTo = (tile, isChecked) => {
    const tiles = grid.fileTiles();
    const [from, to] = [tiles.indexOf(anchor), tiles.indexOf(tile)].toSorted((one, other) => one - other);
    if (from === -1) return;
    for (const between of tiles.slice(from, to + 1)) boxOf(between).checked = isChecked;
  };

  // A change does not tell whether Shift was held: what led to it does.
  for (const type of ["pointerdown", "keydown"]) {
    list.addEventListener(type, ({ shiftKey }) => {
      isRange = shiftKey;
    });
  }
  list.addEventListener("change", ({ target }) => {
    if (!target.matches(".pick")) return;
    const tile = target.closest(".tile");
    if (isRange && anchor !== null) extendTo(tile, target.checked);
    anchor = tile;
    update();
  });
  const deeds = {
    all: () => setAll(true),
    none: () => setAll(false),
    link: () => on.link(files()),
    delete: () => on.delete(files()),
    restore: () => on.restore(files()),
  };
  for (const button of bar.querySelectorAll("[data-do]")) {
    button.addEventListener("click", () => deeds[button.dataset.do]());
  }
  grid.watch(update);
  return {
    files,
    all: () => setAll(true),
    clear() {
      const hadSome = count > 0;
      setAll(false);
      return hadSome;
    },
  };
}
