/** Gives a file another name: the one it is shown and saved under. Its address, its bytes and its links stay. */
import { mediaTypes } from "../../contract/media-types.ts";
import type { Json } from "../../contract/plan.ts";
import type { FileRecord } from "../files/record.ts";
import { toRecord } from "../files/row.ts";
import { displayName } from "../media/display-name.ts";
import type { FileApiCall } from "./file-api-call.ts";
import { toDocument } from "./file-document.ts";
import { changeFile, findReadable, managedOf, type KeyedAnswer } from "./one-file.ts";
import { refusePayload } from "./refuse-payload.ts";

/** @throws Problem `payload_invalid`, `file_not_found`, `file_expired` */
export function renameFile(call: FileApiCall, id: string): Promise<KeyedAnswer> {
  const { owner, deployment } = call;
  return changeFile(call, id, "json", async (finishing, payload) => {
    const name = readName(payload, await findReadable(call, id));
    const renaming = managedOf(call).renaming(owner, id, name, call.now.toISOString());
    const [[row] = []] = await deployment.database.batch([...renaming, ...(await finishing())]);
    if (row === undefined) throw new Error("A change of name that returned nothing has failed");
    return toDocument(toRecord(row), call);
  });
}

/** An upload's name is mended; one that somebody has thought of is refused where that would change it. */
function readName(payload: Json, file: FileRecord): string {
  const isObject = typeof payload === "object" && payload !== null && !Array.isArray(payload);
  const { name, ...others } = isObject ? (payload as Readonly<Record<string, Json>>) : {};
  const [unknown] = Object.keys(others);
  if (unknown !== undefined) throw refusePayload(unknown.slice(0, 60), "is unknown; known is name");
  const told = typeof name === "string" ? name.normalize("NFC").trim() : "";
  if (told === "" || displayName(told) !== told) {
    throw refusePayload("name", "must be text of 1 to 255 bytes, without slashes, control or direction characters");
  }
  const ending = endingOf(file.originalFileName);
  const endings = new Set([ending, ...(mediaTypes.get(file.fileType)?.extensions ?? []).map((one) => `.${one}`)]);
  // Programs go by it: it says of the bytes what the upload said of them, or what they are.
  if (endings.has(endingOf(told))) return told;
  throw refusePayload("name", ending === "" ? "must have no extension, as now" : `must end with ${ending}, as now`);
}

/** As programs compare it; empty where there is none. */
const endingOf = (name: string): string => /.(\.[a-z0-9]{1,10})$/i.exec(name)?.[1]?.toLowerCase() ?? "";
