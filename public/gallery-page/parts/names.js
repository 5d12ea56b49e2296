// A file's name where there is little room: what is left out is in its middle, for the ending tells files apart.

/** Characters that always stay at the end. */
const TAIL = 10;
const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Writes the name into the element, in two parts of which the first gives way. */
export function showName(element, name) {
  const characters = [...segmenter.segment(name)].map(({ segment }) => segment);
  const at = Math.max(Math.ceil(characters.length / 2), characters.length - TAIL);
  const parts = [characters.slice(0, at), characters.slice(at)].map((part) => {
    const span = document.createElement("span");
    span.textContent = part.join("");
    return span;
  });
  element.replaceChildren(...parts);
  element.title = name;
  // Names are written from right to left too, and give way at their own middle.
  element.dir = "auto";
}
