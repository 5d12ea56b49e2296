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
    const expiresSeconds = Number(dialog.querySelector("[name=life]:checked").value);
    const disposition = find("link-save").checked ? "attachment" : "inline";
    find("link-copy").disabled = true;
    try {
      const isOnce = find("link-once").checked;
      const link = await (isOnce ? calls.linkOnce : calls.link)(current, { expiresSeconds, disposition });
      find("link-text").value = link;
      find("link-text").hidden = false;
      const end = formatMoment(Date.now() + expiresSeconds * 1000);
      const isCopied = await navigator.clipboard.writeText(link).then(
        () => true,
        () => false,
      );
      // Without leave to use the clipboard the text is there to be copied by hand.
      if (!isCopied) find("link-text").select();
      const life = `It opens ${isOnce ? "once" : ""} until ${end}.`.replace("  ", " ");
      say(isCopied ? `Copied. ${life}` : `Copy it from the field. ${life}`);
    } catch (error) {
      say(error.message, true);
    } finally {
      find("link-copy").disabled = false;
      find("link-copy").focus();
    }
  };
  find("link-copy").addEventListener("click", () => void copy());
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
