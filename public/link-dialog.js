// Asks how long a link should open, and copies it. Knows nothing of calls: it is given a function that makes links.
import { formatMoment } from "./words.js";

const find = (id) => document.getElementById(id);

/** @param calls `link` and `linkOnce`: `(file, { expiresSeconds, disposition })` resolve with the link */
export function createLinkDialog(calls) {
  const dialog = find("link");
  let current = null;

  const say = (text, isBad = false) => {
    find("link-said").textContent = text;
    find("link-said").classList.toggle("bad", isBad);
  };
  const forget = () => {
    find("link-text").hidden = true;
    find("link-text").value = "";
    say("");
  };
  const copy = async () => {
    const file = current;
    const expiresSeconds = Number(dialog.querySelector("[name=life]:checked").value);
    const disposition = find("link-save").checked ? "attachment" : "inline";
    const isOnce = find("link-once").checked;
    find("link-copy").disabled = true;
    try {
      const link = await (isOnce ? calls.linkOnce : calls.link)(file, { expiresSeconds, disposition });
      if (!dialog.open || current !== file) return;
      const life = `It opens ${isOnce ? "once, " : ""}until ${formatMoment(Date.now() + expiresSeconds * 1000)}.`;
      await show(link, life);
    } catch (error) {
      say(error.message, true);
    } finally {
      find("link-copy").disabled = false;
    }
  };
  const show = async (link, life) => {
    find("link-text").value = link;
    find("link-text").hidden = false;
    find("link-copy").disabled = false;
    try {
      await navigator.clipboard.writeText(link);
      find("link-copy").focus();
      say(`Copied. ${life}`);
    } catch {
      // Without leave to use the clipboard the text is there to be copied by hand.
      find("link-text").focus();
      say(`Copy it from the field. ${life}`);
    }
  };
  find("link-form").addEventListener("submit", (event) => {
    event.preventDefault();
    void copy();
  });
  dialog.querySelector("[data-do=close]").addEventListener("click", () => dialog.close());
  // What is shown would no longer be what was chosen.
  for (const input of dialog.querySelectorAll("[name=life], [type=checkbox]")) input.addEventListener("change", forget);
  find("link-text").addEventListener("focus", ({ target }) => target.select());
  dialog.addEventListener("click", ({ target }) => {
    if (target === dialog) dialog.close();
  });
  return (file) => {
    current = file;
    forget();
    find("link-name").textContent = file.name;
    dialog.showModal();
    find("link-copy").focus();
  };
}
