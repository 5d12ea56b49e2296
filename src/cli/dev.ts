/**
 * The server while ABIs and code are being written: wrangler compiles and reloads on every change.
 *
 *     npm run dev [-- --port 8787]
 */
import { serve } from "./local/serve.ts";

await serve({
  // What keeps the server from being healthy is shown, and corrected meanwhile.
  patienceMs: Infinity,
  introduce: async (origin, _secrets, style) => `  ${origin}  ${style.dim("reloads on change, Ctrl-C stops")}\n`,
});
