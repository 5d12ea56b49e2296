/** The database chosen by DATABASE in wrangler.toml: written by src/cli/cli.ts, never edited by hand. */
export { engine } from "../database/d1/d1-engine.ts";
