// What narrows and orders the list: a name, a kind, a visibility. Knows no call.

/** A search begins when the typing rests. */
const REST_MS = 250;
const NEWEST = "newest";

/** @param changed hears that the list is another one. @returns `query()`, `isNarrow()`, `clear()` */
export function createFilters(changed) {
  const form = document.getElementById("filters");
  let timer;
  let asked = "";

  const read = () => {
    const { name, type, visibility, sort } = Object.fromEntries(new FormData(form));
    return {
      ...(name.trim() === "" ? {} : { name: name.trim() }),
      ...(type === "" ? {} : { type }),
      ...(visibility === "" ? {} : { visibility }),
      ...(sort === NEWEST ? {} : { sort }),
    };
  };
  const apply = () => {
    clearTimeout(timer);
    const text = JSON.stringify(read());
    if (text === asked) return;
    asked = text;
    changed();
  };
  const clear = () => {
    clearTimeout(timer);
    form.reset();
    asked = JSON.stringify(read());
  };

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    apply();
  });
  form.addEventListener("change", apply);
  form.addEventListener("input", ({ target }) => {
    if (!target.matches("[name=name]")) return;
    clearTimeout(timer);
    timer = setTimeout(apply, REST_MS);
  });
  clear();
  return {
    query: read,
    isNarrow: () => Object.keys(read()).some((name) => name !== "sort"),
    clear,
  };
}
