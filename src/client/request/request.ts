/** Makes a request of a call: its address, its body, and whatever is wrong with them before anything is sent. */
import { checkFiles, gatherFiles, type FieldFile } from "./check-files.ts";
import type { AnyInput, CallRoute } from "../endpoints.ts";
import { SluiceError } from "../error.ts";

/** A request that can be sent as often as its files can be read. */
export interface PreparedRequest {
  readonly method: string;
  readonly url: string;
  /** Undefined: the body is a form, or there is none. */
  readonly json: string | undefined;
  /** Of the form, in its order: text before files, for the server checks it before it stores the first byte. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  readonly files: readonly FieldFile[];
}

/** @throws SluiceError, and TypeError for a body that JSON cannot say */
export function prepareRequest(origin: string, route: CallRoute, input: AnyInput): PreparedRequest {
  const { method, body: kind, files: limits = {} } = route;
  const { body } = input;
  const files = gatherFiles(input.files);
  checkFiles(limits, files);
  const { url = addressOf(origin, route, input) } = route;
  const isForm = kind === "form" || files.length > 0;
  const json = isForm || method === "GET" ? undefined : JSON.stringify(body);
  return { method, url, json, fields: isForm ? toFields(body) : [], files };
}

/** @throws SluiceError */
export function addressOf(origin: string, { resource }: CallRoute, { path = {}, query = {} }: AnyInput): string {
  const search = toSearch(query);
  return `${origin.replace(/\/$/, "")}/${fillIn(resource, path)}${search && `?${search}`}`;
}

/** A name of the resource becomes one segment, whatever its value is. */
function fillIn(resource: string, path: NonNullable<AnyInput["path"]>): string {
  return resource.replace(/:(\w+)/g, (_, parameter: string) => {
    const value = `${path[parameter] ?? ""}`;
    // An address cannot say these (RFC 3986 §5.2.4): they would lead elsewhere.
    if (/^\.{0,2}$/.test(value)) {
      throw new SluiceError("parameter_invalid", `"${parameter}" is "${value}"`, {
        status: 422,
        members: { parameter },
      });
    }
    return encodeURIComponent(value);
  });
}

/** React Native's URLSearchParams cannot do this. */
const toSearch = (query: object): string =>
  Object.entries(query)
    .flatMap(([name, value]) =>
      value === undefined || value === null ? [] : `${encodeURIComponent(name)}=${encodeURIComponent(value)}`,
    )
    .join("&");

/** A list of texts is a part for each, as for a caption of each file; what else is no text is its JSON. */
function toFields(body: unknown): PreparedRequest["fields"] {
  return Object.entries(body ?? {}).flatMap(([name, value]: [string, unknown]) => {
    if (value === undefined || value === null) return [];
    const values: readonly unknown[] = Array.isArray(value) && typeof value[0] === "string" ? value : [value];
    return values.map((item) => [name, typeof item === "string" ? item : JSON.stringify(item)] as const);
  });
}
