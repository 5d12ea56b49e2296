// Who is here: the token that the page works with, how it comes and goes. Knows nothing of files.
import { createSwitchDialog } from "./switch-dialog.js";
import {
  forgetToken,
  forgetTokens,
  keepInBrowser,
  keepInTab,
  readIdentity,
  readName,
  readToken,
  takeFromAddress,
} from "./token.js";

const find = (id) => document.getElementById(id);

/**
 * @param say shows a message
 * @param on `opened()` when somebody is here, `closed()` when nobody is any more
 * @returns `token()`, null while nobody is here; `begin()`; and `turnAway()`, for a token that is not accepted any more
 */
export function createVisit({ say, on }) {
  let token = readToken();
  const askToSwitch = createSwitchDialog();
  let entrance = null;
  /** Loaded for whoever is out, or wants to be. */
  const openEntrance = () =>
    (entrance ??= import("./entrance.js").then(({ createEntrance }) =>
      createEntrance({
        signedIn(brought) {
          forgetTokens();
          keepInTab(brought);
          enter(brought);
        },
        pasted(brought) {
          keepInBrowser(brought);
          enter(brought);
        },
      }),
    ));

  const open = () => {
    on.closed();
    void showState();
    if (token !== null) on.opened();
  };
  const enter = (brought) => {
    token = brought;
    open();
    find("choose").focus();
  };
  const leave = async () => {
    token = null;
    on.closed();
    const field = await showState();
    field?.focus();
  };
  /** Resolves with the field that a visitor who is out begins with. */
  const showState = async () => {
    const isIn = token !== null;
    for (const id of ["leave", "gallery", "who"]) find(id).hidden = !isIn;
    find("who").textContent = isIn ? readName(token) : "";
    if (isIn && entrance === null) return null;
    const { open: show, close } = await openEntrance();
    // Somebody may have come, or gone, while it was loaded.
    if (token === null) return show();
    close();
    return null;
  };
  const signOut = async () => {
    const left = token;
    forgetTokens();
    void leave();
    try {
      await (await openEntrance()).revoke(left);
    } catch (error) {
      // One that is not accepted any more needs no revoking.
      if (error.status !== 401) say(`You are out on this device only. ${error.message}`, { isBad: true });
    }
  };
  /**
   * Begins with what a link brought, if anything. Anybody can make a link, so it takes nobody's place before the visitor
   * says so.
   */
  const arrive = async (brought) => {
    if (brought === null) return open();
    if (token !== null && !isSamePerson(brought, token)) {
      open();
      if (!(await askToSwitch(...namesOf(token, brought)))) return undefined;
    }
    keepInTab(brought);
    token = brought;
    return open();
  };

  find("leave").addEventListener("click", () => void signOut());
  // Another page can send this one to an address, while it is being used.
  addEventListener("hashchange", () => {
    const brought = takeFromAddress();
    if (brought === null) return;
    if (token === null) void arrive(brought);
    else say(`You are signed in as ${readName(token)}: the link changes nothing.`);
  });
  return {
    token: () => token,
    begin: () => arrive(takeFromAddress()),
    async turnAway() {
      forgetToken(token);
      void leave();
      const hasAccounts = await (await openEntrance()).hasAccounts();
      say(hasAccounts ? "You are signed out: sign in again." : "This token is not valid, or its time is over.", {
        isBad: true,
      });
    },
  };
}

function isSamePerson(one, other) {
  const identity = readIdentity(one);
  return identity !== null && identity === readIdentity(other);
}

/** Names that tell them apart: anybody can have a token that says an address. */
function namesOf(one, other) {
  const names = [one, other].map(readName);
  return names[0] === names[1] ? [one, other].map((each) => readIdentity(each) ?? "somebody") : names;
}
