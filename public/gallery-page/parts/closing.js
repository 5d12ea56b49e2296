// Closes a dialog by its button, by Escape and by a click beside it. Knows nothing of what it shows.

/**
 * The `close` event comes late: the next key may have moved the focus already, which then would be moved back.
 * @param closed hears of it at once, where the dialog is not closed by somebody else
 * @returns what closes it
 */
export function makeClosable(dialog, closed) {
  let isTold = false;
  const close = () => {
    // No event would come that forgets what was told.
    if (!dialog.open) return;
    isTold = true;
    dialog.close();
    closed();
  };
  dialog.querySelector("[data-do=close]").addEventListener("click", close);
  dialog.addEventListener("click", ({ target }) => {
    if (target === dialog) close();
  });
  dialog.addEventListener("cancel", (event) => {
    if (event.target !== dialog) return;
    event.preventDefault();
    close();
  });
  dialog.addEventListener("close", () => {
    if (!isTold) closed();
    isTold = false;
  });
  return close;
}
