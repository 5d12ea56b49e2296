// What a file looks or sounds like, as far as a browser shows it without leaving the page. Knows nothing of calls.
import { drawKind, fillBlank, fillPictureFrame, isPicture } from "../files/frame.js";

const texts = /^text\/|^application\/json$/;
/** Of a text: enough to know it by. */
const MOST_TEXT_BYTES = 65_536;

/** Whether a browser shows the file in a tab of its own; what it does not show is saved. */
export const opensInTab = (file) => isPicture(file) || /^(?:audio|video)\/|^text\/plain$/.test(file.type);

const PDF = "application/pdf";
/** All of a PDF is in memory while it is shown. */
const MOST_PDF_BYTES = 50_000_000;

/** The address of the PDF that is shown. */
let shown = null;

/** Leaves `place` empty. */
export function endPreview(place) {
  place.replaceChildren();
  if (shown !== null) URL.revokeObjectURL(shown);
  shown = null;
}

/** Puts the file's preview in the place of what `place` holds. @param sourceOf resolves with an address of the file */
export function showPreview(place, file, sourceOf) {
  endPreview(place);
  if (isPicture(file)) place.append(showPicture(file, sourceOf));
  else if (/^(?:audio|video)\//.test(file.type)) place.append(showPlayer(file, sourceOf));
  else if (texts.test(file.type)) void showText(place, file, sourceOf);
  else place.append(showKind(file));
  // A phone's browser may have no viewer.
  const canShow = file.type === PDF && file.bytes <= MOST_PDF_BYTES && navigator.pdfViewerEnabled;
  if (canShow) place.append(offerPages(place, file, sourceOf));
}

function createFrame({ width, height }) {
  const frame = document.createElement("div");
  frame.className = "frame";
  frame.style.setProperty("--full-ratio", (width > 0 && height > 0 ? width / height : 4 / 3).toFixed(4));
  return frame;
}

function showPicture(file, sourceOf) {
  const frame = createFrame(file);
  fillPictureFrame(frame, file, { sourceOf });
  return frame;
}

function showKind(file) {
  const frame = createFrame(file);
  fillBlank(frame, file);
  frame.append(drawKind(file));
  return frame;
}

function showPlayer(file, sourceOf) {
  const isVideo = file.type.startsWith("video/");
  const player = document.createElement(isVideo ? "video" : "audio");
  Object.assign(player, { controls: true, preload: "metadata", playsInline: true });
  player.setAttribute("aria-label", file.name);
  let attempts = 0;
  const attempt = async () => {
    attempts += 1;
    try {
      if (attempts > 2) throw new Error("It cannot be played");
      player.src = await sourceOf(file, { isFresh: attempts > 1 });
    } catch {
      player.replaceWith(showKind(file));
    }
  };
  player.addEventListener("error", () => void attempt());
  void attempt();
  return player;
}

/** Asked first: a PDF's own script runs in the browser's viewer, where it cannot reach this page but may show a message. */
function offerPages(place, file, sourceOf) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "quiet", textContent: "Show pages" });
  const showPages = async () => {
    button.disabled = true;
    try {
      const answer = await fetch(await sourceOf(file));
      if (!answer.ok) throw new Error(`Status ${answer.status}`);
      const bytes = await answer.arrayBuffer();
      if (!button.isConnected) return;
      endPreview(place);
      // Whatever the bytes are, nothing but the viewer opens what has this type.
      shown = URL.createObjectURL(new Blob([bytes], { type: PDF }));
      const frame = document.createElement("iframe");
      Object.assign(frame, { src: shown, title: `Pages of ${file.name}` });
      place.append(frame);
      frame.focus();
    } catch {
      button.textContent = "It cannot be shown";
    }
  };
  button.addEventListener("click", () => void showPages());
  return button;
}

async function showText(place, file, sourceOf) {
  const page = document.createElement("pre");
  // It scrolls, so a keyboard must reach it.
  page.tabIndex = 0;
  page.setAttribute("role", "region");
  page.setAttribute("aria-label", `Text of ${file.name}`);
  place.append(page);
  try {
    const answer = await fetch(await sourceOf(file), { headers: { Range: `bytes=0-${MOST_TEXT_BYTES - 1}` } });
    if (!answer.ok) throw new Error(`Status ${answer.status}`);
    // Cut anywhere: a character of which only the beginning came is not shown.
    const text = new TextDecoder().decode(await answer.arrayBuffer(), { stream: true });
    page.textContent = file.bytes > MOST_TEXT_BYTES ? `${text}…` : text;
  } catch {
    page.replaceWith(showKind(file));
  }
}
