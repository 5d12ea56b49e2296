/** The table of suites in CONTRIBUTING.md. */
import { suites } from "../suite.ts";

const begin = "<!-- suites: written by npm run pages -->";
const end = "<!-- end of suites -->";

/** @throws Error where the page has no place for it */
export function withSuites(page: string): string {
  const [before, , after] = page.split(new RegExp(`(${begin}[^]*${end})`));
  if (before === undefined || after === undefined) throw new Error(`CONTRIBUTING.md lacks ${begin} and ${end}`);
  const rows = Object.entries(suites).map(([name, { what, time }]) => `| \`${name}\` | ${what} | ${time} |`);
  const table = ["| suite | does | takes |", "| --- | --- | --- |", ...rows].join("\n");
  return `${before}${begin}\n\n${table}\n\n${end}${after}`;
}
