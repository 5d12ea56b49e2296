/**
 * The file API under /v1/upload: its routes, and the envelope of its answers. It is compatible with Pakt's chainsite
 * API ("the page" in this folder); docs/file-api.md says what it has beyond that. Errors are left to whoever catches
 * them.
 */
import type { Timing } from "../call/timings.ts";
import type { Call } from "../call/call.ts";
import type { Json } from "../../contract/plan.ts";
import { Problem } from "../../contract/problem.ts";
import { readCaller } from "../auth/file-api-caller.ts";
import type { FileApiCall } from "./file-api-call.ts";
import { issueLink, listLinks, revokeFileLinks, revokeOwnLinks } from "./links.ts";
import { showLimits } from "./limits.ts";
import { listFiles } from "./list-files.ts";
import { deleteFile, makeDownloadUrl, restoreFile, showFile } from "./one-file.ts";
import { fileApiPath } from "../../contract/routes.ts";
import { methodNotAllowed } from "../http/exact-routes.ts";
import { renameFile } from "./rename-file.ts";
import { runUploadFile } from "./upload-file.ts";

interface Outcome {
  readonly message: string;
  readonly data: Json;
  readonly isReplay?: boolean;
  readonly timings?: readonly Timing[];
}

type Handler = (call: FileApiCall) => Promise<Outcome>;

/** By method. */
export type Route = Readonly<Record<string, Handler>>;

/** @throws Problem `resource_not_found`, `method_not_allowed`, `unauthorized`, and what the route refuses */
export async function answerFileApi(
  request: Request,
  path: string,
  call: Call,
  routeOf: (path: string) => Route | null = findRoute,
): Promise<Response> {
  const { settings } = call.deployment;
  const route = routeOf(path);
  if (route === null) throw new Problem("resource_not_found");
  // Whoever answers HEAD leaves the body out.
  const method = request.method === "HEAD" ? "GET" : request.method;
  const handler = Object.hasOwn(route, method) ? route[method] : undefined;
  if (handler === undefined) {
    throw methodNotAllowed(Object.keys(route).flatMap((name) => (name === "GET" ? ["GET", "HEAD"] : name)));
  }
  const owner = await readCaller(request.headers, call, settings.fileApi, call.deployment.plans);
  const response = respond(await handler({ ...call, request, owner }));
  return request.method === "HEAD" ? new Response(null, response) : response;
}

export function findRoute(pathname: string): Route | null {
  // The page writes the list's address with a slash at its end and the others without.
  const [first = "", second, third] = pathname.slice(fileApiPath.length).replace(/\/$/, "").split("/").slice(1);
  if (third !== undefined) return null;
  if (first === "links") return second === undefined ? ownLinks : null;
  if (first === "limits") return second === undefined ? { GET: succeed("OK", showLimits) } : null;
  if (second === "links") return fileLinks(first);
  if (second === undefined) return first === "" ? collection : first === "private" ? privateUpload : oneFile(first);
  if (first === "url") return { GET: succeed("Success", (call) => makeDownloadUrl(call, second)) };
  return second === "restore"
    ? { POST: succeed("file Restored Successfully", (call) => restoreFile(call, first)) }
    : null;
}

export const succeed =
  (message: string, work: (call: FileApiCall) => Promise<Json>): Handler =>
  async (call) => ({ message, data: await work(call) });

/** What an upload answers, beside its file. */
export const UPLOADED = "file Uploaded Successfully";
const upload =
  (visibility: "public" | "private"): Handler =>
  async (call) => ({ message: UPLOADED, ...(await runUploadFile(call, visibility)) });

const collection: Route = { GET: succeed("OK", listFiles), POST: upload("public") };
const privateUpload: Route = { POST: upload("private") };

const ownLinks: Route = { DELETE: succeed("Links Revoked Successfully", revokeOwnLinks) };
const fileLinks = (id: string): Route => ({
  GET: succeed("OK", (call) => listLinks(call, id)),
  POST: async (call) => ({ message: "Link Issued Successfully", ...(await issueLink(call, id)) }),
  DELETE: succeed("Links Revoked Successfully", (call) => revokeFileLinks(call, id)),
});

const oneFile = (id: string): Route => ({
  GET: succeed("Success", (call) => showFile(call, id)),
  PATCH: async (call) => ({ message: "file Renamed Successfully", ...(await renameFile(call, id)) }),
  DELETE: async (call) => ({ message: "file Deleted Successfully", ...(await deleteFile(call, id)) }),
});

export function respond({ message, data, isReplay = false, timings = [] }: Outcome): Response {
  const headers = new Headers({ "Cache-Control": "no-store" });
  if (isReplay) headers.set("Idempotent-Replayed", "true");
  if (timings.length > 0) {
    headers.set(
      "Server-Timing",
      timings.map(({ name, milliseconds }) => `${name};dur=${milliseconds.toFixed(1)}`).join(", "),
    );
  }
  return Response.json({ status: "success", message, data }, { headers });
}
