/** Right calls and wrong ones: types.node.test.ts compiles it on several platforms. It is never run. */
import {
  createClient,
  SluiceError,
  type EndpointTable,
  type FileInput,
  type Link,
} from "../../../src/client/client.ts";
import { resumableUploads } from "../../../src/client/tus/tus.ts";

interface Endpoints {
  readonly uploadReceipts: {
    readonly path: { readonly id: string };
    readonly query: { readonly limit?: number };
    readonly body: { readonly title: string; readonly tags?: readonly string[] };
    readonly files: { readonly photo: FileInput; readonly pages?: readonly FileInput[] };
    readonly answer: { readonly id: string; readonly width: number | null; readonly url: Link } | null;
    readonly problem: "unauthorized" | "payload_invalid" | "file_too_large";
  };
  readonly uploadAny: {
    readonly files: readonly FileInput[];
    readonly answer: readonly { readonly id: string }[];
    readonly problem: "unauthorized";
  };
  readonly uploadFilm: {
    readonly body: { readonly title: string };
    readonly files: readonly FileInput[];
    readonly resumable: true;
    readonly answer: { readonly id: string };
    readonly problem: "unauthorized";
  };
  readonly listOpen: {
    readonly query: { readonly limit?: number };
    readonly answer: readonly string[];
    readonly problem: "parameter_invalid";
  };
}

export declare const endpoints: EndpointTable<Endpoints>;
const client = createClient<Endpoints>("https://api.example.com", { endpoints, token: async () => "token" });
const inferred = createClient("https://api.example.com", { endpoints, token: "token" });
const anonymous = createClient("https://api.example.com", { endpoints });
const uploads = resumableUploads(client, { chunkBytes: 5_000_000 });
const photo: FileInput = { uri: "file:///photo.jpg", name: "photo.jpg", type: "image/jpeg" };
const path = { id: "1" };
const body = { title: "Lunch" };
const files = { photo };

export async function right(): Promise<void> {
  const answer = await client.call("uploadReceipts", { path, body, files }, { retries: 1, timeout: 5 });
  const width: number | null | undefined = answer?.width;
  const many: readonly { readonly id: string }[] = await inferred.call("uploadAny", { files: [photo] });
  const texts: readonly string[] = await anonymous.call("listOpen");
  await anonymous.call("listOpen", { query: { limit: 5 } });
  const { jobId, data } = await client.send("uploadReceipts", { path, body, files, query: {} });
  const done = await client.wait<{ readonly id: string }>(jobId ?? "");
  const film: { readonly id: string } = await uploads.call("uploadFilm", { body, files: [photo] }, { retries: 1 });
  const later = await uploads.send("uploadFilm", { body, files: [photo] });
  await uploads.discard("uploadFilm", { body, files: [photo] });
  void [width, many, texts, data?.id, done?.id, film, later.data.id];
  try {
    await client.files.list({ cursor: "", limit: 5 });
  } catch (error) {
    if (error instanceof SluiceError && error.code === "file_not_found") throw error;
  }
}

export async function wrong(): Promise<void> {
  // @ts-expect-error there is no such endpoint
  await client.call("uploadReceipt", { path, body, files });
  // @ts-expect-error a misspelt field
  await client.call("uploadReceipts", { path, body: { titel: "Lunch" }, files });
  // @ts-expect-error a field of another type
  await client.call("uploadReceipts", { path, body: { title: 5 }, files });
  // @ts-expect-error one too many
  await client.call("uploadReceipts", { path, body: { title: "", day: "" }, files });
  // @ts-expect-error a missing named file
  await client.call("uploadReceipts", { path, body, files: {} });
  // @ts-expect-error no files at all
  await client.call("uploadReceipts", { path, body });
  // @ts-expect-error an unnamed upload takes a list
  await client.call("uploadAny", { files: { photo } });
  // @ts-expect-error nothing at all
  await client.call("uploadAny");
  // @ts-expect-error a wrong path parameter
  await client.call("uploadReceipts", { path: { day: "1" }, body, files });
  // @ts-expect-error a query parameter that does not exist
  await client.call("listOpen", { query: { lmit: 5 } });
  // @ts-expect-error a body that nobody reads
  await client.call("listOpen", { body });
  const answer = await client.call("uploadReceipts", { path, body, files });
  // @ts-expect-error a wrong field of the answer
  void answer?.height;
  // @ts-expect-error it may be null
  void answer.id;
  // @ts-expect-error a protected endpoint, and no token
  await anonymous.call("uploadReceipts", { path, body, files });
  // @ts-expect-error no file has a number as its name
  await client.call("uploadAny", { files: [{ uri: "x", name: 5, type: "" }] });
  // @ts-expect-error an endpoint that takes no pieces
  await uploads.call("uploadAny", { files: [photo] });
  // @ts-expect-error one that takes no pieces has nothing to discard
  await uploads.discard("uploadAny", { files: [photo] });
  // @ts-expect-error a missing field
  await uploads.call("uploadFilm", { files: [photo] });
  // @ts-expect-error a piece has no key
  await uploads.call("uploadFilm", { body, files: [photo] }, { idempotencyKey: "k" });
  // @ts-expect-error nothing of a client without a token may be called here
  await resumableUploads(anonymous).call("uploadFilm", { body, files: [photo] });
  // @ts-expect-error the file API has no such parameter
  await client.files.list({ curser: "" });
}
