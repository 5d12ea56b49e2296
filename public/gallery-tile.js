// One picture of the gallery as a list item. Knows nothing of calls or of the other pictures.

const SURE_MS = 4000;

/** `onDelete` is called once the visitor has said so twice. `onMissing`: the file behind the row is gone. */
export function createTile(picture, { onDelete, onMissing }) {
  const tile = element("li", "tile");
  const name = describe(picture);
  if (picture.dominant_color !== null) tile.style.setProperty("--placeholder", picture.dominant_color);
  tile.append(createFrame(picture, name, onMissing), createCaption(picture, name, onDelete));
  return tile;
}

function createFrame(picture, name, onMissing) {
  // The page's own origin, whatever public address the deployment gives its files.
  const path = new URL(picture.url).pathname;
  const isVideo = path.endsWith(".mp4");
  const frame = element(isVideo ? "div" : "a", "frame");
  const media = document.createElement(isVideo ? "video" : "img");
  media.addEventListener(isVideo ? "loadeddata" : "load", () => frame.classList.add("shown"));
  media.addEventListener("error", onMissing);
  if (isVideo) {
    Object.assign(media, { controls: true, preload: "metadata", src: path });
    media.setAttribute("aria-label", name);
  } else {
    Object.assign(frame, { href: path, target: "_blank", rel: "noopener" });
    Object.assign(media, { alt: name, loading: "lazy", decoding: "async", src: path });
  }
  frame.append(media);
  return frame;
}

function createCaption(picture, name, onDelete) {
  const caption = element("div", "caption");
  const color = document.createElement("code");
  color.textContent = picture.dominant_color ?? "no colour";
  const size = document.createElement("span");
  size.textContent = formatBytes(picture.file_size);
  caption.append(element("span", "dot"), color, size, createDelete(name, onDelete));
  return caption;
}

/** The first press asks, the second within four seconds deletes. */
function createDelete(name, onDelete) {
  const button = element("button", "delete quiet");
  let timer = 0;
  const say = (text, isSure) => {
    button.textContent = text;
    button.classList.toggle("sure", isSure);
    button.setAttribute("aria-label", `${text} ${name}`);
  };
  button.type = "button";
  button.addEventListener("click", () => {
    if (button.classList.contains("sure")) {
      clearTimeout(timer);
      button.disabled = true;
      onDelete();
      return;
    }
    say("Really delete?", true);
    timer = setTimeout(() => say("Delete", false), SURE_MS);
  });
  say("Delete", false);
  return button;
}

function describe({ created_at: createdAt, dominant_color: color }) {
  const moment = createdAt === undefined ? new Date() : new Date(createdAt);
  const date = moment.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
  return color === null ? `Upload of ${date}` : `Picture of ${date}, mostly ${color}`;
}

function formatBytes(bytes) {
  return bytes < 1024 * 1024 ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
}

function element(name, className) {
  const made = document.createElement(name);
  made.className = className;
  return made;
}
