// The gallery page: keeps the token, lists, uploads and deletes. Works on what the shipped ABIs answer.
import { deletePicture, listPictures, uploadPictures } from "./gallery-calls.js";
import { createTile } from "./gallery-tile.js";

/** As `max_file_uploads` of upload-gallery-and-store. */
const FILES_PER_CALL = 2;
const TOKEN_NAME = "sluice-token";

const find = (id) => document.getElementById(id);
let token = readToken();

/** From the address (`/#token=…`), which then forgets it, else from the last visit. */
function readToken() {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given !== null) {
    history.replaceState(null, "", location.pathname);
    localStorage.setItem(TOKEN_NAME, given);
  }
  return localStorage.getItem(TOKEN_NAME);
}

/** Who the token says it is for; the server decides whether that is true. */
function readName(text) {
  try {
    const claims = JSON.parse(atob(text.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));
    return String(claims.id ?? claims.sub ?? "somebody");
  } catch {
    return "somebody";
  }
}

function tell(text, isBad = false) {
  find("notice").textContent = text;
  find("notice").classList.toggle("bad", isBad);
}

function showEmpty() {
  find("empty").hidden = token === null || find("tiles").children.length > 0;
}

/** Shows a failure; a token that is not accepted any more is forgotten. */
function complain(error) {
  if (error.status === 401) {
    leave();
    tell("This token is not valid, or its time is over.", true);
  } else {
    tell(error.message, true);
  }
}

function leave() {
  localStorage.removeItem(TOKEN_NAME);
  token = null;
  find("tiles").replaceChildren();
  showState();
}

function showState() {
  const isIn = token !== null;
  find("enter").hidden = isIn;
  find("controls").hidden = !isIn;
  find("who").hidden = !isIn;
  find("who").textContent = isIn ? `of ${readName(token)}` : "";
  if (!isIn) find("empty").hidden = true;
}

function makeTile(picture) {
  const tile = createTile(picture, {
    onMissing: () => {
      tile.remove();
      showEmpty();
    },
    onDelete: async () => {
      try {
        await deletePicture(token, picture.storage_key);
        const next = (tile.nextElementSibling ?? tile.previousElementSibling)?.querySelector("button");
        tile.remove();
        (next ?? find("files")).focus();
        tell("Deleted.");
        showEmpty();
      } catch (error) {
        complain(error);
      }
    },
  });
  return tile;
}

async function open() {
  showState();
  if (token === null) return;
  try {
    const pictures = await listPictures(token);
    find("tiles").replaceChildren(...pictures.map(makeTile));
    showEmpty();
  } catch (error) {
    complain(error);
  }
}

async function upload(files) {
  if (files.length === 0 || token === null) return;
  find("progress").hidden = false;
  tell("");
  try {
    for (let first = 0; first < files.length; first += FILES_PER_CALL) {
      const group = files.slice(first, first + FILES_PER_CALL);
      const names = group.map(({ name }) => name).join(", ");
      const stored = await uploadPictures(token, group, (share) => {
        find("bar").value = (first + share * group.length) / files.length;
        find("progress-text").textContent = `${names} · ${Math.round(share * 100)} %`;
      });
      find("tiles").prepend(...stored.toReversed().map(makeTile));
      showEmpty();
    }
    tell(files.length === 1 ? "Stored." : `${files.length} files stored.`);
  } catch (error) {
    complain(error);
  } finally {
    find("progress").hidden = true;
  }
}

find("enter").addEventListener("submit", (event) => {
  event.preventDefault();
  token = find("token").value.trim();
  localStorage.setItem(TOKEN_NAME, token);
  find("token").value = "";
  tell("");
  void open();
});
find("leave").addEventListener("click", leave);
find("files").addEventListener("change", ({ target }) => {
  const files = [...target.files];
  target.value = "";
  void upload(files);
});
document.addEventListener("dragover", (event) => {
  event.preventDefault();
  document.body.classList.toggle("dropping", token !== null);
});
document.addEventListener("dragleave", () => document.body.classList.remove("dropping"));
document.addEventListener("drop", (event) => {
  event.preventDefault();
  document.body.classList.remove("dropping");
  void upload([...event.dataTransfer.files]);
});
// A link with another token, opened while the page is.
addEventListener("hashchange", () => {
  token = readToken();
  void open();
});
void open();
