/**
 * The media types that the runtime detects from a file's bytes, and what it does with each. The table is data: the code
 * for a type (its signature, how its metadata is removed) is in a map beside the other code of its kind, and the type
 * checker keeps the keys of that map equal to the rows here.
 */

/** What is known of a type besides its name. */
interface Row {
  /** The extensions of such files' names; stored files get the first. Absent: the subtype. */
  readonly extensions?: readonly [string, ...string[]];
  /** Other names for the same type, as browsers and operating systems send them. */
  readonly aliases?: readonly string[];
  /**
   * How the type is detected. Absent: by its signature. `refined`: the bytes show a type that it is `within`, and the
   * client says which. `text`: the bytes are text, and the client or the file's name says which. `markup`: by the first
   * element.
   */
  readonly grade?: "refined" | "text" | "markup";
  /** Types whose signature a file of this type may show instead: if the client declares this type, it is believed. */
  readonly within?: readonly string[];
  /** A browser may show it inline: nothing in it can hold a script that would run. Never SVG, HTML, XML or PDF. */
  readonly shownInline?: true;
  /** A document that people keep: the file API takes it by default, as it takes pictures, sound and video. */
  readonly kept?: true;
  /** Its metadata can be removed. */
  readonly stripped?: true;
  /** Its structure can be followed to its end. */
  readonly walked?: true;
  /** The Images binding decodes it and no sampler here does: https://developers.cloudflare.com/images/transform-images/#supported-formats */
  readonly rendered?: true;
}

const rows = {
  "image/png": { aliases: ["image/x-png", "image/apng"], shownInline: true, stripped: true, walked: true },
  "image/jpeg": {
    extensions: ["jpg"],
    aliases: ["image/jpg", "image/pjpeg"],
    shownInline: true,
    stripped: true,
    walked: true,
  },
  "image/gif": { shownInline: true, walked: true },
  "image/webp": { shownInline: true, stripped: true, walked: true, rendered: true },
  "image/avif": { within: ["image/heif"], shownInline: true, walked: true, rendered: true },
  "image/heic": { within: ["image/heif"], walked: true, rendered: true },
  "image/heif": { within: ["image/heic"], walked: true, rendered: true },
  "image/jxl": {},
  "image/bmp": { aliases: ["image/x-ms-bmp"], walked: true },
  "image/tiff": { extensions: ["tif"] },
  "image/vnd.microsoft.icon": { extensions: ["ico"], aliases: ["image/x-icon"] },
  "image/vnd.adobe.photoshop": { extensions: ["psd"] },

  "video/quicktime": { extensions: ["mov"] },
  "video/3gpp": { extensions: ["3gp"] },
  "video/mp4": { shownInline: true },
  "video/webm": { shownInline: true },
  "video/x-matroska": { extensions: ["mkv"] },
  "video/x-msvideo": { extensions: ["avi"], aliases: ["video/avi"] },
  "video/mpeg": { extensions: ["mpg"] },
  "video/ogg": { extensions: ["ogv"], grade: "refined", within: ["audio/ogg"], shownInline: true },

  "audio/mp4": { extensions: ["m4a"], aliases: ["audio/x-m4a"], within: ["video/mp4"], shownInline: true },
  "audio/3gpp": { extensions: ["3gp"], grade: "refined", within: ["video/3gpp"] },
  "audio/webm": { grade: "refined", within: ["video/webm"], shownInline: true },
  "audio/x-matroska": { extensions: ["mka"], grade: "refined", within: ["video/x-matroska"] },
  "audio/wav": { aliases: ["audio/x-wav", "audio/wave", "audio/vnd.wave"], shownInline: true },
  "audio/ogg": { shownInline: true },
  "application/ogg": { extensions: ["ogx"], grade: "refined", within: ["audio/ogg"] },
  "audio/flac": { aliases: ["audio/x-flac"], shownInline: true },
  "audio/midi": { extensions: ["mid"] },
  "audio/aac": { aliases: ["audio/x-aac"], shownInline: true },
  "audio/mpeg": { extensions: ["mp3"], aliases: ["audio/mp3", "audio/x-mp3"], shownInline: true },

  "text/plain": { extensions: ["txt", "text", "log"], grade: "text", shownInline: true, kept: true },
  "text/csv": { aliases: ["application/csv", "text/x-csv"], grade: "text", kept: true },
  "text/tab-separated-values": { extensions: ["tsv"], grade: "text" },
  "text/markdown": { extensions: ["md", "markdown"], aliases: ["text/x-markdown"], grade: "text" },
  "text/calendar": { extensions: ["ics"], grade: "text" },
  "text/vcard": { extensions: ["vcf"], grade: "text" },
  "text/vtt": { grade: "text" },
  "application/json": { aliases: ["text/json"], grade: "text", kept: true },
  "application/geo+json": { extensions: ["geojson"], grade: "text" },
  "application/x-ndjson": { extensions: ["ndjson", "jsonl"], grade: "text" },
  "application/yaml": { extensions: ["yaml", "yml"], aliases: ["application/x-yaml", "text/yaml"], grade: "text" },
  "application/x-subrip": { extensions: ["srt"], grade: "text" },

  "text/html": { grade: "markup" },
  "image/svg+xml": { extensions: ["svg"], grade: "markup" },
  "application/xhtml+xml": { extensions: ["xhtml"], grade: "markup" },
  "application/xml": { aliases: ["text/xml"], grade: "markup" },

  "application/pdf": { aliases: ["application/x-pdf"], kept: true },
  "application/zip": { aliases: ["application/x-zip-compressed", "application/x-zip"], kept: true },
  "application/rtf": { kept: true },
  "application/x-cfb": { extensions: ["cfb"] },
  "application/msword": { extensions: ["doc"], grade: "refined", within: ["application/x-cfb"], kept: true },
  "application/vnd.ms-excel": { extensions: ["xls"], grade: "refined", within: ["application/x-cfb"], kept: true },
  "application/vnd.ms-powerpoint": { extensions: ["ppt"], grade: "refined", within: ["application/x-cfb"], kept: true },
  "application/vnd.openxmlformats-officedocument.wordprocessingml.document": { extensions: ["docx"], kept: true },
  "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": { extensions: ["xlsx"], kept: true },
  "application/vnd.openxmlformats-officedocument.presentationml.presentation": { extensions: ["pptx"], kept: true },
  "application/vnd.oasis.opendocument.text": { extensions: ["odt"], kept: true },
  "application/vnd.oasis.opendocument.spreadsheet": { extensions: ["ods"], kept: true },
  "application/vnd.oasis.opendocument.presentation": { extensions: ["odp"], kept: true },
  "application/epub+zip": { extensions: ["epub"] },

  "application/gzip": { extensions: ["gz"], aliases: ["application/x-gzip"] },
  "application/x-7z-compressed": { extensions: ["7z"] },
  "application/vnd.rar": { extensions: ["rar"], aliases: ["application/x-rar-compressed"] },
  "application/x-bzip2": { extensions: ["bz2"] },
  "application/x-xz": { extensions: ["xz"] },
  "application/zstd": { extensions: ["zst"] },
  "application/x-tar": { extensions: ["tar"] },
  "application/vnd.sqlite3": { extensions: ["sqlite"] },
  "application/wasm": {},
  "application/x-elf": { extensions: ["elf"] },
  "application/x-msdownload": { extensions: ["exe"] },
  "font/woff2": {},
  "font/woff": {},
  "font/otf": {},
  "font/ttf": {},
  "model/gltf-binary": { extensions: ["glb"] },
} as const satisfies Readonly<Record<string, Row>>;

type Rows = typeof rows;

/** The types whose rows have this fact. */
export type TypeWith<Fact extends keyof Row> = {
  [Type in keyof Rows]: Rows[Type] extends Readonly<Record<Fact, unknown>> ? Type : never;
}[keyof Rows];

/** The types that a signature proves. */
export type SignedType = Exclude<keyof Rows, TypeWith<"grade">>;

export interface MediaType extends Row {
  readonly extensions: readonly [string, ...string[]];
}

/** By name: lower case, without parameters. */
export const mediaTypes: ReadonlyMap<string, MediaType> = new Map(
  Object.entries<Row>(rows).map(([type, row]) => [type, { extensions: [type.slice(type.indexOf("/") + 1)], ...row }]),
);

/** The type of bytes about which nothing is known. Always harmless: `nosniff` keeps a browser from guessing another. */
export const OPAQUE = "application/octet-stream";
