// What a call that failed is told by. Knows no element.
import { formatWait } from "../parts/words.js";

/** Who looks at the page tries again by hand. */
export const once = { retries: 0 };

/** For `catch`: says when to try again. @param lost for a call that nobody answered */
export function withWords(lost = "The server cannot be reached.") {
  return (error) => {
    if (error.code === "network") error.message = lost;
    else if (error.retryAfter > 0) {
      error.message = `${error.message.replace(/\.$/, "")}. Try again ${formatWait(error.retryAfter)}.`;
    }
    throw error;
  };
}
