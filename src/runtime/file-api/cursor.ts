/**
 * Cursors: where a list continues, as opaque text that only this deployment can write. A cursor is bound to caller,
 * filters and order, so it does not work on another list.
 */
import { hex } from "../bytes.ts";
import { eitherPasses, type SecretPair } from "../secrets.ts";
import { refuse } from "../http/query-parameters.ts";

/** The last file of a page. */
export interface CursorPosition {
  /** Of what the list is ordered by. */
  readonly value: string;
  /** 24 hex characters. */
  readonly id: string;
}

export interface CursorBinding {
  readonly secrets: SecretPair;
  /** The list that the cursor belongs to: caller, filters and order. */
  readonly list: readonly (string | null)[];
}

const encoder = new TextEncoder();
/** Keeps cursors apart from links, with which they share a secret. */
const PURPOSE = "sluice cursor 1";
/** 128 of the 256 bits: a cursor opens nothing that its caller could not list anyway. */
const MAC_LENGTH = 32;
/** A name is the longest value: 255 bytes. */
const form = /^((?:[0-9a-f]{2}){1,255})-([0-9a-f]{24})-([0-9a-f]{32})$/;

export async function writeCursor(binding: CursorBinding, { value, id }: CursorPosition): Promise<string> {
  const position = `${hex(encoder.encode(value))}-${id}`;
  return `${position}-${await sign(binding.secrets.secret, binding, position)}`;
}

/** @throws Problem `parameter_invalid` when it was altered, or made for another list */
export async function readCursor(binding: CursorBinding, text: string): Promise<CursorPosition> {
  const [, value = "", id = "", mac = ""] = form.exec(text) ?? [];
  const isOurs = await eitherPasses(binding.secrets, async (secret) => {
    const expected = await sign(secret, binding, `${value}-${id}`);
    return (
      mac.length === expected.length && crypto.subtle.timingSafeEqual(encoder.encode(mac), encoder.encode(expected))
    );
  });
  if (!isOurs) {
    throw refuse("cursor", "is not one that was given for this list; begin again without it");
  }
  return { value: decodeURIComponent(value.replace(/../g, "%$&")), id };
}

async function sign(secret: string, { list }: CursorBinding, position: string): Promise<string> {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", encoder.encode(secret), algorithm, false, ["sign"]);
  const text = JSON.stringify([PURPOSE, position, ...list]);
  return hex(await crypto.subtle.sign(algorithm, key, encoder.encode(text))).slice(0, MAC_LENGTH);
}
