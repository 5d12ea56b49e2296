// The links to a file that were given out, and their end. Knows nothing of how they were made.
import { formatMoment } from "../parts/words.js";

const find = (id) => document.getElementById(id);

/**
 * @param calls `links(file)` and `revoke(file)`
 * @param isOwn whether a link only shows the file on this page
 * @param revoked hears of a file whose links were ended
 * @returns `show(file)`
 */
export function createGivenLinks({ calls, isOwn, revoked }) {
  let current = null;

  const tell = (text) => {
    find("given-said").textContent = text;
  };
  const list = async (file) => {
    find("given-links").replaceChildren();
    find("given-revoke").hidden = true;
    tell("");
    try {
      const links = (await calls.links(file)).filter(({ id }) => !isOwn(id));
      if (current !== file) return;
      const live = links.filter(({ isLive }) => isLive);
      find("given-links").replaceChildren(...live.map(describe));
      find("given-revoke").hidden = live.length === 0;
      const ended = links.length - live.length;
      const words = [live.length === 0 ? "None that opens." : "", ended === 0 ? "" : `${ended} ended.`];
      tell(words.join(" ").trim());
    } catch (error) {
      if (current === file) tell(error.message);
    }
  };
  const revoke = async () => {
    const file = current;
    try {
      await calls.revoke(file);
      revoked(file);
      if (current !== file) return;
      const hadFocus = document.activeElement === find("given-revoke");
      await list(file);
      if (current !== file) return;
      tell("Revoked: no link that was given out opens it any more.");
      if (hadFocus) find("details-name").focus();
    } catch (error) {
      if (current === file) tell(error.message);
    }
  };

  find("given-revoke").addEventListener("click", () => void revoke());
  return {
    show(file) {
      current = file;
      void list(file);
    },
  };
}

function describe({ issuedAt, expiresAt, downloads, most }) {
  const item = document.createElement("li");
  const used = most === null ? "" : `, ${downloads ?? 0} of ${most} downloads used`;
  item.textContent = `Until ${formatMoment(expiresAt)}${used}; made ${formatMoment(issuedAt)}`;
  return item;
}
