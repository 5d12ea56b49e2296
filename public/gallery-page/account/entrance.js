// How a visitor gets in and out: by an account, where the project has a sign-in, else by a token that is pasted.
import { createAccountForm } from "./form.js";
import { findAccounts } from "./accounts.js";

const find = (id) => document.getElementById(id);

/** @param on `signedIn(token)`, `pasted(token)` */
export function createEntrance(on) {
  const finding = findAccounts();
  const account = createAccountForm(on.signedIn);
  const pasting = find("enter");
  const developers = find("developers");
  let isOpen = false;

  pasting.addEventListener("submit", (event) => {
    event.preventDefault();
    const token = find("token").value.trim();
    find("token").value = "";
    on.pasted(token);
  });

  return {
    /** Resolves with the field to begin with; null where somebody came in meanwhile. */
    async open() {
      isOpen = true;
      const accounts = await finding;
      if (!isOpen) return null;
      if (accounts.signIn === null) developers.hidden = false;
      else account.open(accounts);
      return find(accounts.signIn === null ? "token" : "email");
    },
    close() {
      isOpen = false;
      developers.hidden = true;
      account.close();
    },
    /** Whether visitors sign in, rather than bring a token. */
    hasAccounts: async () => (await finding).signIn !== null,
    /** Tells the server, where it can be told, that the token has had its day. */
    async revoke(token) {
      const { signOut } = await finding;
      await signOut?.(token);
    },
  };
}
