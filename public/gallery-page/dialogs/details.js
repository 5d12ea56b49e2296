// Everything about one file, and the way to the next. Knows nothing of calls.
import { makeClosable } from "../parts/closing.js";
import { formatBytes, formatLeft, formatMoment } from "../parts/words.js";
import { endPreview, opensInTab, showPreview } from "./preview.js";

const find = (id) => document.getElementById(id);

/**
 * @param sourceOf resolves with an address of a file
 * @param given shows the links to a file
 * @param on what to do: `link(file)`, `rename(file)`, `delete(file)`; `neighbours(file)` returns `{ place, count, previous, next }`;
 * `closed(file)` hears which file was shown last
 * @returns `open(file)`, `isOpen()`, `update(file)`, and `relink(file)` for when the links to it are others
 */
export function createDetailsDialog({ sourceOf, given, on }) {
  const dialog = find("details");
  let current = null;

  const close = makeClosable(dialog, () => {
    // A video would go on playing.
    endPreview(find("details-frame"));
    if (current !== null) on.closed(current);
  });
  const show = (file) => {
    current = file;
    find("details-name").textContent = file.name;
    showPreview(find("details-frame"), file, sourceOf);
    find("details-facts").replaceChildren(...listFacts(file).flatMap(makeFact));
    find("details-open").hidden = !opensInTab(file);
    find("details-download").download = file.name;
    void pointAt(file);
    given.show(file);
    const { place, count, previous, next } = on.neighbours(file);
    find("details-place").textContent = `${place} of ${count}`;
    dialog.querySelector("[data-do=previous]").disabled = previous === null;
    dialog.querySelector("[data-do=next]").disabled = next === null;
  };
  const pointAt = async (file) => {
    const links = [find("details-open"), find("details-download")];
    for (const link of links) link.removeAttribute("href");
    try {
      const address = await sourceOf(file);
      if (file === current) for (const link of links) link.href = address;
    } catch {
      // The preview says so.
    }
  };
  const move = (way) => {
    const file = on.neighbours(current)[way];
    if (file === null) return;
    show(file);
    // At the end the button that was pressed is disabled, and would lose the focus.
    if (!dialog.contains(document.activeElement) || document.activeElement.disabled) find("details-name").focus();
  };
  const deeds = {
    link: () => on.link(current),
    rename: () => on.rename(current),
    delete() {
      close();
      on.delete(current);
    },
    previous: () => move("previous"),
    next: () => move("next"),
  };
  for (const [deed, run] of Object.entries(deeds)) {
    dialog.querySelector(`[data-do=${deed}]`).addEventListener("click", run);
  }
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "F2") on.rename(current);
    const way = { ArrowLeft: "previous", ArrowRight: "next" }[event.key];
    // Players and texts use the arrows too.
    if (way !== undefined && event.target.closest("video, audio, pre") === null) move(way);
  });
  return {
    open(file) {
      show(file);
      dialog.showModal();
    },
    isOpen: () => dialog.open,
    /** The file is shown as it is by now. */
    update(file) {
      if (dialog.open && current.id === file.id) show(file);
    },
    relink(file) {
      if (!dialog.open || current !== file) return;
      void pointAt(file);
      given.show(file);
    },
  };
}

/** `[name, text, kind]`; kinds are shown in their own way. */
function listFacts(file) {
  const { width, height, color, checksum, expiresAt } = file;
  return [
    ["Type", file.type],
    ["Size", `${formatBytes(file.bytes)} (${file.bytes.toLocaleString("en")} bytes)`],
    ...(width === null || height === null ? [] : [["Dimensions", `${width} × ${height}`]]),
    ...(color === null ? [] : [["Colour", color, "color"]]),
    ["Readers", file.isPrivate ? "You, and whoever has a link" : "Anyone"],
    ["Uploaded", formatMoment(file.createdAt)],
    ...(expiresAt === null ? [] : [["Ends", `${formatMoment(expiresAt)}, ${formatLeft(expiresAt)}`]]),
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
