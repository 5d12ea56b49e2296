// Brings files into the grid, a page at a time. Knows nothing of how a file is shown.
import { countFiles } from "../parts/words.js";

/** Fills a wide screen, and then some. */
const PAGE_FILES = 30;

/**
 * @param makeTile of a file
 * @param query what narrows and orders the list
 * @returns `open()`, which lists from the beginning; more comes with scrolling, or with a button. `mend()` asks again for
 * what did not come.
 */
export function createPages({ calls, grid, makeTile, query, speak, complain }) {
  const more = document.getElementById("more");
  let cursor = null;
  let isLoading = false;
  let hasFailed = false;

  /** `isAsked`: by the button, from which the focus goes on to what has come. */
  const load = async (isAsked) => {
    if (isLoading) return;
    isLoading = true;
    hasFailed = false;
    const isCurrent = grid.begin();
    try {
      const page = await calls.list(PAGE_FILES, cursor, query());
      if (!isCurrent()) return;
      const tiles = page.files.filter(({ id }) => grid.tileOf(id) === undefined).map(makeInto);
      grid.total = page.count ?? grid.total;
      cursor = page.next;
      more.hidden = cursor === null;
      if (isAsked && tiles.length > 0) grid.focusOn(tiles[0]);
      if (isAsked) speak(`${grid.fileTiles().length} of ${countFiles(grid.total)} shown.`);
    } catch (error) {
      if (!isCurrent()) return;
      hasFailed = true;
      complain(error);
    } finally {
      if (isCurrent()) isLoading = false;
    }
  };
  const makeInto = (file) => {
    const tile = makeTile(file);
    grid.add(tile, file, (list) => list.append(tile));
    return tile;
  };

  more.addEventListener("click", () => void load(true));
  new IntersectionObserver(
    (entries) => {
      if (entries.some((entry) => entry.isIntersecting)) void load(false);
    },
    { rootMargin: "400px" },
  ).observe(more);
  return {
    open() {
      cursor = null;
      isLoading = false;
      more.hidden = true;
      return load(false);
    },
    mend() {
      if (hasFailed) void load(false);
    },
  };
}
