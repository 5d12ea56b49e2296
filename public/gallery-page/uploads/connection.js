// Whether there is a line at all, said in a banner while there is none. Knows nothing of what waits for it.

/** @param back runs when the line is there again. @returns whether it is there, as far as the browser knows */
export function watchConnection(back) {
  const show = () => {
    document.getElementById("offline").textContent = navigator.onLine
      ? ""
      : "You are offline. What is being uploaded goes on when the connection is back.";
  };
  addEventListener("offline", show);
  addEventListener("online", () => {
    show();
    back();
  });
  show();
}

/** Whether a call got no answer at all. */
export const isLost = ({ code }) => code === "network" || code === "timeout";
