/** What a caller of a project's Worker sends and gets. */
import type { Project } from "./project.ts";

export interface Receipt {
  readonly storage_key: string;
  readonly name: string;
}

export interface FileDocument {
  readonly _id: string;
  readonly url: string;
  readonly meta: { readonly originalName: string };
}

export interface Caller {
  uploadReceipt(name: string): Promise<Receipt>;
  receipts(): Promise<readonly Receipt[]>;
  /** Through the file API. */
  upload(name: string, visibility: "public" | "private"): Promise<FileDocument>;
  files(): Promise<readonly FileDocument[]>;
  /** A signed link to a file. */
  link(id: string): Promise<string>;
  remove(id: string): Promise<void>;
}

/** The bytes that are sent under a name. */
export const contentOf = (name: string): string => `%PDF-1.7\n% ${name}\n1 0 obj\n<<>>\nendobj\n%%EOF\n`;

function formOf(name: string): FormData {
  const form = new FormData();
  form.set("file", new Blob([contentOf(name)], { type: "application/pdf" }), name);
  return form;
}

export async function callerOf(project: Project, origin: string): Promise<Caller> {
  const token = (await project.sluice("token", "--id", "user_01")).trim();
  const send = async <Data>(method: string, path: string, body?: FormData): Promise<Data> => {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await fetch(origin + path, { method, headers, ...(body === undefined ? {} : { body }) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return (JSON.parse(text) as { readonly data: Data }).data;
  };
  return {
    uploadReceipt: (name) => send("POST", "/receipts", formOf(name)),
    receipts: () => send("GET", "/receipts"),
    upload: (name, visibility) => send("POST", `/v1/upload${visibility === "private" ? "/private" : ""}`, formOf(name)),
    files: async () => (await send<{ data: readonly FileDocument[] }>("GET", "/v1/upload?limit=100")).data,
    link: (id) => send("GET", `/v1/upload/url/${id}?expires=3600`),
    remove: async (id) => void (await send("DELETE", `/v1/upload/${id}`)),
  };
}
