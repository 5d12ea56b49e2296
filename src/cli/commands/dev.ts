/**
 * The development server: wrangler compiles and reloads on every change of an ABI or of the code.
 *
 *     sluice dev [--port 8787]
 */
import { serve } from "../local/serve.ts";

await serve({
  // What keeps the server from being healthy is shown, and corrected meanwhile.
  patienceMs: Infinity,
  introduce: async (origin, _secrets, style) => `  ${origin}  ${style.dim("reloads on change, Ctrl-C stops")}\n`,
});
