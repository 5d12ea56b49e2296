/** The demo's table of stored photographs. */
import { WriteStream } from "node:tty";
import type { Style } from "../../src/cli/terminal/style.ts";
import { layOut, type Align } from "../../src/cli/terminal/table.ts";
import type { StoredPhoto } from "./gallery-client.ts";

export interface PhotoRow {
  readonly fileName: string;
  readonly photo: StoredPhoto;
  /** Of the call that carried it, other files included. */
  readonly milliseconds: number;
}

/** The pixels have a column only when some answer names them. */
export function drawPhotoTable(rows: readonly PhotoRow[], style: Style): string {
  const hasPixels = rows.some(({ photo }) => typeof photo.width === "number");
  const columns = hasPixels ? allColumns : allColumns.filter(({ heading }) => heading !== "pixels");
  const lines = layOut(
    [
      columns.map(({ heading }) => (heading === "" ? "" : style.dim(heading))),
      ...rows.map((row) => columns.map((column) => column.cell(row))),
    ],
    columns.map(({ align }) => align),
  );
  return lines.map((line) => `    ${line}`).join("\n");
}

interface Column {
  readonly heading: string;
  readonly align: Align;
  cell(row: PhotoRow): string;
}

const allColumns: readonly Column[] = [
  { heading: "", align: "left", cell: ({ photo }) => swatch(photo.dominant_color ?? "") },
  { heading: "colour", align: "left", cell: ({ photo }) => photo.dominant_color ?? "none" },
  { heading: "file", align: "left", cell: ({ fileName }) => fileName },
  { heading: "size", align: "right", cell: ({ photo }) => `${(photo.file_size / 1024).toFixed(0)} KiB` },
  { heading: "pixels", align: "right", cell: ({ photo }) => `${photo.width ?? "?"} × ${photo.height ?? "?"}` },
  { heading: "call", align: "right", cell: ({ milliseconds }) => `${milliseconds.toFixed(0)} ms` },
];

const isColorful = process.stdout.isTTY || (process.env["FORCE_COLOR"] ?? "") !== "";

/** A block in a colour given as `#rrggbb`; empty where the terminal has no 24-bit colours. */
function swatch(color: string): string {
  const channels = /^#(..)(..)(..)$/.exec(color)?.slice(1);
  if (!isColorful || WriteStream.prototype.getColorDepth() < 24 || channels === undefined) return "";
  return `\u001b[48;2;${channels.map((channel) => Number.parseInt(channel, 16)).join(";")}m    \u001b[0m`;
}
