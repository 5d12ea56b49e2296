/** Lays text out in columns. */
import { stripVTControlCharacters } from "node:util";

export type Align = "left" | "right";

/** One line per row, columns two spaces apart, each as wide as its widest cell. Colours in cells do not count. */
export function layOut(rows: readonly (readonly string[])[], aligns: readonly Align[]): readonly string[] {
  const widthOf = (text: string) => stripVTControlCharacters(text).length;
  const widths = aligns.map((_, column) => Math.max(0, ...rows.map((row) => widthOf(row[column] ?? ""))));
  return rows.map((row) =>
    aligns
      .map((align, column) => {
        const cell = row[column] ?? "";
        const padding = " ".repeat((widths[column] ?? 0) - widthOf(cell));
        return align === "left" ? cell + padding : padding + cell;
      })
      .join("  ")
      .trimEnd(),
  );
}
