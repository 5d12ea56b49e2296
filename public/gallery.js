// The gallery page: who is here, the ways in which files come, and what its parts have to do with one another.
import { createDeletions } from "./deletions.js";
import { createDetailsDialog } from "./details-dialog.js";
import { createEntrance } from "./entrance.js";
import { createFileCalls } from "./file-calls.js";
import { createFileTile } from "./file-tile.js";
import { createGrid } from "./grid.js";
import { createLinkDialog } from "./link-dialog.js";
import { createPages } from "./pages.js";
import { createSources } from "./sources.js";
import { createToasts } from "./toasts.js";
import { createSwitchDialog } from "./switch-dialog.js";
import {
  forgetToken,
  forgetTokens,
  keepInBrowser,
  keepInTab,
  readIdentity,
  readName,
  readToken,
  takeFromAddress,
} from "./token.js";
import { createUploads } from "./uploads.js";

const PRIVATE_NAME = "sluice-private";

const find = (id) => document.getElementById(id);
let token = readToken();
const say = createToasts(find("toasts"));
const calls = createFileCalls(() => token);
const grid = createGrid();
const sourceOf = createSources(calls);
const parts = { calls, grid, makeTile, say, speak, complain };
const pages = createPages(parts);
const deletions = createDeletions(parts);
const uploads = createUploads(parts);
const askForLink = createLinkDialog(calls);
const askToSwitch = createSwitchDialog();
const entrance = createEntrance({
  signedIn(brought) {
    forgetTokens();
    keepInTab(brought);
    enter(brought);
  },
  pasted(brought) {
    keepInBrowser(brought);
    enter(brought);
  },
});
const showDetails = createDetailsDialog({
  sourceOf,
  on: {
    link: askForLink,
    delete: deletions.remove,
    neighbours: (file) => grid.neighbours(file),
    closed: ({ id }) => grid.focusOn(grid.tileOf(id)),
  },
});

function makeTile(file) {
  return createFileTile(file, {
    sourceOf,
    on: {
      details: () => showDetails(file),
      link: () => askForLink(file),
      delete: () => void deletions.remove(file),
    },
  });
}

function speak(text) {
  find("spoken").textContent = text;
}

/** Shows a failure; a token that is not accepted any more is forgotten. */
function complain(error) {
  if (error.status === 401 && token !== null) void turnAway();
  else if (token !== null) say(error.message, { isBad: true });
}

async function turnAway() {
  forgetToken(token);
  void leave();
  const hasAccounts = await entrance.hasAccounts();
  say(hasAccounts ? "You are signed out: sign in again." : "This token is not valid, or its time is over.", {
    isBad: true,
  });
}

async function leave() {
  token = null;
  clear();
  const field = await showState();
  field?.focus();
}

async function signOut() {
  const left = token;
  forgetTokens();
  void leave();
  try {
    await entrance.revoke(left);
  } catch (error) {
    // One that is not accepted any more needs no revoking.
    if (error.status !== 401) say(`You are out on this device only. ${error.message}`, { isBad: true });
  }
}

function enter(brought) {
  token = brought;
  void open();
  find("choose").focus();
}

/** Resolves with the field that a visitor who is out begins with. */
function showState() {
  const isIn = token !== null;
  for (const id of ["controls", "gallery", "who"]) find(id).hidden = !isIn;
  find("who").textContent = isIn ? readName(token) : "";
  if (!isIn) return entrance.open();
  entrance.close();
  return Promise.resolve(null);
}

/** Forgets everything that is shown, and whatever is on its way. */
function clear() {
  grid.clear();
  uploads.cancel();
  deletions.forget();
  for (const id of ["details", "link"]) find(id).close();
}

function isSamePerson(one, other) {
  const identity = readIdentity(one);
  return identity !== null && identity === readIdentity(other);
}

/** Names that tell them apart: anybody can have a token that says an address. */
function namesOf(one, other) {
  const names = [one, other].map(readName);
  return names[0] === names[1] ? [one, other].map((each) => readIdentity(each) ?? "somebody") : names;
}

/**
 * Begins with what a link brought, if anything. Anybody can make a link, so it takes nobody's place before the visitor
 * says so.
 */
async function arrive(brought) {
  if (brought === null) return open();
  if (token !== null && !isSamePerson(brought, token)) {
    void open();
    if (!(await askToSwitch(...namesOf(token, brought)))) return undefined;
  }
  keepInTab(brought);
  token = brought;
  return open();
}

async function open() {
  clear();
  void showState();
  if (token !== null) await pages.open();
}

const isPrivate = () => find("private").checked;

/** Files of a form field, a drop or the clipboard; not while nobody is here. */
function take(files) {
  if (token !== null && files.length > 0) uploads.add(files, isPrivate());
}

/** A folder looks like a file without bytes; only its entry tells. */
function readDrop({ items }) {
  const dropped = [...items].filter(({ kind }) => kind === "file");
  const files = dropped.filter((item) => item.webkitGetAsEntry?.()?.isDirectory !== true);
  if (files.length < dropped.length) say("Folders cannot be uploaded, only the files in them.", { isBad: true });
  return files.map((item) => item.getAsFile()).filter((file) => file !== null);
}

function listenForDrops() {
  const holdsFiles = ({ dataTransfer }) => token !== null && dataTransfer?.types.includes("Files") === true;
  const show = (isOver) => {
    find("dropping").hidden = !isOver;
    find("dropping-text").textContent = isPrivate() ? "Drop to upload, private" : "Drop to upload";
  };
  document.addEventListener("dragover", (event) => {
    // Without this the browser would open what is dropped instead of the page.
    event.preventDefault();
    const isWanted = holdsFiles(event) && document.querySelector("dialog[open]") === null;
    event.dataTransfer.dropEffect = isWanted ? "copy" : "none";
    show(isWanted);
  });
  // The only leaving without an element that is entered instead is the page's own.
  document.addEventListener("dragleave", ({ relatedTarget }) => show(relatedTarget !== null));
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    show(false);
    if (holdsFiles(event)) take(readDrop(event.dataTransfer));
  });
}

function listen() {
  find("leave").addEventListener("click", () => void signOut());
  for (const id of ["choose", "choose-first"]) find(id).addEventListener("click", () => find("files").click());
  find("files").addEventListener("change", ({ target }) => {
    const files = [...target.files];
    // The same file may be chosen again.
    target.value = "";
    take(files);
  });
  find("private").checked = localStorage.getItem(PRIVATE_NAME) === "yes";
  find("private").addEventListener("change", () => localStorage.setItem(PRIVATE_NAME, isPrivate() ? "yes" : "no"));
  document.addEventListener("paste", ({ clipboardData }) => take([...(clipboardData?.files ?? [])]));
  document.addEventListener("keydown", (event) => {
    const isUndo = event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey) && !event.shiftKey;
    const isTyping = event.target instanceof Element && event.target.closest("textarea, input[type=text]") !== null;
    if (isUndo && !isTyping && token !== null && deletions.undo()) event.preventDefault();
  });
  // Another page can send this one to an address, while it is being used.
  addEventListener("hashchange", () => {
    const brought = takeFromAddress();
    if (brought === null) return;
    if (token === null) void arrive(brought);
    else say(`You are signed in as ${readName(token)}: the link changes nothing.`);
  });
  addEventListener("beforeunload", (event) => {
    if (uploads.isOpen()) event.preventDefault();
  });
}

listen();
listenForDrops();
void arrive(takeFromAddress());
