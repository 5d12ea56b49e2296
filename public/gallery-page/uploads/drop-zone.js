// The ways in which files come, and who may open them: chosen, dropped, pasted. Knows nothing of what becomes of them.

const PRIVATE_NAME = "sluice-private";
const find = (id) => document.getElementById(id);

/** What is said of either: on the button, under it, and where files are dropped. */
const words = {
  public: {
    button: "Upload as public",
    drop: "Drop to upload as public",
    said: "Anyone with its address can open a public file.",
  },
  private: {
    button: "Upload as private",
    drop: "Drop to upload as private",
    said: "Only you can open a private file, and whoever you give a link.",
  },
};

/** @param isOpen whether files are taken now. @param take gets `(files, isPrivate)`. @param decline gets words for what is not taken */
export function createDropZone({ isOpen, take, decline }) {
  const choices = document.querySelectorAll("#drop [name=uploads]");
  const chosen = () => [...choices].find(({ checked }) => checked).value;
  const offer = (files) => {
    if (isOpen() && files.length > 0) take(files, chosen() === "private");
  };
  const show = () => {
    find("choose-text").textContent = words[chosen()].button;
    find("visibility-said").textContent = words[chosen()].said;
  };

  for (const choice of choices) {
    choice.checked = choice.value === (localStorage.getItem(PRIVATE_NAME) === "yes" ? "private" : "public");
    choice.addEventListener("change", () => {
      localStorage.setItem(PRIVATE_NAME, chosen() === "private" ? "yes" : "no");
      show();
    });
  }
  show();
  find("drop").addEventListener("submit", (event) => event.preventDefault());
  find("choose").addEventListener("click", () => find("files").click());
  find("files").addEventListener("change", ({ target }) => {
    const files = [...target.files];
    // The same file may be chosen again.
    target.value = "";
    offer(files);
  });
  document.addEventListener("paste", ({ clipboardData }) => offer([...(clipboardData?.files ?? [])]));
  listenForDrops({ isOpen, offer, decline, read: () => words[chosen()].drop });
}

function listenForDrops({ isOpen, offer, decline, read }) {
  const holdsFiles = ({ dataTransfer }) =>
    isOpen() && dataTransfer?.types.includes("Files") === true && document.querySelector("dialog[open]") === null;
  const show = (isOver) => {
    find("dropping").hidden = !isOver;
    find("dropping-text").textContent = read();
  };
  document.addEventListener("dragover", (event) => {
    // Without this the browser would open what is dropped instead of the page.
    event.preventDefault();
    const isWanted = holdsFiles(event);
    event.dataTransfer.dropEffect = isWanted ? "copy" : "none";
    show(isWanted);
  });
  // The only leaving without an element that is entered instead is the page's own.
  document.addEventListener("dragleave", ({ relatedTarget }) =>
    show(relatedTarget !== null && !find("dropping").hidden),
  );
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    show(false);
    if (holdsFiles(event)) offer(readDrop(event.dataTransfer, decline));
  });
}

/** A folder looks like a file without bytes; only its entry tells. */
function readDrop({ items }, decline) {
  const dropped = [...items].filter(({ kind }) => kind === "file");
  const files = dropped.filter((item) => item.webkitGetAsEntry?.()?.isDirectory !== true);
  if (files.length < dropped.length) decline("Folders cannot be uploaded, only the files in them.");
  return files.map((item) => item.getAsFile()).filter((file) => file !== null);
}
