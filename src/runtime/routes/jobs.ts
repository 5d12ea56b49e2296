/** Jobs under /jobs, as their owners may see them. What is no job's id there may be an endpoint's. */
import { Hono } from "hono/tiny";
import { isJobId } from "../../contract/routes.ts";
import type { BackgroundWork } from "../build.ts";
import { methodNotAllowed } from "../http/exact-routes.ts";
import { answering, type AppTypes } from "./context.ts";

export function createJobRoutes(background: BackgroundWork): Hono<AppTypes> {
  const app = new Hono<AppTypes>();
  app.all("/:id", async (c, next) => {
    const id = c.req.param("id");
    if (!isJobId(id)) return next();
    if (!["GET", "HEAD"].includes(c.req.method)) throw methodNotAllowed(["GET", "HEAD"]);
    const data = await answering(c, (call) => background.show(call, id, c.req.raw.headers));
    return c.json({ success: true, message: "OK", data }, 200, { "Cache-Control": "no-store" });
  });
  return app;
}
