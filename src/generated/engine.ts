/** The database chosen by DATABASE in wrangler.toml: written by src/cli/build.ts, never edited by hand. */
export { d1 as engine } from "../databases/d1.ts";
