// Keeps the visitor's token from one visit to the next. Knows nothing of calls.

const NAME = "sluice-token";

/** From the address (`/#token=…`), which then forgets it, else from the last visit; null when there is none. */
export function readToken() {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given !== null) {
    // A token in the address would end up in histories and screenshots.
    history.replaceState(null, "", location.pathname);
    keepToken(given);
  }
  return localStorage.getItem(NAME);
}

export function keepToken(token) {
  localStorage.setItem(NAME, token);
}

export function forgetToken() {
  localStorage.removeItem(NAME);
}

/** Who the token says it is for; the server decides whether that is true. */
export function readName(token) {
  try {
    const claims = JSON.parse(atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")));
    return String(claims.id ?? claims.sub ?? "somebody");
  } catch {
    return "somebody";
  }
}
