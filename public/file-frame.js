// What stands for a file before and after its picture has come. Knows nothing of calls: it is told where pictures are.
import { readThumbhash } from "./thumbhash.js";

const pictures = /^image\/(?!svg|tiff|heic|heif)/;
const videos = /^video\//;

/** True for a file that a browser can show by itself. */
export function isShowable({ type }) {
  return pictures.test(type) || videos.test(type);
}

/**
 * Fills the frame with the file's colour and blur, and lays the picture over them once it is there.
 * @param sourceOf resolves with an address of the file; asked again when a picture does not load, since a signed address
 * ends
 */
export function fillFrame(frame, file, { sourceOf, hasControls = false, isLazy = true }) {
  if (file.color !== null) frame.style.setProperty("--placeholder", file.color);
  const blur = file.thumbhash === null ? null : drawBlur(file.thumbhash);
  if (blur !== null) frame.append(blur);
  if (!isShowable(file)) {
    frame.append(drawKind(file));
    return;
  }
  const media = document.createElement(videos.test(file.type) ? "video" : "img");
  if (media instanceof HTMLVideoElement) {
    Object.assign(media, { preload: "metadata", muted: !hasControls, playsInline: true, controls: hasControls });
    if (hasControls) media.setAttribute("aria-label", file.name);
    else media.tabIndex = -1;
  } else {
    Object.assign(media, { alt: file.name, decoding: "async" });
  }
  load(frame, media, file, sourceOf, isLazy);
  frame.append(media);
}

function load(frame, media, file, sourceOf, isLazy) {
  let attempts = 0;
  const show = async () => {
    // A large picture has come some time before it can be painted: until then the blur stays.
    if (media instanceof HTMLImageElement) await media.decode().catch(() => undefined);
    frame.classList.add("shown");
  };
  const begin = async () => {
    attempts += 1;
    try {
      media.src = await sourceOf(file, { isFresh: attempts > 1 });
    } catch {
      fail();
    }
  };
  const fail = () => {
    if (attempts < 2) void begin();
    else frame.append(drawKind(file));
  };
  media.addEventListener(media instanceof HTMLVideoElement ? "loadeddata" : "load", () => void show());
  media.addEventListener("error", fail);
  if (isLazy) whenNear(frame, begin);
  else void begin();
}

/** A signed address is asked for when its picture is about to be seen, not for a thousand at once. */
function whenNear(element, run) {
  const observer = new IntersectionObserver(
    (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      observer.disconnect();
      void run();
    },
    { rootMargin: "600px" },
  );
  observer.observe(element);
}

function drawBlur(thumbhash) {
  const picture = readThumbhash(thumbhash);
  if (picture === null) return null;
  const canvas = document.createElement("canvas");
  canvas.width = picture.width;
  canvas.height = picture.height;
  canvas.setAttribute("aria-hidden", "true");
  canvas.getContext("2d").putImageData(new ImageData(picture.rgba, picture.width, picture.height), 0, 0);
  return canvas;
}

/** A sheet of paper with the name's ending, for what cannot be shown. */
export function drawKind({ name }) {
  const kind = document.createElement("span");
  kind.className = "kind";
  kind.append(document.getElementById("icon-sheet").content.cloneNode(true));
  kind.append(/\.(\w{1,8})$/.exec(name)?.[1].toUpperCase() ?? "FILE");
  return kind;
}
