// The gallery page: what its parts have to do with one another.
import { createVisit } from "./gallery-page/account/visit.js";
import { createFileCalls } from "./gallery-page/calls/file-calls.js";
import { createSources } from "./gallery-page/calls/sources.js";
import { createDetailsDialog } from "./gallery-page/dialogs/details.js";
import { createGivenLinks } from "./gallery-page/dialogs/given-links.js";
import { createDeletions } from "./gallery-page/files/deletions.js";
import { createFilters } from "./gallery-page/files/filters.js";
import { createGrid } from "./gallery-page/files/grid.js";
import { createPages } from "./gallery-page/files/pages.js";
import { createSelection } from "./gallery-page/files/selection.js";
import { createFileTile, createTrashTile } from "./gallery-page/files/tile.js";
import { later } from "./gallery-page/parts/later.js";
import { createToasts } from "./gallery-page/parts/toasts.js";
import { watchConnection } from "./gallery-page/uploads/connection.js";
import { createDropZone } from "./gallery-page/uploads/drop-zone.js";
import { createLimits } from "./gallery-page/uploads/limits.js";
import { createUploads } from "./gallery-page/uploads/uploads.js";

const find = (id) => document.getElementById(id);
const say = createToasts(find("toasts"));
let view = "files";

const calls = createFileCalls(() => visit.token());
const sources = createSources(calls);
const grid = createGrid(describeEmpty);
const filters = createFilters(() => void list());
const isListing = () => view === "files";
const query = () => ({ ...filters.query(), ...(isListing() ? {} : { status: "deleted" }) });
const limits = createLimits(calls.limits);
const parts = { calls, grid, makeTile, say, speak, complain };
const pages = createPages({ ...parts, query });
const deletions = createDeletions({ ...parts, reload: list });
const uploads = createUploads({ ...parts, limits, isListing });
const given = createGivenLinks({ calls, isOwn: sources.isOwn, revoked: sources.forget });
const cannotLoad = () => say("The server cannot be reached.", { isBad: true });
const askForLinks = later(async () => {
  const { createLinkDialog } = await import("./gallery-page/dialogs/link.js");
  return createLinkDialog(calls, ([file]) => details.relink(file));
}, cannotLoad);
const askForName = later(async () => {
  const { createRenameDialog } = await import("./gallery-page/dialogs/rename.js");
  return createRenameDialog(calls.rename, {
    renamed(file) {
      grid.renew(file, makeTile(file));
      details.update(file);
      speak(`Renamed to ${file.name}.`);
    },
    // Its tile is another one now.
    closed: ({ id }) => details.isOpen() || grid.focusOn(grid.tileOf(id)),
  });
}, cannotLoad);
const selection = createSelection({
  grid,
  speak,
  on: {
    link: (files) => void askForLinks(files),
    delete: (files) => void deletions.remove(files),
    restore: (files) => void deletions.restore(files),
  },
});
const details = createDetailsDialog({
  sourceOf: sources.sourceOf,
  given,
  on: {
    link: (file) => void askForLinks([file]),
    rename: (file) => void askForName(file),
    delete: (file) => void deletions.remove([file]),
    neighbours: (file) => grid.neighbours(file),
    closed: ({ id }) => grid.focusOn(grid.tileOf(id)),
  },
});
const visit = createVisit({ say, on: { opened: open, closed: clear } });

function makeTile(file) {
  if (!isListing()) return createTrashTile(file, { on: { restore: () => void deletions.restore([file]) } });
  return createFileTile(file, {
    sourceOf: sources.sourceOf,
    renew: ({ id }) => calls.get(id),
    on: {
      details: () => details.open(file),
      link: () => void askForLinks([file]),
      delete: () => void deletions.remove([file]),
    },
  });
}

function describeEmpty() {
  const isNarrowed = filters.isNarrow();
  if (isNarrowed) return { isNarrowed, title: "Nothing found", text: "No file is like that." };
  return isListing()
    ? { isNarrowed, title: "Nothing here yet", text: "Drop pictures, video, music or documents anywhere on this page." }
    : { isNarrowed, title: "The trash is empty", text: "What you delete can be restored from here for a while." };
}

/** Read out, not shown. */
function speak(text) {
  find("spoken").textContent = text;
}

/** Shows a failure; a token that is not accepted any more is forgotten. */
function complain(error, before = "") {
  if (visit.token() === null) return;
  if (error.status === 401) void visit.turnAway();
  else say(before + error.message, { isBad: true });
}

/** Forgets everything that is shown, and whatever is on its way. */
function clear() {
  grid.clear({ withUploads: true });
  uploads.cancel();
  deletions.forget();
  filters.clear();
  limits.forget();
  for (const id of ["details", "link", "rename"]) find(id).close();
}

/** For somebody who has come. */
function open() {
  void limits.load();
  void show("files");
}

/** Lists anew what is asked for now. */
async function list() {
  grid.clear({ withUploads: false });
  const isCurrent = grid.begin();
  await pages.open();
  if (isCurrent() && filters.isNarrow()) speak(`${grid.total} found.`);
}

/** The files, or the trash. */
function show(next) {
  view = next;
  find("listing").dataset.view = view;
  find("listing").setAttribute("aria-label", isListing() ? "Files" : "Trash");
  for (const button of document.querySelectorAll(".views button")) {
    if (button.dataset.view === view) button.setAttribute("aria-current", "page");
    else button.removeAttribute("aria-current");
  }
  for (const button of document.querySelectorAll("#selection [data-view]"))
    button.hidden = button.dataset.view !== view;
  return list();
}

function listenToKeys() {
  const isMod = ({ ctrlKey, metaKey, shiftKey }) => (ctrlKey || metaKey) && !shiftKey;
  /** For all that are selected; false where none is. */
  const withSelected = (run) => {
    const files = selection.files();
    if (files.length === 0 || !isListing()) return false;
    run(files);
    return true;
  };
  /** The one that has the focus, or else is selected alone. */
  const renameOne = ({ target }) => {
    const tile = target instanceof Element ? target.closest(".tile") : null;
    const files = selection.files();
    const file = (tile === null ? undefined : grid.fileOf(tile)) ?? (files.length === 1 ? files[0] : undefined);
    if (file === undefined || !isListing()) return false;
    void askForName(file);
    return true;
  };
  const keys = {
    f2: renameOne,
    z: (event) => isMod(event) && deletions.undo(),
    a: (event) => isMod(event) && (selection.all(), true),
    // A text that is selected goes first.
    c: (event) => isMod(event) && getSelection().isCollapsed && withSelected((files) => void askForLinks(files)),
    escape: () => selection.clear(),
    delete: () => withSelected((files) => void deletions.remove(files)),
  };
  document.addEventListener("keydown", (event) => {
    const isTyping =
      event.target instanceof Element && event.target.closest("textarea, select, [type=search]") !== null;
    if (isTyping || visit.token() === null || document.querySelector("dialog[open]") !== null) return;
    if (keys[event.key.toLowerCase()]?.(event)) event.preventDefault();
  });
}

for (const button of document.querySelectorAll(".views button")) {
  button.addEventListener("click", () => void show(button.dataset.view));
}
find("show-all").addEventListener("click", () => {
  filters.clear();
  find("filters").elements.name.focus();
  void list();
});
createDropZone({
  isOpen: () => visit.token() !== null,
  take(files, isPrivate) {
    // What is being stored belongs to the files.
    if (!isListing()) void show("files");
    uploads.add(files, isPrivate);
  },
  decline: (text) => say(text, { isBad: true }),
});
watchConnection(() => {
  uploads.resume();
  pages.mend();
});
listenToKeys();
addEventListener("beforeunload", (event) => {
  if (uploads.isOpen()) event.preventDefault();
});
void visit.begin();
