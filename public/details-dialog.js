// Everything about one file, and the way to the next. Knows nothing of calls.
import { fillFrame } from "./file-frame.js";
import { formatBytes, formatMoment } from "./words.js";

const find = (id) => document.getElementById(id);

/**
 * @param sourceOf resolves with an address of a file
 * @param on what to do: `link(file)`, `delete(file)`; `neighbours(file)` returns `{ place, count, previous, next }`;
 * `closed(file)` hears which file was shown last
 */
export function createDetailsDialog({ sourceOf, on }) {
  const dialog = find("details");
  let current = null;

  const show = (file) => {
    current = file;
    find("details-name").textContent = file.name;
    showFrame(file, sourceOf);
    find("details-facts").replaceChildren(...listFacts(file).flatMap(makeFact));
    void pointAt(find("details-open"), file, sourceOf);
    const { place, count, previous, next } = on.neighbours(file);
    find("details-place").textContent = `${place} of ${count}`;
    dialog.querySelector("[data-do=previous]").disabled = previous === null;
    dialog.querySelector("[data-do=next]").disabled = next === null;
  };
  const move = (way) => {
    const file = on.neighbours(current)[way];
    if (file !== null) show(file);
  };
  const deeds = {
    close: () => dialog.close(),
    link: () => on.link(current),
    delete() {
      const file = current;
      dialog.close();
      on.delete(file);
    },
    previous: () => move("previous"),
    next: () => move("next"),
  };
  for (const button of dialog.querySelectorAll("[data-do]")) {
    button.addEventListener("click", () => deeds[button.dataset.do]());
  }
  dialog.addEventListener("keydown", (event) => {
    const way = { ArrowLeft: "previous", ArrowRight: "next" }[event.key];
    // A video's own controls use the arrows too.
    if (way !== undefined && !(event.target instanceof HTMLVideoElement)) move(way);
  });
  dialog.addEventListener("click", ({ target }) => {
    if (target === dialog) dialog.close();
  });
  dialog.addEventListener("close", () => {
    // A video would go on playing.
    find("details-frame").replaceChildren();
    on.closed(current);
  });
  return (file) => {
    show(file);
    dialog.showModal();
  };
}

function showFrame(file, sourceOf) {
  const frame = document.createElement("div");
  frame.className = "frame";
  const ratio = file.width > 0 && file.height > 0 ? file.width / file.height : 4 / 3;
  frame.style.setProperty("--full-ratio", ratio.toFixed(4));
  find("details-frame").replaceChildren(frame);
  fillFrame(frame, file, { sourceOf, hasControls: true, isLazy: false });
}

async function pointAt(link, file, sourceOf) {
  link.removeAttribute("href");
  try {
    link.href = await sourceOf(file);
  } catch {
    // The picture above it says so.
  }
}

/** `[name, text, kind]`; kinds are shown in their own way. */
function listFacts(file) {
  const { width, height, color, checksum, expiresAt } = file;
  return [
    ["Type", file.type],
    ["Size", `${formatBytes(file.bytes)} (${file.bytes.toLocaleString("en")} bytes)`],
    ...(width === null || height === null ? [] : [["Dimensions", `${width} × ${height}`]]),
    ...(color === null ? [] : [["Colour", color, "color"]]),
    ["Readers", file.isPrivate ? "Whoever has a link" : "Anyone"],
    ["Uploaded", formatMoment(file.createdAt)],
    ...(expiresAt === null ? [] : [["Ends", formatMoment(expiresAt)]]),
    ["Address", file.url, file.isPrivate ? "code" : "address"],
    ...(checksum === null ? [] : [["SHA-256", checksum, "code"]]),
    ["Id", file.id, "code"],
  ];
}

function makeFact([name, text, kind = "text"]) {
  const term = document.createElement("dt");
  term.textContent = name;
  const value = document.createElement("dd");
  if (kind === "address") {
    const link = document.createElement("a");
    Object.assign(link, { href: text, target: "_blank", rel: "noopener", textContent: text });
    value.append(link);
  } else {
    value.textContent = text;
  }
  if (kind !== "text") value.className = "code";
  if (kind === "color") {
    const dot = document.createElement("span");
    dot.className = "dot";
    dot.style.setProperty("--placeholder", text);
    value.prepend(dot);
  }
  return [term, value];
}
