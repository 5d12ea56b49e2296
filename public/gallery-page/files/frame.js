// What stands for a file: its colour and blur at once, then a small picture in a tile, or all of it in the details. Knows
// nothing of calls: it is told where bytes are.
import { readThumbhash } from "./thumbhash.js";

/** Those that browsers show by themselves. */
const pictures = /^image\/(?!svg|tiff|heic|heif)/;
/** Without a thumbnail, a tile's picture is the file itself only where that is not much more to load. */
const MOST_BYTES = 200_000;
/** How far below the window pictures are asked for. */
const AHEAD = "600px";

/** True for a picture that a browser can show. */
export const isPicture = ({ type }) => pictures.test(type);

/**
 * Fills the frame of a tile.
 * @param sourceOf resolves with an address of the file; asked again when a picture does not load, since a signed one ends
 * @param renew resolves with the file as it is now, for the same reason
 */
export function fillTileFrame(frame, file, { sourceOf, renew }) {
  fillBlank(frame, file);
  if (file.thumbnails.length > 0) showThumbnail(frame, file, renew);
  else if (isPicture(file) && file.bytes < MOST_BYTES) showOriginal(frame, file, { sourceOf, isLazy: true });
  else frame.append(drawKind(file));
}

/** Fills the frame with the picture itself. */
export function fillPictureFrame(frame, file, { sourceOf }) {
  fillBlank(frame, file);
  showOriginal(frame, file, { sourceOf, isLazy: false });
}

/** Colour and blur, which need no call. */
export function fillBlank(frame, { color, thumbhash }) {
  if (color !== null) frame.style.setProperty("--placeholder", color);
  const blur = thumbhash === null ? null : drawBlur(thumbhash);
  if (blur !== null) frame.append(blur);
}

function showThumbnail(frame, file, renew) {
  const image = createImage(frame, file);
  image.loading = "lazy";
  const point = ({ thumbnails, isPrivate }) => {
    // A signed address is good for its own host alone.
    const addressed = thumbnails.map(({ url, width }) => ({ width, url: isPrivate ? url : pathOf(url) }));
    image.sizes = `auto, ${sizeOf(file)}`;
    image.srcset = addressed.map(({ url, width }) => `${url} ${width}w`).join(", ");
    image.src = addressed[0].url;
  };
  showOrDescribe(frame, image, file, async (attempt) => point(attempt === 1 ? file : await renew(file)));
  frame.append(image);
}

function pathOf(url) {
  const { pathname, search } = new URL(url);
  return pathname + search;
}

/** About as wide as tiles of this ratio get, for browsers that do not measure it themselves. */
const sizeOf = ({ width, height }) => `${Math.ceil(16 * Math.min(2.4, (width ?? 1) / (height ?? 1)))}rem`;

function showOriginal(frame, file, { sourceOf, isLazy }) {
  const image = createImage(frame, file);
  const begin = async (attempt) => {
    image.src = await sourceOf(file, { isFresh: attempt > 1 });
  };
  const start = () => showOrDescribe(frame, image, file, begin);
  if (isLazy) whenNear(frame, start);
  else start();
  frame.append(image);
}

function createImage(frame, { name }) {
  const image = document.createElement("img");
  Object.assign(image, { alt: name, decoding: "async" });
  const show = async () => {
    // A large picture has come some time before it can be painted: until then the blur stays.
    await image.decode().catch(() => undefined);
    frame.classList.add("shown");
  };
  image.addEventListener("load", () => void show());
  return image;
}

/** @param begin sets the address, the first time or the second. After that the kind of file is all there is to show */
function showOrDescribe(frame, image, file, begin) {
  let attempts = 0;
  const attempt = () => {
    attempts += 1;
    if (attempts > 2) giveUp();
    else begin(attempts).catch(giveUp);
  };
  const giveUp = () => {
    image.remove();
    frame.append(drawKind(file));
  };
  image.addEventListener("error", attempt);
  attempt();
}

/** A signed address is asked for when its picture is about to be seen, not for a thousand at once. */
function whenNear(element, run) {
  const observer = new IntersectionObserver(
    (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      observer.disconnect();
      run();
    },
    { rootMargin: AHEAD },
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

/** A sign and the name's ending, for what is not shown. */
export function drawKind({ name, type }) {
  const kind = document.createElement("span");
  kind.className = "kind";
  const signs = document.getElementById("kinds").content;
  const sign = signs.querySelector(`[data-kind="${/^\w*/.exec(type)[0]}"]`) ?? signs.querySelector("[data-kind=file]");
  kind.append(sign.cloneNode(true), /\.(\w{1,8})$/.exec(name)?.[1].toUpperCase() ?? "FILE");
  return kind;
}
