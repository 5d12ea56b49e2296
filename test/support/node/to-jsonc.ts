import { parse } from "smol-toml";

/** The same settings as people write them into wrangler.jsonc: with comments, and a comma behind the last member. */
export function toJsonc(toml: string): string {
  const json = JSON.stringify(parse(toml), null, 2).replaceAll(/([^[{,\s])\n(?=\s*[}\]])/g, "$1, // the last\n");
  return `// wrangler's\n${json}\n/* the end */\n`;
}
