/** Where the file API is. Apart from it, for Workers that are built without. */

export const FILE_API_PATH = "/v1/upload";

/** True for every address of the file API, also for those where nothing is. */
export function isFileApiPath(pathname: string): boolean {
  return pathname === FILE_API_PATH || pathname.startsWith(`${FILE_API_PATH}/`);
}
