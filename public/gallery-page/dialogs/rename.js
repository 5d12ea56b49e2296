// Gives a file another name. Knows nothing of where names are shown.
import { makeClosable } from "../parts/closing.js";

const find = (id) => document.getElementById(id);

/**
 * @param rename `(file, name)` resolves with the file as it is then
 * @param on `renamed(file)`, and `closed(file)`, which hears of the file that it was about last
 * @returns what opens it for a file
 */
export function createRenameDialog(rename, on) {
  const dialog = find("rename");
  const field = find("rename-name");
  let current = null;

  const close = makeClosable(dialog, () => {
    const file = current;
    current = null;
    if (file !== null) on.closed(file);
  });
  const say = (text) => {
    find("rename-said").textContent = text;
    field.setAttribute("aria-invalid", String(text !== ""));
  };
  const run = async () => {
    const file = current;
    const name = field.value.trim();
    if (name === file.name) return close();
    find("rename-submit").disabled = true;
    say("");
    try {
      const answer = await rename(file, name);
      if (current !== file) return undefined;
      current = answer;
      on.renamed(answer);
      close();
    } catch (error) {
      if (current !== file) return undefined;
      say(error.code === "payload_invalid" ? `The ${error.message.replaceAll('"', "")}` : error.message);
      field.focus();
    } finally {
      find("rename-submit").disabled = false;
    }
    return undefined;
  };

  find("rename-form").addEventListener("submit", (event) => {
    event.preventDefault();
    void run();
  });
  field.addEventListener("input", () => say(""));
  return (file) => {
    current = file;
    say("");
    field.value = file.name;
    dialog.showModal();
    field.focus();
    // What stays is not typed over.
    const dot = file.name.lastIndexOf(".");
    field.setSelectionRange(0, dot > 0 ? dot : file.name.length);
  };
}
