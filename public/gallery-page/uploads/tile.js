// One file on its way as a list item. Knows nothing of the server.
import { drawKind } from "../files/frame.js";
import { showName } from "../parts/names.js";
import { shapeTile } from "../parts/shape.js";
import { formatBytes } from "../parts/words.js";

/** Enough for a tile on a sharp screen. */
const PREVIEW_PIXELS = 480;
/** The browser decodes the whole file for its preview. */
const MAX_PREVIEW_BYTES = 40_000_000;

/** @returns the element, `show(state, error)` and `advance(share)`; `on` holds what to do: `cancel`, `retry`. */
export function createUploadTile(file, { on }) {
  const element = document.getElementById("upload-tile").content.firstElementChild.cloneNode(true);
  const find = (selector) => element.querySelector(selector);
  const [progress, line, retry, cancel] = ["progress", ".line", "[data-do=retry]", "[data-do=cancel]"].map(find);
  const label = (button, text) => {
    button.title = `${text} ${file.name}`;
    button.setAttribute("aria-label", button.title);
  };
  shapeTile(element, null, null);
  showName(find(".name"), file.name);
  progress.setAttribute("aria-label", `Upload of ${file.name}`);
  label(retry, "Retry");
  retry.addEventListener("click", () => on.retry());
  cancel.addEventListener("click", () => {
    if (cancel.getAttribute("aria-disabled") !== "true") on.cancel();
  });

  const states = {
    waiting: () => "Waiting",
    sending: () => `0 % of ${formatBytes(file.size)}`,
    held: () => "Waiting for the connection",
    failed: (error) => error.message,
  };
  return {
    element,
    show(state, error) {
      const isFailed = state === "failed";
      element.classList.toggle("failed", isFailed);
      progress.hidden = isFailed;
      progress.value = 0;
      retry.hidden = !isFailed || isFinal(error);
      cancel.setAttribute("aria-disabled", "false");
      // Read out at once; a percentage must not be.
      if (isFailed) line.setAttribute("role", "alert");
      else line.removeAttribute("role");
      label(cancel, isFailed ? "Dismiss" : "Cancel");
      line.textContent = states[state](error);
      if (state === "sending") void preview(find(".frame"), element, file);
    },
    advance(share) {
      progress.value = share;
      line.textContent = share < 1 ? `${Math.floor(share * 100)} % of ${formatBytes(file.size)}` : "Storing";
      // All is sent: what is left is the server's, and is over in a moment. Not `disabled`, which would lose the focus.
      cancel.setAttribute("aria-disabled", String(share >= 1));
    },
  };
}

/** A refusal of the file itself: sending it again cannot help. */
function isFinal({ status }) {
  return status >= 400 && status < 500 && ![401, 408, 409, 429].includes(status);
}

/** The visitor's own copy, decoded by the browser: nothing is read back from the server. */
async function preview(frame, tile, file) {
  if (frame.querySelector("canvas, .kind") !== null) return;
  const canvas = document.createElement("canvas");
  canvas.setAttribute("aria-hidden", "true");
  frame.prepend(canvas);
  try {
    if (!file.type.startsWith("image/") || file.size > MAX_PREVIEW_BYTES) throw new Error("No preview");
    const picture = await createImageBitmap(file, { resizeWidth: PREVIEW_PIXELS, resizeQuality: "medium" });
    canvas.width = picture.width;
    canvas.height = picture.height;
    canvas.getContext("2d").drawImage(picture, 0, 0);
    shapeTile(tile, picture.width, picture.height);
    picture.close();
  } catch {
    canvas.remove();
    frame.prepend(drawKind(file));
  }
}
