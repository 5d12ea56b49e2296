/** Compares the addresses of all endpoints: no call may be for two of them, nor for one of them and the runtime itself. */
import type { Method } from "../contract/plan.ts";
import { healthPath, isJobId, isParameter, jobsPath, ownFolders } from "../contract/routes.ts";
import type { Abi } from "./language/schema.ts";
import type { Report } from "./text/diagnostic.ts";

/** An ABI that is well formed, and where it is from. */
export interface Addressed {
  readonly abi: Abi;
  readonly file: string;
  readonly report: Report;
}

/** Files may be bodies of their own. */
export const takesRaw = ({ actionables }: Abi): boolean =>
  actionables.some((actionable) => actionable.mode === "UPLOAD" && actionable.uploads.raw === true);

/** Its callers get upload links. */
export const givesLinks = ({ actionables }: Abi): boolean =>
  actionables.some((actionable) => actionable.mode === "UPLOAD" && (actionable.uploads.links ?? false) !== false);

/** Those that the ABI names, or what a deployment takes where nobody says anything. */
export const methodsOf = (abi: Abi): readonly Method[] => abi.methods ?? (takesRaw(abi) ? ["POST", "PUT"] : ["POST"]);

/** Every id and every resource is an address. */
export function checkAddresses(endpoints: readonly Addressed[]): void {
  const ids = new Map<string, string>();
  const resources = new Map<string, string>();
  for (const [index, endpoint] of endpoints.entries()) {
    const { abi, file, report } = endpoint;
    const { id, resource } = abi;
    const sameId = ids.get(id);
    if (sameId !== undefined) report.fault("/id", `${sameId} has the id "${id}" already`);
    else if (resources.has(id)) report.fault("/id", `"${id}" is the resource of ${resources.get(id) ?? ""}`);
    const clash = findClash(abi, endpoints.slice(0, index));
    if (clash !== null) report.fault("/resource", clash);
    else if (ids.has(resource)) report.fault("/resource", `"${resource}" is the id of ${ids.get(resource) ?? ""}`);
    checkOwnRoutes(abi, report);
    checkLinkRoutes(endpoint, endpoints);
    ids.set(id, sameId ?? file);
    if (!resources.has(resource)) resources.set(resource, file);
  }
}

/** Of two resources that share paths and a method, one must be narrower. */
function findClash(abi: Abi, earlier: readonly Addressed[]): string | null {
  const segments = abi.resource.split("/");
  for (const other of earlier) {
    const method = methodsOf(abi).find((name) => methodsOf(other.abi).includes(name));
    const theirs = other.abi.resource.split("/");
    if (method === undefined || segments.length !== theirs.length || !meet(segments, theirs)) continue;
    if (abi.resource === other.abi.resource) return `${other.file} has the resource "${abi.resource}" already`;
    if (isNarrower(segments, theirs) || isNarrower(theirs, segments)) continue;
    const path = segments.map((segment, at) => (isParameter(segment) ? (theirs[at] ?? "") : segment));
    const example = path.map((segment) => (isParameter(segment) ? "x" : segment)).join("/");
    const both = `"${abi.resource}" and "${other.abi.resource}" of ${other.file} both stand for ${method} /${example}`;
    return `${both}: tell them apart by a word, or by "methods"`;
  }
  return null;
}

/** A route that takes only some of the other's paths: it is the one that is meant where both fit. */
function isNarrower(one: readonly string[], other: readonly string[]): boolean {
  const pairs = one.map((segment, at) => [isParameter(segment), isParameter(other[at] ?? "")] as const);
  return pairs.every(([mine, theirs]) => theirs || !mine) && pairs.some(([mine, theirs]) => theirs && !mine);
}

function checkOwnRoutes({ id, resource }: Abi, report: Report): void {
  if (ownRouteOf(id) !== null) report.fault("/id", `"${id}" is a route of the runtime itself`);
  const own = ownRouteOf(resource);
  if (own === null) return;
  const message = resource.includes(":")
    ? `"${resource}" would take calls of the runtime's own route ${own}: write a word in place of a name`
    : `"${resource}" is a route of the runtime itself`;
  report.fault("/resource", message);
}

/** Below the address of an endpoint that gives links they are asked for, listed and ended. */
function checkLinkRoutes({ abi, report }: Addressed, endpoints: readonly Addressed[]): void {
  const { resource } = abi;
  const others = endpoints.filter((other) => other.abi !== abi && givesLinks(other.abi));
  const taken = others
    .flatMap(({ abi: { id, resource: theirs } }) => [theirs, id])
    .find((own) => isLinksPath(resource, own));
  if (taken !== undefined) {
    report.fault(
      "/resource",
      `"${resource}" would take calls of "${taken}/links", which gives upload links: write another word`,
    );
  }
  const twin = givesLinks(abi) ? others.find((other) => shapeOf(other.abi.resource) === shapeOf(resource)) : undefined;
  if (twin !== undefined) report.fault("/resource", `${twin.file} gives upload links of "${resource}" as well`);
}

/** The resource, whatever its parameters are called. */
const shapeOf = (resource: string): string =>
  resource
    .split("/")
    .map((segment) => (isParameter(segment) ? ":" : segment))
    .join("/");

/** Whether a resource stands for what is below the endpoint's address. */
function isLinksPath(resource: string, address: string): boolean {
  const [path, links] = [resource.split("/"), [...address.split("/"), "links"]];
  return (path.length === links.length || path.length === links.length + 1) && meet(links, path);
}

/** The route of the runtime that an ABI's route would take calls from; null = none. */
function ownRouteOf(route: string): string | null {
  const path = `/${route}`.split("/");
  const isTaken = (own: string) => own.split("/").length <= path.length && meet(own.split("/"), path);
  if (path.length === 2 && isTaken(healthPath)) return healthPath;
  if (path.length === 3 && isTaken(jobsPath) && isJobId(path[2] ?? "")) return `${jobsPath}/…, by which jobs are shown`;
  return ownFolders.find(isTaken) ?? null;
}

/** Whether some path fits both, as far as the first one goes. */
const meet = (one: readonly string[], other: readonly string[]): boolean =>
  one.every((segment, at) => {
    const theirs = other[at] ?? "";
    return segment === theirs || isParameter(segment) || isParameter(theirs);
  });
