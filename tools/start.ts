/**
 * The first start of a newcomer: secrets, migrations, the server, a gallery with pictures in it, and a line to paste.
 *
 *     npm start [-- --port 8787]
 */
import { fillGallery } from "./demo/fill-gallery.ts";
import { secretNamed } from "../src/cli/local/secrets.ts";
import { serve } from "../src/cli/local/serve.ts";
import { signToken } from "../src/cli/local/sign-token.ts";
import { layOut } from "../src/cli/terminal/table.ts";

/** A working day. */
const TOKEN_SECONDS = 12 * 3600;

await serve({
  patienceMs: 60_000,
  async introduce(origin, secrets, style) {
    const secret = secretNamed(secrets, "JWT_SECRET_KEY");
    const token = await signToken({ secret, claims: { id: "user_01" }, expiresSeconds: TOKEN_SECONDS });
    // The server is of use without pictures too; its log says what was wrong.
    const filled = await fillGallery(origin, token).catch(() => 0);
    // There is none without the file API.
    const hasPage = (await fetch(origin)).ok;
    const addresses = layOut(
      [
        ["Address", origin],
        ["Health", `${origin}/healthz`],
        ...(hasPage ? [["Gallery", `${origin}/#token=${token}`]] : []),
      ].map(([name = "", address = ""]) => [style.dim(name), address]),
      ["left", "left"],
    );
    return [
      ...addresses.map((line) => `  ${line}`),
      "",
      ...(filled === 0
        ? []
        : [`  ${style.dim(`The gallery was empty: it has ${filled} photographs of test/support/photos now.`)}`, ""]),
      `  ${style.bold("Upload a photo")}`,
      "",
      `curl -H 'x-access-token: ${token}' -F 'file=@test/support/photos/sunset-1600.jpg' ${origin}/upload-gallery-and-store`,
      "",
      `  ${style.dim("The token is user_01's for 12 hours; `npx sluice token --id user_02` makes another.")}`,
      `  ${style.dim("Ctrl-C stops the server.")}`,
      "",
    ].join("\n");
  },
});
