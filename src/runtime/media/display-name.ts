/** The client's file name, made safe to show and to send back in a header. It is data: never a key, never a path. */

const MAX_NAME_BYTES = 255;
const encoder = new TextEncoder();
// Controls, and the characters that hide, reorder or join text so that a name reads differently than it is.
// oxlint-disable-next-line no-control-regex
const invisible = /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g;

/** NFC, last path segment only, no control or bidirectional characters, at most 255 bytes with its extension kept. */
export function displayName(fileName: string): string {
  const last = fileName.toWellFormed().normalize("NFC").split(/[/\\]/).at(-1) ?? "";
  const clean = last.replace(invisible, "").trim();
  return clean === "" || clean === "." || clean === ".." ? "unnamed" : shorten(clean);
}

function shorten(name: string): string {
  if (encoder.encode(name).length <= MAX_NAME_BYTES) return name;
  const extension = /\.[a-z0-9]{1,10}$/i.exec(name)?.[0] ?? "";
  const room = MAX_NAME_BYTES - extension.length;
  const kept = encoder.encode(name.slice(0, name.length - extension.length)).subarray(0, room);
  // Decoded as a stream that goes on: a character that was cut in two is left out, not replaced.
  return new TextDecoder().decode(kept, { stream: true }) + extension;
}
