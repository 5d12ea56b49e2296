// Asks whether a link's token may take the place of the visitor's. Knows nothing of tokens.

const find = (id) => document.getElementById(id);

/** Resolves `ask(here, other)`, two names, with true only when the visitor chooses the other. */
export function createSwitchDialog() {
  const dialog = find("switch");
  let hasChosen = false;
  let answer = () => undefined;
  const close = (isOther) => {
    hasChosen = isOther;
    dialog.close();
  };
  find("switch-stay").addEventListener("click", () => close(false));
  find("switch-other").addEventListener("click", () => close(true));
  // Also by Escape, which chooses nothing.
  dialog.addEventListener("close", () => answer(hasChosen));
  return (here, other) => {
    hasChosen = false;
    for (const element of dialog.querySelectorAll("[data-name=here]")) element.textContent = here;
    for (const element of dialog.querySelectorAll("[data-name=other]")) element.textContent = other;
    dialog.showModal();
    find("switch-stay").focus();
    return new Promise((resolve) => {
      answer = resolve;
    });
  };
}
