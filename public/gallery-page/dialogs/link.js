// Asks how long links should open, and copies or shares them. Knows nothing of calls: it is given functions that make links.
import { makeClosable } from "../parts/closing.js";
import { settleAll } from "../parts/parallel.js";
import { formatMoment, nameFiles } from "../parts/words.js";

const find = (id) => document.getElementById(id);
/** Shown at once; more of them scroll. */
const MOST_ROWS = 5;

/**
 * @param calls `link` and `linkOnce`: `(file, { expiresSeconds, disposition })` resolve with the link
 * @param made hears of the files for which there are links now
 * @returns what opens it for files
 */
export function createLinkDialog(calls, made) {
  const dialog = find("link");
  const buttons = ["link-copy", "link-share"].map(find);
  let current = [];

  const say = (text, isBad = false) => {
    find("link-said").textContent = text;
    find("link-said").classList.toggle("bad", isBad);
  };
  const forget = () => {
    find("link-text").hidden = true;
    find("link-text").value = "";
    say("");
  };
  const make = async () => {
    const files = current;
    const expiresSeconds = Number(dialog.querySelector("[name=life]:checked").value);
    const disposition = find("link-save").checked ? "attachment" : "inline";
    const isOnce = find("link-once").checked;
    const call = isOnce ? calls.linkOnce : calls.link;
    const outcomes = await settleAll(files, (file) => call(file, { expiresSeconds, disposition }));
    const fault = outcomes.find(({ error }) => error !== undefined)?.error;
    if (fault !== undefined) throw fault;
    const links = outcomes.map(({ value }) => value);
    const subject = links.length === 1 ? "It opens" : "They open";
    const life = `${subject} ${isOnce ? "once, " : ""}until ${formatMoment(Date.now() + expiresSeconds * 1000)}.`;
    made(files);
    return dialog.open && current === files ? { text: links.join("\n"), rows: links.length, life } : null;
  };
  /** @param use what is done with the links: resolves with words */
  const run = async (use) => {
    for (const button of buttons) button.disabled = true;
    try {
      const links = await make();
      if (links === null) return;
      find("link-text").value = links.text;
      find("link-text").rows = Math.min(MOST_ROWS, links.rows);
      find("link-text").hidden = false;
      for (const button of buttons) button.disabled = false;
      say(`${await use(links)} ${links.life}`);
    } catch (error) {
      say(error.message, true);
    } finally {
      for (const button of buttons) button.disabled = false;
    }
  };
  const copy = async ({ text }) => {
    try {
      await navigator.clipboard.writeText(text);
      find("link-copy").focus();
      return "Copied.";
    } catch {
      // Without leave to use the clipboard the text is there to be copied by hand.
      find("link-text").focus();
      return "Copy from the field.";
    }
  };
  const share = async ({ text, rows }) => {
    const title = nameFiles(current);
    try {
      await navigator.share(rows === 1 ? { title, url: text } : { title, text });
      return "Shared.";
    } catch (error) {
      // Closed without sharing.
      if (error.name === "AbortError") return "Not shared.";
      return await copy({ text });
    } finally {
      find("link-share").focus();
    }
  };

  find("link-share").hidden = !("share" in navigator);
  find("link-share").addEventListener("click", () => void run(share));
  find("link-form").addEventListener("submit", (event) => {
    event.preventDefault();
    void run(copy);
  });
  // What is shown would no longer be what was chosen.
  for (const input of dialog.querySelectorAll("[name=life], [type=checkbox]")) input.addEventListener("change", forget);
  find("link-text").addEventListener("focus", ({ target }) => target.select());
  makeClosable(dialog, () => undefined);
  return (files) => {
    current = files;
    forget();
    const isOne = files.length === 1;
    find("link-title").textContent = isOne ? "Copy a link" : `Copy ${files.length} links`;
    find("link-copy-text").textContent = isOne ? "Copy link" : "Copy links";
    find("link-text").setAttribute("aria-label", isOne ? "The link" : "The links");
    find("link-name").textContent = nameFiles(files);
    dialog.showModal();
    find("link-copy").focus();
  };
}
