/** Jobs under /jobs, as their owners may see them. */
import { Hono } from "hono/tiny";
import type { BackgroundWork } from "../build.ts";
import { methodNotAllowed } from "../http/exact-routes.ts";
import { answering, type AppTypes } from "./context.ts";

export function createJobRoutes(background: BackgroundWork): Hono<AppTypes> {
  const app = new Hono<AppTypes>();
  app.on(["GET", "HEAD"], "/:id", async (c) => {
    const data = await answering(c, (call) => background.show(call, c.req.param("id"), c.req.raw.headers));
    return c.json({ success: true, message: "OK", data }, 200, { "Cache-Control": "no-store" });
  });
  app.all("/:id", () => {
    throw methodNotAllowed(["GET", "HEAD"]);
  });
  return app;
}
