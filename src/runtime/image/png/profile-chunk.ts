/** Cleans the colour profile of a PNG, which is deflated (third edition, 11.3.2.3). */
import { cleanProfile } from "../strip/profile.ts";

/** Neither a chunk nor what it holds may be longer: both are held whole. Profiles of pictures on screens have some KiB. */
export const maxProfileChunkBytes = 1024 * 1024;

/** The name of a profile is its maker's choice; Apple gives this one to all. The 0 says how it is compressed. */
const profileName = "ICC Profile\0\0";

/** The body of the chunk with the profile cleaned; null when it holds none, or holds too much. Never rejects. */
export async function cleanProfileChunk(body: Uint8Array<ArrayBuffer>): Promise<Uint8Array | null> {
  // Behind the name, and a byte that says how it is compressed.
  const deflated = body.subarray(body.indexOf(0) + 2);
  try {
    const profile = cleanProfile(await collect(deflated, new DecompressionStream("deflate")));
    if (profile === null) return null;
    const deflatedAgain = await collect(profile.head, new CompressionStream("deflate"));
    const clean = new Uint8Array(profileName.length + deflatedAgain.length);
    for (let at = 0; at < profileName.length; at++) clean[at] = profileName.charCodeAt(at);
    clean.set(deflatedAgain, profileName.length);
    return clean;
  } catch {
    return null;
  }
}

/** @throws when the stream fails, or its output is longer than a profile may be */
async function collect(
  bytes: Uint8Array<ArrayBuffer>,
  stream: CompressionStream | DecompressionStream,
): Promise<Uint8Array> {
  const collected = new Uint8Array(maxProfileChunkBytes);
  let filled = 0;
  for await (const piece of new Blob([bytes]).stream().pipeThrough(stream)) {
    collected.set(piece, filled);
    filled += piece.length;
  }
  return collected.subarray(0, filled);
}
