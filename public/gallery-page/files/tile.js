// One stored file as a list item, or a deleted one. Knows nothing of calls or of the other files.
import { showName } from "../parts/names.js";
import { shapeTile } from "../parts/shape.js";
import { formatBytes, formatDay, formatLeft, formatMoment } from "../parts/words.js";
import { drawKind, fillBlank, fillTileFrame } from "./frame.js";

const labels = { details: "Details of", link: "Copy a link to", delete: "Delete", restore: "Restore" };

/** `on` holds what to do: `details`, `link`, `delete`. `sourceOf` and `renew` are those of the frame. */
export function createFileTile(file, { sourceOf, renew, on }) {
  const tile = createTile("file-tile", file, on);
  const { expiresAt, isPrivate } = file;
  tile.querySelector(".line").textContent = describe(file);
  const [ends, privacy] = ["ends", "private"].map((name) => tile.querySelector(`[data-badge=${name}]`));
  privacy.hidden = !isPrivate;
  ends.hidden = expiresAt === null;
  if (expiresAt !== null) {
    ends.lastElementChild.textContent = `Ends ${formatLeft(expiresAt)}`;
    ends.title = formatMoment(expiresAt);
  }
  const more = [isPrivate ? ", private" : "", expiresAt === null ? "" : `, ends ${formatLeft(expiresAt)}`].join("");
  const frame = tile.querySelector(".frame");
  frame.setAttribute("aria-label", `${labels.details} ${file.name}${more}`);
  frame.removeAttribute("title");
  fillTileFrame(frame, file, { sourceOf, renew });
  return tile;
}

/** Of a deleted file there is nothing to open any more, but what is known of it. `on` holds `restore`. */
export function createTrashTile(file, { on }) {
  const tile = createTile("trash-tile", file, on);
  const { restorableUntil } = file;
  const line = tile.querySelector(".line");
  line.textContent = restorableUntil === null ? "Deleted" : `Until ${formatDay(restorableUntil)}`;
  line.title = restorableUntil === null ? "" : formatMoment(restorableUntil);
  const frame = tile.querySelector(".frame");
  fillBlank(frame, file);
  frame.append(drawKind(file));
  return tile;
}

function createTile(template, file, on) {
  const tile = document.getElementById(template).content.firstElementChild.cloneNode(true);
  shapeTile(tile, file.width, file.height);
  showName(tile.querySelector(".name"), file.name);
  tile.querySelector(".pick").setAttribute("aria-label", `Select ${file.name}`);
  for (const button of tile.querySelectorAll("[data-do]")) {
    const deed = button.dataset.do;
    button.title = `${labels[deed]} ${file.name}`;
    button.setAttribute("aria-label", button.title);
    button.addEventListener("click", () => on[deed]());
  }
  return tile;
}

function describe({ width, height, bytes }) {
  return width === null || height === null ? formatBytes(bytes) : `${width} × ${height} · ${formatBytes(bytes)}`;
}
