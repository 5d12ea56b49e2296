// The form that signs in, and up. Knows nothing of what a token opens.

const find = (id) => document.getElementById(id);

const SIGN_IN = {
  name: "Sign in",
  busy: "Signing in…",
  password: "current-password",
  question: "No account yet?",
  other: "Create one",
};
const SIGN_UP = {
  name: "Create an account",
  busy: "Creating your account…",
  password: "new-password",
  question: "You have an account?",
  other: "Sign in",
};

/** What the server says shortly, for it is not said to this form alone. */
const known = {
  401: "The e-mail address or the password is wrong.",
  409: "This e-mail address has an account already. Sign in instead.",
};

/** @param enter takes the token. @returns `open(accounts)` and `close()` */
export function createAccountForm(enter) {
  const form = find("account");
  const fields = ["email", "password"].map(find);
  let accounts = null;
  let mode = SIGN_IN;
  let isBusy = false;

  /** @param text what is wrong; "" = nothing. @param wrong the fields that it is about */
  const tell = (text, wrong = []) => {
    find("account-said").textContent = text;
    for (const field of fields) {
      if (wrong.includes(field)) field.setAttribute("aria-invalid", "true");
      else field.removeAttribute("aria-invalid");
    }
    wrong[0]?.focus();
  };
  const explain = ({ status, message, errors = [] }) => {
    const [, password] = fields;
    const wrong = fields.filter(({ id }) => errors.some(({ pointer }) => pointer === `/${id}`));
    const labelled = ({ pointer, detail }) => `${find(pointer.slice(1))?.labels[0].textContent ?? pointer}: ${detail}.`;
    if (wrong.length > 0) tell(errors.map(labelled).join(" "), wrong);
    else tell(known[status] ?? message, status === 401 ? [password] : []);
  };
  const show = (next) => {
    mode = next;
    find("account-title").textContent = mode.name;
    find("account-submit").textContent = mode.name;
    find("account-question").textContent = mode.question;
    find("account-other").textContent = mode.other;
    find("account-switch").hidden = accounts.signUp === null;
    find("password").autocomplete = mode.password;
    tell("");
  };
  const setBusy = (busy) => {
    isBusy = busy;
    form.setAttribute("aria-busy", String(busy));
    find("account-submit").textContent = busy ? mode.busy : mode.name;
  };

  const send = async () => {
    const credentials = Object.fromEntries(fields.map(({ id, value }) => [id, value]));
    tell("");
    setBusy(true);
    try {
      const token = await (mode === SIGN_UP ? accounts.signUp : accounts.signIn)(credentials);
      form.reset();
      enter(token);
    } catch (error) {
      explain(error);
    } finally {
      setBusy(false);
    }
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (!isBusy) void send();
  });
  find("account-other").addEventListener("click", () => {
    if (isBusy) return;
    show(mode === SIGN_IN ? SIGN_UP : SIGN_IN);
    find("email").focus();
  });

  return {
    open(found) {
      accounts = found;
      show(SIGN_IN);
      find("visitors").hidden = false;
    },
    close() {
      find("visitors").hidden = true;
      form.reset();
    },
  };
}
