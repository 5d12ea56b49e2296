/** Colours for terminals that have them, plain text for all other output. */
/** What a stream must tell: both streams of a process do. */
export interface Screen {
  readonly isTTY: boolean;
  getColorDepth?(): number;
}

export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
  /** A block in a colour given as `#rrggbb`; empty where the terminal has no 24-bit colours. */
  swatch(color: string): string;
}

/** For what is written to this stream. Honours NO_COLOR and FORCE_COLOR, as Node does. */
export function createStyle(screen: Screen): Style {
  const depth = colorDepth(screen);
  const wrap = (code: string) => (text: string) => (depth > 1 ? `\u001b[${code}m${text}\u001b[0m` : text);
  return {
    bold: wrap("1"),
    dim: wrap("2"),
    good: wrap("32"),
    bad: wrap("31"),
    swatch(color) {
      const channels = /^#(..)(..)(..)$/.exec(color)?.slice(1);
      if (depth < 24 || channels === undefined) return "";
      return `\u001b[48;2;${channels.map((channel) => Number.parseInt(channel, 16)).join(";")}m    \u001b[0m`;
    },
  };
}

function colorDepth(screen: Screen): number {
  if ((process.env["NO_COLOR"] ?? "") !== "") return 1;
  if (process.env["FORCE_COLOR"] === "3") return 24;
  return screen.isTTY ? (screen.getColorDepth?.() ?? 1) : 1;
}
