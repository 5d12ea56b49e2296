// oxlint-disable no-control-regex -- signatures are bytes
/**
 * The media types that the runtime tells apart, how it tells them, and what it does with each. A new type is a row here. Where a
 * type needs code besides (how its metadata is removed), the type checker keeps the keys of that map equal to the rows.
 */

/** What is known of a type besides its name. */
interface Row {
  /** The extensions of such files' names; stored files get the first. Absent: the subtype. */
  readonly extensions?: readonly [string, ...string[]];
  /** Other names for the same type, as browsers and operating systems send them. */
  readonly aliases?: readonly string[];
  /**
   * How the type is told. Absent: the bytes prove it, by `magic` or as a ZIP. `word`: the client says it of bytes that prove
   * less. `text`: the bytes are text, and the client or the file's name says which. `markup`: by the first element.
   */
  readonly grade?: "word" | "text" | "markup";
  /**
   * The signature, held against the first bytes as characters; of several rows the first counts. Sources: the formats' own
   * specifications and https://mimesniff.spec.whatwg.org/.
   */
  readonly magic?: RegExp;
  /** Held against the names of a ZIP's first entries, a line each; of several rows the first counts. */
  readonly entry?: RegExp;
  /** The ZIP's first entry is a file `mimetype` that holds this type. */
  readonly stated?: true;
  /** The XML root element's local name. */
  readonly root?: string;
  /** How such text begins; other text is not of this type, whoever says so. */
  readonly begins?: RegExp;
  /**
   * The broader type that such a file is as well. Bytes that prove only that are of this type by the client's word, and come
   * in where a list takes both. Absent for text: `text/plain`.
   */
  readonly kindOf?: string;
  /** Types whose signature a file of this type may show instead: if the client declares this type, it is believed. */
  readonly within?: readonly string[];
  /** Types that such files are taken for, or that are taken for this one: neither refutes the other. */
  readonly akin?: readonly string[];
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

const ZIP = "application/zip";
const CFB = "application/x-cfb";
const XML = "application/xml";
const PLAIN = "text/plain";
/** Markdown may begin as HTML does, and a list of plain text takes no HTML. */
const notPlain = [PLAIN, "text/markdown"];
const json = { grade: "text", begins: /^(?:[[{"\d]|-\d|true|false|null)/ } as const;
const WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const POWERPOINT = "application/vnd.openxmlformats-officedocument.presentationml.presentation";

/** OpenDocument and EPUB write their type into their first entry. */
const stated = { stated: true, kindOf: ZIP } as const;
/** With macros, a template or a show: which of them is deep in the archive. */
const wordFile = { grade: "word", kindOf: WORD } as const;
const excelFile = { grade: "word", kindOf: EXCEL } as const;
const powerpointFile = { grade: "word", kindOf: POWERPOINT } as const;
const zipByWord = { grade: "word", kindOf: ZIP } as const;

const rows = {
  "image/png": {
    magic: /^\x89PNG\r\n\x1a\n/,
    aliases: ["image/x-png", "image/apng"],
    shownInline: true,
    stripped: true,
    walked: true,
  },
  "image/jpeg": {
    magic: /^\xff\xd8\xff/,
    extensions: ["jpg"],
    aliases: ["image/jpg", "image/pjpeg"],
    shownInline: true,
    stripped: true,
    walked: true,
  },
  "image/gif": { magic: /^GIF8[79]a/, shownInline: true, stripped: true, walked: true },
  "image/webp": { magic: /^RIFF....WEBP/s, shownInline: true, stripped: true, walked: true, rendered: true },
  "image/avif": {
    magic: /^\0...ftypavi[fs]/s,
    within: ["image/heif"],
    shownInline: true,
    stripped: true,
    walked: true,
    rendered: true,
  },
  "image/heic": { magic: /^\0...ftyphe[iv]/s, within: ["image/heif"], stripped: true, walked: true, rendered: true },
  "image/heif": {
    magic: /^\0...ftyp(?:mif|msf|miaf)/s,
    within: ["image/heic"],
    stripped: true,
    walked: true,
    rendered: true,
  },
  "image/x-canon-cr3": { magic: /^\0...ftypcrx /s, extensions: ["cr3"] },
  "image/jxl": { magic: /^(?:\xff\n|\0\0\0\x0cJXL \r\n)/ },
  "image/bmp": { magic: /^BM.{12}[\x0c\x10(48@l|]\0\0\0/s, aliases: ["image/x-ms-bmp"], walked: true },
  "image/x-adobe-dng": {
    magic: /^(?:II[*+]\0.*\x12\xc6\x01\0\x04\0\0\0|MM\0[*+].*\xc6\x12\0\x01\0\0\0\x04)/s,
    extensions: ["dng"],
    kindOf: "image/tiff",
  },
  "image/x-canon-cr2": { magic: /^II\*\0.{4}CR\x02/s, extensions: ["cr2"], kindOf: "image/tiff" },
  // Of these, the first picture lists other versions, as that of hardly another TIFF does, and the maker is named.
  "image/x-nikon-nef": {
    magic: /^(?:II\*\0(?=.*J\x01[\x04\r]\0)|MM\0\*(?=.*\x01J\0[\x04\r])).*NIKON/s,
    extensions: ["nef", "nrw"],
    kindOf: "image/tiff",
  },
  "image/x-sony-arw": {
    magic: /^II\*\0(?=.*J\x01[\x04\r]\0).*SONY/s,
    extensions: ["arw"],
    kindOf: "image/tiff",
  },
  "image/x-samsung-srw": {
    magic: /^II\*\0(?=.*J\x01[\x04\r]\0).*SAMSUNG/s,
    extensions: ["srw"],
    kindOf: "image/tiff",
  },
  // Pentax has a number of its own for its compression.
  "image/x-pentax-pef": {
    magic: /^(?:II\*\0(?=.*\x03\x01\x03\0\x01\0\0\0\xff\xff)|MM\0\*(?=.*\x01\x03\0\x03\0\0\0\x01\xff\xff)).*PENTAX/s,
    extensions: ["pef"],
    kindOf: "image/tiff",
  },
  "image/x-olympus-orf": { magic: /^(?:IIR[OS]\x08\0|MMOR\0\0)/, extensions: ["orf"] },
  "image/x-panasonic-rw2": { magic: /^IIU\0/, extensions: ["rw2", "rwl"] },
  "image/x-fuji-raf": { magic: /^FUJIFILMCCD-RAW /, extensions: ["raf"] },
  "image/tiff": { magic: /^(?:II[*+]\0|MM\0[*+])/, extensions: ["tif"] },
  "image/vnd.microsoft.icon": { magic: /^\0\0\x01\0/, extensions: ["ico"], aliases: ["image/x-icon"] },
  "image/vnd.adobe.photoshop": { magic: /^8BPS\0/, extensions: ["psd"] },

  "video/quicktime": {
    magic: /^(?:\0...ftypqt|[\0-\x08]...(?:moov|mdat|wide|pnot))/s,
    extensions: ["mov"],
    akin: ["video/mp4"],
  },
  "video/3gpp2": { magic: /^\0...ftyp3g2/s, extensions: ["3g2"], kindOf: "video/3gpp" },
  "video/3gpp": { magic: /^\0...ftyp3g/s, extensions: ["3gp"], akin: ["video/mp4"] },
  "audio/mp4": {
    magic: /^\0...ftypM4[ABP]/s,
    extensions: ["m4a"],
    aliases: ["audio/x-m4a"],
    within: ["video/mp4"],
    shownInline: true,
  },
  "video/x-m4v": { magic: /^\0...ftypM4V/s, extensions: ["m4v"], kindOf: "video/mp4", shownInline: true },
  "video/mp4": { magic: /^\0...ftyp/s, shownInline: true },
  "video/webm": { magic: /^\x1aE\xdf\xa3.{0,56}webm/s, akin: ["video/x-matroska"], shownInline: true },
  "video/x-matroska": { magic: /^\x1aE\xdf\xa3.{0,52}matroska/s, extensions: ["mkv"] },
  "video/x-msvideo": { magic: /^RIFF....AVI /s, extensions: ["avi"], aliases: ["video/avi"] },
  "video/mpeg": { magic: /^\0\0\x01[\xb3\xba]/, extensions: ["mpg"] },
  "video/ogg": { magic: /^OggS.{24}\x80theora/s, extensions: ["ogv"], within: ["audio/ogg"], shownInline: true },

  "audio/3gpp": { extensions: ["3gp"], grade: "word", within: ["video/3gpp"] },
  "audio/webm": { grade: "word", within: ["video/webm"], shownInline: true },
  "audio/x-matroska": { extensions: ["mka"], grade: "word", within: ["video/x-matroska"] },
  "audio/wav": { magic: /^RIFF....WAVE/s, aliases: ["audio/x-wav", "audio/wave", "audio/vnd.wave"], shownInline: true },
  // Opus in a file is Ogg, and its type is audio/ogg: RFC 7845 §9.
  "audio/ogg": { magic: /^OggS/, shownInline: true },
  "application/ogg": { extensions: ["ogx"], grade: "word", within: ["audio/ogg"] },
  "audio/flac": { magic: /^fLaC/, aliases: ["audio/x-flac"], shownInline: true },
  "audio/midi": { magic: /^MThd/, extensions: ["mid"] },
  "audio/aac": { magic: /^\xff[\xf0\xf1\xf8\xf9]/, aliases: ["audio/x-aac"], shownInline: true },
  "audio/mpeg": {
    magic:
      /^(?:ID3[\0-\x0f]|\xff[\xe2\xe3\xea\xeb\xf2\xf3\xfa\xfb][\0-\x0b\x10-\x1b -+0-;@-KP-[`-kp-{\x80-\x8b\x90-\x9b\xa0-\xab\xb0-\xbb\xc0-\xcb\xd0-\xdb\xe0-\xeb])/,
    extensions: ["mp3"],
    aliases: ["audio/mp3", "audio/x-mp3"],
    shownInline: true,
  },

  "text/plain": { extensions: ["txt", "text", "log"], grade: "text", shownInline: true, kept: true },
  // Windows with Excel installed declares every .csv as an Excel sheet.
  "text/csv": {
    aliases: ["application/csv", "text/x-csv"],
    grade: "text",
    akin: ["application/vnd.ms-excel"],
    kept: true,
  },
  "text/tab-separated-values": { extensions: ["tsv"], grade: "text" },
  "text/markdown": { extensions: ["md", "markdown"], aliases: ["text/x-markdown"], grade: "text" },
  "text/calendar": { extensions: ["ics"], grade: "text" },
  "text/vcard": { extensions: ["vcf"], grade: "text" },
  "text/vtt": { grade: "text" },
  // Linux takes what gettext begins translations with for a PowerPoint template.
  "text/x-gettext-translation-template": {
    extensions: ["pot"],
    grade: "text",
    akin: ["application/vnd.ms-powerpoint"],
  },
  "application/json": { aliases: ["text/json"], ...json, kept: true },
  "application/geo+json": { extensions: ["geojson"], ...json },
  "application/ld+json": { extensions: ["jsonld"], ...json },
  "application/x-ipynb+json": { extensions: ["ipynb"], ...json },
  "application/x-ndjson": { extensions: ["ndjson", "jsonl"], ...json },
  "application/yaml": {
    extensions: ["yaml", "yml"],
    aliases: ["application/x-yaml", "text/yaml"],
    grade: "text",
    begins: /^(?:---|%YAML|- |[\w."'-]+:(?:\s|$))/m,
  },
  "application/toml": { grade: "text" },
  "application/sql": { grade: "text" },
  "application/x-sh": { extensions: ["sh"], grade: "text" },
  "application/x-pem-file": { extensions: ["pem"], grade: "text", begins: /^-----BEGIN /m },
  "message/rfc822": { extensions: ["eml"], grade: "text", begins: /^[\w-]+:/ },
  "application/x-subrip": { extensions: ["srt"], grade: "text", begins: /^\d/ },

  "text/html": { grade: "markup" },
  "image/svg+xml": { extensions: ["svg"], grade: "markup", root: "svg" },
  "application/xhtml+xml": { extensions: ["xhtml"], grade: "markup", root: "html" },
  "application/gpx+xml": { extensions: ["gpx"], grade: "markup", root: "gpx", kindOf: XML },
  "application/vnd.google-earth.kml+xml": { extensions: ["kml"], grade: "markup", root: "kml", kindOf: XML },
  "application/rss+xml": { extensions: ["rss"], grade: "markup", root: "rss", kindOf: XML },
  "application/atom+xml": { extensions: ["atom"], grade: "markup", root: "feed", kindOf: XML },
  "application/mathml+xml": { extensions: ["mml", "mathml"], grade: "markup", root: "math", kindOf: XML },
  "application/xml": { aliases: ["text/xml"], grade: "markup" },

  "application/pdf": { magic: /^%PDF-/, aliases: ["application/x-pdf"], kept: true },
  "application/rtf": { magic: /^\{\\rtf/, aliases: ["text/rtf"], akin: ["application/msword"], kept: true },
  "application/x-cfb": { magic: /^\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1/, extensions: ["cfb"] },
  "application/msword": { extensions: ["doc"], grade: "word", within: [CFB], kept: true },
  "application/vnd.ms-excel": { extensions: ["xls"], grade: "word", within: [CFB], kept: true },
  "application/vnd.ms-powerpoint": { extensions: ["ppt"], grade: "word", within: [CFB], kept: true },

  "application/vnd.android.package-archive": {
    extensions: ["apk"],
    entry: /^(?:AndroidManifest\.xml|classes\.dex|resources\.arsc|META-INF\/com\/android\/)/m,
    kindOf: "application/java-archive",
  },
  "application/java-archive": {
    extensions: ["jar"],
    entry: /^META-INF\/MANIFEST\.MF/m,
    kindOf: ZIP,
  },
  "application/x-xpinstall": { extensions: ["xpi"], entry: /^(?:META-INF\/mozilla\.|install\.rdf)/m, kindOf: ZIP },
  "application/vnd.google-earth.kmz": { extensions: ["kmz"], entry: /^doc\.kml/m, kindOf: ZIP },
  "model/3mf": { entry: /^3D\/.*\.model$/m, kindOf: ZIP },
  // A folder of such a name may be anybody's: the endings tell it. A document that is locked with a password is a compound file.
  [WORD]: { extensions: ["docx"], entry: /^word\/.*\.(?:xml|rels|bin)$/m, kindOf: ZIP, akin: [CFB], kept: true },
  [EXCEL]: { extensions: ["xlsx"], entry: /^xl\/.*\.(?:xml|rels|bin)$/m, kindOf: ZIP, akin: [CFB], kept: true },
  [POWERPOINT]: { extensions: ["pptx"], entry: /^ppt\/.*\.(?:xml|rels|bin)$/m, kindOf: ZIP, akin: [CFB], kept: true },
  "application/vnd.ms-visio.drawing": {
    extensions: ["vsdx"],
    entry: /^visio\/.*\.(?:xml|rels|bin)$/m,
    kindOf: ZIP,
  },
  "application/vnd.ms-word.document.macroenabled.12": { ...wordFile, extensions: ["docm"] },
  "application/vnd.ms-word.template.macroenabled.12": { ...wordFile, extensions: ["dotm"] },
  "application/vnd.openxmlformats-officedocument.wordprocessingml.template": { ...wordFile, extensions: ["dotx"] },
  "application/vnd.ms-excel.sheet.macroenabled.12": { ...excelFile, extensions: ["xlsm"] },
  "application/vnd.ms-excel.sheet.binary.macroenabled.12": { ...excelFile, extensions: ["xlsb"] },
  "application/vnd.openxmlformats-officedocument.spreadsheetml.template": { ...excelFile, extensions: ["xltx"] },
  "application/vnd.ms-powerpoint.presentation.macroenabled.12": { ...powerpointFile, extensions: ["pptm"] },
  "application/vnd.openxmlformats-officedocument.presentationml.template": { ...powerpointFile, extensions: ["potx"] },
  "application/vnd.openxmlformats-officedocument.presentationml.slideshow": { ...powerpointFile, extensions: ["ppsx"] },
  "application/vnd.oasis.opendocument.text": { ...stated, extensions: ["odt"], kept: true },
  "application/vnd.oasis.opendocument.spreadsheet": { ...stated, extensions: ["ods"], kept: true },
  "application/vnd.oasis.opendocument.presentation": { ...stated, extensions: ["odp"], kept: true },
  "application/vnd.oasis.opendocument.graphics": { ...stated, extensions: ["odg"] },
  "application/vnd.oasis.opendocument.text-template": { ...stated, extensions: ["ott"] },
  "application/epub+zip": { ...stated, extensions: ["epub"] },
  "application/vnd.apple.pages": { ...zipByWord, extensions: ["pages"] },
  "application/vnd.apple.numbers": { ...zipByWord, extensions: ["numbers"] },
  "application/vnd.apple.keynote": { ...zipByWord, extensions: ["key"] },
  "application/zip": {
    magic: /^PK(?:\x03\x04|\x05\x06)/,
    aliases: ["application/x-zip-compressed", "application/x-zip"],
    kept: true,
  },

  // SVG that is compressed is declared as SVG.
  "application/gzip": {
    magic: /^\x1f\x8b\x08/,
    extensions: ["gz"],
    aliases: ["application/x-gzip"],
    akin: ["image/svg+xml"],
  },
  "application/x-7z-compressed": { magic: /^7z\xbc\xaf'\x1c/, extensions: ["7z"] },
  "application/vnd.rar": { magic: /^Rar!\x1a\x07/, extensions: ["rar"], aliases: ["application/x-rar-compressed"] },
  "application/x-bzip2": { magic: /^BZh/, extensions: ["bz2"] },
  "application/x-xz": { magic: /^\xfd7zXZ\0/, extensions: ["xz"] },
  "application/zstd": { magic: /^\(\xb5\/\xfd/, extensions: ["zst"] },
  "application/x-tar": { magic: /^.{257}ustar/s, extensions: ["tar"] },
  "application/vnd.sqlite3": { magic: /^SQLite format 3\0/, extensions: ["sqlite"] },
  "application/wasm": { magic: /^\0asm/ },
  "application/x-elf": { magic: /^\x7fELF/, extensions: ["elf"] },
  "application/x-msdownload": { magic: /^MZ.{0,61}\0/s, extensions: ["exe"] },
  "font/woff2": { magic: /^wOF2/ },
  "font/woff": { magic: /^wOFF/ },
  "font/otf": { magic: /^OTTO\0/, akin: ["font/ttf"] },
  "font/ttf": { magic: /^(?:\0\x01\0\0|true)\0[^\0]/ },
  "font/collection": { magic: /^ttcf\0/, extensions: ["ttc"] },
  "model/gltf-binary": { magic: /^glTF/, extensions: ["glb"] },
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
  Object.entries<Row>(rows).map(([type, row]) => [
    type,
    {
      extensions: [type.slice(type.indexOf("/") + 1)],
      ...(row.grade === "text" && !notPlain.includes(type) ? { kindOf: PLAIN } : {}),
      ...row,
    },
  ]),
);

/** True for a type that no byte of its own proves: a list that takes it has to take one that it is a `kindOf`, too. */
export function isByWord(type: string): boolean {
  const row = mediaTypes.get(type);
  if (row?.kindOf === undefined) return false;
  return row.grade === "word" || (row.grade === "text" && row.begins === undefined && !type.startsWith("text/"));
}

/** The type of bytes about which nothing is known. Always harmless: `nosniff` keeps a browser from guessing another. */
export const OPAQUE = "application/octet-stream";
