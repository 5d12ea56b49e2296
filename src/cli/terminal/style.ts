/** Colours by their meaning, for a terminal that has them: NO_COLOR and FORCE_COLOR count, as Node honours them. */
import { styleText } from "node:util";

export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  bad(text: string): string;
}

/** For what is written to this stream. */
export function createStyle(stream: NodeJS.WriteStream): Style {
  const paint = (format: Parameters<typeof styleText>[0]) => (text: string) => styleText(format, text, { stream });
  return { bold: paint("bold"), dim: paint("dim"), good: paint("green"), bad: paint("red") };
}
