/**
 * What a JPEG says of the lengths of parts behind it: of pictures in its Multi-Picture Format segment (CIPA DC-007), of
 * pictures and films in its XMP (Ultra HDR, Motion Photo 1.0, MicroVideo), and of previews in its EXIF.
 */
import { isNamed } from "../jpeg/marker.ts";

const mpfName = "MPF\0";
const exifName = "Exif";
const xmpName = "http://ns.adobe.com/xap/1.0/\0";
const mpEntryTag = 0xb002;
const mpEntryBytes = 16;

export class AnnouncedParts {
  readonly lengths = new Set<number>();
  readonly #seen = new Set<string>();
  #exif: DataView = new DataView(new ArrayBuffer(0));

  /** Whether a segment that begins with these four bytes may announce anything. */
  static mayAnnounce(start: string): boolean {
    return start === mpfName || start === exifName || start === xmpName.slice(0, 4);
  }

  /** Takes the body of a segment and keeps it; the first of a kind counts. */
  add(body: Uint8Array): void {
    const view = new DataView(body.buffer, body.byteOffset, body.length);
    const name = [exifName, xmpName, mpfName].find((known) => isNamed(body, known));
    if (name === undefined || this.#seen.has(name)) return;
    this.#seen.add(name);
    if (name === exifName) this.#exif = view;
    else if (name === xmpName) this.#addXmp(body);
    else this.#addPictures(view);
  }

  /**
   * Whether a part of exactly so many bytes is announced. Maker's notes are not read: a number in EXIF that is the
   * length of the JPEG behind the picture is taken for its announcement.
   */
  named(bytes: number): boolean {
    if (this.lengths.has(bytes)) return true;
    const exif = this.#exif;
    for (let at = 0; at + 4 <= exif.byteLength; at++) {
      if (exif.getUint32(at) === bytes || exif.getUint32(at, true) === bytes) return true;
    }
    return false;
  }

  #addXmp(body: Uint8Array): void {
    const text = new TextDecoder().decode(body);
    for (const [, digits] of text.matchAll(/:(?:Length|MicroVideoOffset)(?:=["']|>)(\d+)/g)) {
      this.lengths.add(Number(digits));
    }
  }

  /** The first picture of the list is the one that the list stands in. */
  #addPictures(view: DataView): void {
    try {
      const tiff = mpfName.length;
      const little = view.getUint16(tiff) === 0x4949;
      const directory = tiff + view.getUint32(tiff + 4, little);
      const count = view.getUint16(directory, little);
      for (let entry = directory + 2; entry < directory + 2 + count * 12; entry += 12) {
        if (view.getUint16(entry, little) !== mpEntryTag) continue;
        const first = tiff + view.getUint32(entry + 8, little);
        const end = first + view.getUint32(entry + 4, little);
        for (let at = first + mpEntryBytes; at < end; at += mpEntryBytes) {
          this.lengths.add(view.getUint32(at + 4, little));
        }
        return;
      }
    } catch {
      // A view throws where the segment ends too early: it announces no more.
    }
  }
}
