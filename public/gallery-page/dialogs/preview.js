// What a file looks or sounds like, as far as a browser shows it without leaving the page. Knows nothing of calls.
import { drawKind, fillBlank, fillPictureFrame, isPicture } from "../files/frame.js";

const texts = /^text\/|^application\/json$/;
/** Of a text: enough to know it by. */
const MOST_TEXT_BYTES = 65_536;

/** Whether a browser shows the file in a tab of its own; what it does not show is saved. */
export const opensInTab = (file) => isPicture(file) || /^(?:audio|video)\/|^text\/plain$/.test(file.type);

/** Puts the file's preview in the place of what `place` holds. @param sourceOf resolves with an address of the file */
export function showPreview(place, file, sourceOf) {
  place.replaceChildren();
  if (isPicture(file)) place.append(showPicture(file, sourceOf));
  else if (/^(?:audio|video)\//.test(file.type)) place.append(showPlayer(file, sourceOf));
  else if (texts.test(file.type)) void showText(place, file, sourceOf);
  else place.append(showKind(file));
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
