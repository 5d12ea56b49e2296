/** Puts the colour profile of a JPEG together from the APP2 segments that it was cut into (ICC.1:2022, B.4). */
import { maxProfileBytes, readIccProfile } from "../color/icc-profile.ts";
import type { ToSrgb } from "../color/to-srgb.ts";
import { iccHeader, iccHeaderBytes, isNamed } from "./marker.ts";

export interface ProfileParts {
  /** Takes an APP2 segment, which may be another application's. */
  add(body: Uint8Array): void;
  /** Null when no profile is there that is to be applied to a picture of so many components. */
  read(components: number): ToSrgb | null;
}

export function createProfileParts(): ProfileParts {
  /** By its number, from 1 on. */
  const parts = new Map<number, Uint8Array>();
  let bytes = 0;
  let count = 0;
  return {
    add(body) {
      if (!isNamed(body, iccHeader)) return;
      const [number = 0, of = 0] = body.subarray(iccHeader.length);
      bytes += body.length;
      count ||= of;
      if (bytes <= maxProfileBytes && !parts.has(number)) parts.set(number, body.subarray(iccHeaderBytes));
    },
    read(components) {
      if (count === 0 || parts.size < count || components === 4) return null;
      const inOrder = [...parts].toSorted(([one], [other]) => one - other);
      return readIccProfile(Uint8Array.from(inOrder.flatMap(([, part]) => [...part])), components === 3);
    },
  };
}
