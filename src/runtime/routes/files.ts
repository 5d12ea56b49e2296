/** Downloads under /files, and the entry to the file API. */
import { Hono } from "hono/tiny";
import { misconfigured, Problem } from "../../contract/problem.ts";
import type { FileApi } from "../build.ts";
import { serveFile } from "../http/download.ts";
import { linkKeyOf } from "../links/signed-link.ts";
import { createLinkRegistry } from "../links/registry.ts";
import { answering, baseOf, pathOf, type AppContext, type AppTypes } from "./context.ts";

export function createFileRoutes(): Hono<AppTypes> {
  return new Hono<AppTypes>().all("/*", (c) => {
    const { database, dialect, store, settings, features, plans } = c.var.deployment;
    const links = createLinkRegistry(database, dialect);
    return serveFile(c.req.raw, {
      links,
      store,
      linkKey: linkKeyOf(settings.linkSecret),
      now: new Date(),
      asked: (request, verdict) => features.thumbnails.asked(request, verdict, plans),
      place: { mount: c.var.mount, base: baseOf(c) },
    });
  });
}

/** @param fileApi null: the Worker was built without it */
export function fileApiHandler(fileApi: FileApi | null): (c: AppContext) => Promise<Response> {
  return (c) => {
    if (c.var.deployment.settings.fileApi.isOn !== (fileApi !== null)) {
      throw misconfigured("FILE_API was changed: deploy the Worker again");
    }
    if (fileApi === null) throw new Problem("resource_not_found");
    return answering(c, (call) => fileApi(c.req.raw, pathOf(c), call));
  };
}
