// One stored file as a list item. Knows nothing of calls or of the other files.
import { fillFrame } from "./file-frame.js";
import { formatBytes, tileRatio } from "./words.js";

/** `on` holds what to do: `details`, `link`, `delete`. `sourceOf` resolves with an address of the file. */
export function createFileTile(file, { sourceOf, on }) {
  const tile = document.getElementById("file-tile").content.firstElementChild.cloneNode(true);
  tile.style.setProperty("--ratio", tileRatio(file.width, file.height).toFixed(4));
  tile.querySelector(".name").textContent = file.name;
  tile.querySelector(".name").title = file.name;
  tile.querySelector(".line").textContent = describe(file);
  tile.querySelector(".badge").hidden = !file.isPrivate;
  const labels = { details: "Details of", link: "Copy a link to", delete: "Delete" };
  for (const button of tile.querySelectorAll("[data-do]")) {
    const deed = button.dataset.do;
    const label = `${labels[deed]} ${file.name}`;
    button.setAttribute("aria-label", file.isPrivate && deed === "details" ? `${label}, private` : label);
    if (deed !== "details") button.title = label;
    button.addEventListener("click", () => on[deed]());
  }
  fillFrame(tile.querySelector(".frame"), file, { sourceOf });
  return tile;
}

function describe({ width, height, bytes }) {
  return width === null || height === null ? formatBytes(bytes) : `${width} × ${height} · ${formatBytes(bytes)}`;
}
