/** The runtime's own routes, whose addresses no ABI may take. */

export const healthPath = "/healthz";
export const filesPath = "/files";
export const fileApiPath = "/v1/upload";
export const jobsPath = "/jobs";

/** Reserved with everything below them. Nothing answers the last one, but it would be mistaken for the file API. */
const ownFolders = [filesPath, fileApiPath, jobsPath, "/v1/uploads"];

/** True for the folder's own path and every path below it. */
export function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** @param route an ABI's `resource` or `id`, which has no slash in front */
export function isOwnRoute(route: string): boolean {
  const path = `/${route}`;
  return path === healthPath || ownFolders.some((folder) => isWithin(folder, path));
}
