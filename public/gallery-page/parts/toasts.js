// Short messages at the lower edge, read out by screen readers. Knows nothing of what they are about.

const LIFE_MS = 6000;
/** A message with something to do in it stays long enough to be found with a keyboard. */
const LIFE_WITH_ACTION_MS = 15_000;
const MOST = 3;

/**
 * @param place the live region
 * @returns `say(text, { action, isBad })`, which returns what closes the message. `action` is `{ label, hint, run }`; a bad
 * message stays until it is closed. No message goes while it is pointed at or has the focus.
 */
export function createToasts(place) {
  const template = document.getElementById("toast");
  return (text, { action = null, isBad = false } = {}) => {
    const toast = template.content.firstElementChild.cloneNode(true);
    const close = () => toast.remove();
    toast.querySelector("p").textContent = text;
    toast.classList.toggle("bad", isBad);
    toast.querySelector("[data-do=close]").addEventListener("click", close);
    if (action !== null) offer(toast.querySelector(".act"), action, close);
    while (place.children.length >= MOST) place.firstElementChild.remove();
    place.append(toast);
    if (!isBad) closeLater(toast, action === null ? LIFE_MS : LIFE_WITH_ACTION_MS, close);
    return close;
  };
}

function offer(button, { label, hint, run }, close) {
  button.hidden = false;
  button.textContent = label;
  button.title = `${label} (${hint})`;
  button.setAttribute("aria-keyshortcuts", hint);
  button.addEventListener("click", () => {
    close();
    run();
  });
}

function closeLater(toast, lifeMs, close) {
  let timer = setTimeout(() => close(), lifeMs);
  const hold = () => clearTimeout(timer);
  const go = () => {
    hold();
    timer = setTimeout(() => close(), lifeMs);
  };
  toast.addEventListener("pointerenter", hold);
  toast.addEventListener("pointerleave", go);
  toast.addEventListener("focusin", hold);
  toast.addEventListener("focusout", go);
}
