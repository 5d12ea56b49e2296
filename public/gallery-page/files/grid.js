// The list of tiles and the files they stand for: order, focus, what is said about their number. Knows nothing of calls.
import { countFiles } from "../parts/words.js";

const find = (id) => document.getElementById(id);

/**
 * Tiles of uploads are in the list too, but stand for no file yet.
 * @param describeEmpty says what an empty list is: `{ title, text, isNarrowed }`
 */
export function createGrid(describeEmpty) {
  const list = find("tiles");
  const fileOf = new WeakMap();
  const watchers = [];
  let total = 0;
  let round = 0;

  const tilesOfFiles = () => [...list.children].filter((tile) => fileOf.has(tile));
  const tileOf = (id) => tilesOfFiles().find((tile) => fileOf.get(tile).id === id);
  const focusOn = (tile) => (tile?.querySelector("button:not([hidden])") ?? find("choose")).focus();

  const update = () => {
    find("count").textContent = total === 0 ? "" : countFiles(total);
    const isEmpty = list.children.length === 0;
    find("empty").hidden = !isEmpty;
    if (isEmpty) {
      const { title, text, isNarrowed } = describeEmpty();
      find("empty-title").textContent = title;
      find("empty-text").textContent = text;
      find("show-all").hidden = !isNarrowed;
    }
    for (const watch of watchers) watch();
  };

  return {
    fileTiles: tilesOfFiles,
    fileOf: (tile) => fileOf.get(tile),
    tileOf,
    focusOn,
    /** `run` hears of every change. */
    watch(run) {
      watchers.push(run);
    },
    /** `file` is null for an upload; `place(list)` puts the tile in. */
    add(tile, file, place) {
      if (file !== null) fileOf.set(tile, file);
      place(list);
      update();
    },
    /** Takes a tile out, or puts a successor in its place, without losing the focus. */
    replace(tile, successor, file = null) {
      const hadFocus = tile.contains(document.activeElement);
      const neighbour = successor ?? tile.nextElementSibling ?? tile.previousElementSibling;
      if (file !== null) fileOf.set(successor, file);
      if (successor === null) tile.remove();
      else tile.replaceWith(successor);
      if (hadFocus) focusOn(neighbour);
      update();
    },
    /** Puts a file's new tile in the place of its old one; a file that is not shown has none. */
    renew(file, successor) {
      const tile = tileOf(file.id);
      if (tile === undefined) return;
      const [box, next] = [tile, successor].map((one) => one.querySelector(".pick"));
      next.checked = box.checked;
      this.replace(tile, successor, file);
    },
    /** How many files the list has, shown or not. */
    get total() {
      return total;
    },
    set total(count) {
      total = count;
      update();
    },
    /** The files before and after this one, null at the ends. */
    neighbours(file) {
      const files = tilesOfFiles().map((tile) => fileOf.get(tile));
      const place = files.findIndex(({ id }) => id === file.id);
      return {
        place: place + 1,
        count: files.length,
        previous: files[place - 1] ?? null,
        next: files[place + 1] ?? null,
      };
    },
    /** A function that is true until the grid is emptied: later answers belong to nobody. */
    begin() {
      const began = round;
      return () => began === round;
    },
    /**
     * Takes all files out. Nothing is said of an empty grid: what belongs in it may be on its way.
     * @param withUploads also what is being sent
     */
    clear({ withUploads }) {
      round += 1;
      total = 0;
      if (withUploads) list.replaceChildren();
      else for (const tile of tilesOfFiles()) tile.remove();
      find("count").textContent = "";
      find("empty").hidden = true;
      for (const watch of watchers) watch();
    },
    /** Says so when there is nothing. */
    update,
  };
}
