/** What the crash run does to the runtime, and what it knows of the outcome. Knows nothing of faults. */
import { LARGE_BYTES, makePicture, sha256 } from "./picture.ts";
import { resumableOperations, type KnownUpload } from "./resumable-operations.ts";
import { encodePng } from "../../support/png-encoder.ts";

/** What is known of a stored file after everything that was answered. */
export type Expectation = "stored" | "deleted" | "unsure";

export interface KnownFile {
  readonly key: string;
  readonly from:
    "gallery" | "avatar" | "cover" | "papers" | "drawer" | "swap" | "shown" | "raw" | "film" | "linked" | "file API";
  /** Of the file API; null for a file of an ABI. */
  readonly id: string | null;
  readonly sha256: string;
  expectation: Expectation;
}

export interface World {
  readonly files: KnownFile[];
  readonly uploads: KnownUpload[];
  readonly headers: Readonly<Record<string, string>>;
  /** Path and query of an upload link that is good for all runs. */
  readonly link: string;
}

export interface Operation {
  readonly name: string;
  /** What makes what it is done to. */
  readonly needs?: Operation;
  /** Null when the world has nothing that it could be done to. Called once per run. */
  prepare(world: World): PreparedCall | null;
}

export interface PreparedCall {
  readonly path: string;
  readonly init: RequestInit;
  /** After a success: takes note of it. */
  succeeded(answer: unknown, headers: Headers): void;
  /** After a failure or no answer: what was done is not known. */
  failed(): void;
}

/** 64 × 64 pixels, of which thumbnails are made, in front of bytes that nobody looks at. */
const pixels = await encodePng({ width: 64, height: 64, colorType: 2, depth: 8, pixel: (x, y) => [x, y, 200] });

function withPixels(bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  bytes.set(pixels);
  return bytes;
}

const form = (pictures: readonly Uint8Array<ArrayBuffer>[]): FormData => {
  const data = new FormData();
  for (const picture of pictures) data.append("file", new Blob([picture], { type: "image/jpeg" }), "a.jpg");
  return data;
};

const uploadByAbi: Operation = {
  name: "upload two files and two rows",
  prepare({ files, headers }) {
    const pictures = [makePicture(3000), makePicture(LARGE_BYTES)];
    return {
      path: "/upload-gallery-and-store",
      init: { method: "POST", headers, body: form(pictures) },
      succeeded(answer) {
        const { data } = answer as { data: { storage_key: string }[] };
        for (const [index, { storage_key: key }] of data.entries()) {
          files.push({
            key,
            from: "gallery",
            id: null,
            sha256: sha256(pictures[index] ?? new Uint8Array()),
            expectation: "stored",
          });
        }
      },
      failed: () => undefined,
    };
  },
};

const uploadByLink: Operation = {
  name: "upload by a link",
  prepare({ files, link }) {
    const picture = makePicture(LARGE_BYTES);
    return {
      path: link,
      init: { method: "POST", body: form([picture]) },
      succeeded(answer) {
        const [file] = (answer as { data: { storage_key: string }[] }).data;
        const known = { id: null, sha256: sha256(picture), expectation: "stored" } as const;
        files.push({ key: file?.storage_key ?? "", from: "linked", ...known });
      },
      failed: () => undefined,
    };
  },
};

const deleteByAbi: Operation = {
  name: "delete a file",
  needs: uploadByAbi,
  prepare({ files, headers }) {
    const file = files.find(({ from, expectation }) => from === "gallery" && expectation === "stored");
    if (file === undefined) return null;
    return {
      path: "/delete-gallery-files",
      init: {
        method: "POST",
        headers: { ...headers, "content-type": "application/json" },
        body: JSON.stringify([file.key]),
      },
      succeeded: () => void (file.expectation = "deleted"),
      failed: () => void (file.expectation = "unsure"),
    };
  },
};

const uploadByFileApi: Operation = {
  name: "file API: upload",
  prepare({ files, headers }) {
    const picture = makePicture(LARGE_BYTES);
    return {
      path: "/v1/upload/private",
      init: { method: "POST", headers, body: form([picture]) },
      succeeded(answer) {
        const { data } = answer as { data: { _id: string; name: string } };
        files.push({ key: data.name, from: "file API", id: data._id, sha256: sha256(picture), expectation: "stored" });
      },
      failed: () => undefined,
    };
  },
};

const changeByFileApi = (
  name: string,
  needs: Operation,
  from: Expectation,
  to: Expectation,
  method: string,
  path: (id: string) => string,
): Operation => ({
  name,
  needs,
  prepare({ files, headers }) {
    const file = files.find(({ id, expectation }) => id !== null && expectation === from);
    if (file === undefined || file.id === null) return null;
    return {
      path: path(file.id),
      init: { method, headers },
      succeeded: () => void (file.expectation = to),
      failed: () => void (file.expectation = "unsure"),
    };
  },
});

/** One file comes, and all that came before it goes. */
const takePlace = (
  name: string,
  from: "avatar" | "cover" | "papers" | "drawer" | "swap" | "shown" | "raw",
  field = "file",
  textsFor: (earlier: readonly KnownFile[]) => readonly (readonly [name: string, text: string])[] = () => [],
): Operation => ({
  name,
  prepare({ files, headers }) {
    const picture = from === "shown" ? withPixels(makePicture(LARGE_BYTES)) : makePicture(LARGE_BYTES);
    const earlier = files.filter((file) => file.from === from && file.expectation !== "deleted");
    const become = (expectation: Expectation) => {
      for (const file of earlier) file.expectation = expectation;
    };
    const body = new FormData();
    for (const [text, value] of textsFor(earlier)) body.append(text, value);
    body.append(field, new Blob([picture], { type: from === "shown" ? "image/png" : "image/jpeg" }), "a");
    return {
      path: `/${from}`,
      init: from === "raw" ? { method: "PUT", headers, body: picture } : { method: "POST", headers, body },
      succeeded(answer) {
        become("deleted");
        const [file] = (answer as { data: { storage_key: string }[] }).data;
        files.push({ key: file?.storage_key ?? "", from, id: null, sha256: sha256(picture), expectation: "stored" });
      },
      failed: () => become("unsure"),
    };
  },
});

const fillDrawer = takePlace("upload, and delete the files of rows", "drawer");

const clearDrawer: Operation = {
  name: "delete the file of a row with it",
  needs: fillDrawer,
  prepare({ files, headers }) {
    const file = files.find(({ from, expectation }) => from === "drawer" && expectation === "stored");
    if (file === undefined) return null;
    return {
      path: "/clear-drawer",
      init: {
        method: "POST",
        headers: { ...headers, "content-type": "application/json" },
        body: JSON.stringify({ key: file.key }),
      },
      succeeded: () => void (file.expectation = "deleted"),
      failed: () => void (file.expectation = "unsure"),
    };
  },
};

/** Of which thumbnails are made. */
export const showPicture = takePlace("replace a picture with thumbnails", "shown");

const deleteByFileApi = changeByFileApi("file API: delete", uploadByFileApi, "stored", "deleted", "DELETE", (id) => {
  return `/v1/upload/${id}`;
});

export const operations: readonly Operation[] = [
  uploadByAbi,
  deleteByAbi,
  uploadByFileApi,
  deleteByFileApi,
  changeByFileApi(
    "file API: restore",
    deleteByFileApi,
    "deleted",
    "stored",
    "POST",
    (id) => `/v1/upload/${id}/restore`,
  ),
  takePlace("replace an avatar", "avatar"),
  showPicture,
  takePlace("replace a file by one that is a body of its own", "raw"),
  takePlace("replace an album's cover", "cover", "file", () => [["album", "a"]]),
  takePlace("replace the file of a field", "papers", "document"),
  takePlace("upload, and delete by a form", "swap", "file", (earlier) => earlier.map(({ key }) => ["remove", key])),
  fillDrawer,
  clearDrawer,
  ...resumableOperations,
  uploadByLink,
];
