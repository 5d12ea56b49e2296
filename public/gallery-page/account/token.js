// Which token this tab works with. Knows nothing of calls, and does not tell a true token from a forged one.

const NAME = "sluice-token";

/** From a link, for this tab alone; else the one that was pasted, for this browser; null when there is none. */
export function readToken() {
  return sessionStorage.getItem(NAME) ?? localStorage.getItem(NAME);
}

/** What the address brings (`/#token=…`) and then forgets; null when that is nothing. */
export function takeFromAddress() {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  // A token in the address would end up in histories and screenshots.
  if (given !== null) history.replaceState(null, "", location.pathname);
  return given === "" ? null : given;
}

/** Until this tab is closed: whoever made a link has no say in other tabs and later visits. */
export function keepInTab(token) {
  sessionStorage.setItem(NAME, token);
}

export function keepInBrowser(token) {
  forgetTokens();
  localStorage.setItem(NAME, token);
}

export function forgetTokens() {
  for (const storage of [sessionStorage, localStorage]) storage.removeItem(NAME);
}

/** Where a token is not accepted, what is kept beside it may still be good. */
export function forgetToken(token) {
  for (const storage of [sessionStorage, localStorage]) {
    if (storage.getItem(NAME) === token) storage.removeItem(NAME);
  }
}

/** What the token says of itself. The server decides whether that is true. */
function readClaims(token) {
  try {
    const payload = atob(token.split(".")[1].replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(payload, (character) => character.charCodeAt(0));
    return JSON.parse(new TextDecoder().decode(bytes)) ?? {};
  } catch {
    return {};
  }
}

/** Whom the token says it is for; null when it says nothing. */
export function readIdentity(token) {
  const { id, sub } = readClaims(token);
  const identity = id === "" ? sub : (id ?? sub);
  return typeof identity === "string" || typeof identity === "number" ? String(identity) : null;
}

/** As people know themselves. Two with one address are still two: see `readIdentity`. */
export function readName(token) {
  const { email } = readClaims(token);
  return typeof email === "string" && email !== "" ? email : (readIdentity(token) ?? "somebody");
}
