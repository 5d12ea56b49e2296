/** The patterns of a gallery, as an application's author writes them: the endpoints that are shipped. */
import assert from "node:assert/strict";
import { call, dataOf, type Answer } from "./client.ts";
import { sha256, type Picture } from "./pictures.ts";
import { blue, expectNothing, expectStatus, green, pictureOf, red, type Check } from "./stage.ts";

interface GalleryRow {
  readonly id: string;
  readonly user_id: string;
  readonly storage_key: string;
  readonly url: string;
  readonly dominant_color: string;
  readonly file_size: number;
  readonly width: number;
  readonly height: number;
  readonly created_at: string;
}

async function expectBytes(address: string, { sha256: expected }: Picture): Promise<void> {
  const response = await fetch(address);
  const found = sha256(new Uint8Array(await response.arrayBuffer()));
  assert.deepEqual([response.status, found], [200, expected], address);
}

const storeGallery: Check = {
  name: "two pictures with rows, listed newest first",
  async run(stage) {
    const ann = await stage.user("gallery-ann");
    const pictures = [await pictureOf("one", red), await pictureOf("two", green)];
    const later = await pictureOf("three", blue);
    const first = await ann.upload("/upload-gallery-and-store", pictures);
    const second = await ann.upload("/upload-gallery-and-store", [later]);
    stage.transcript.note("upload-gallery-and-store", first);
    stage.transcript.note("upload-gallery-and-store, one file", second);
    const rows = [...dataOf<GalleryRow[]>(first), ...dataOf<GalleryRow[]>(second)];
    for (const [index, picture] of [...pictures, later].entries()) await expectBytes(rows[index]?.url ?? "", picture);

    const listed = await ann.send("/my-gallery", { method: "POST" });
    // The ids within one moment are drawn by lot.
    stage.transcript.note("my-gallery", listed, (body) => byColor(body as { data: GalleryRow[] }));
    const list = dataOf<GalleryRow[]>(listed);
    const expected = [...rows.slice(2), ...rows.slice(0, 2).toSorted((a, b) => (a.id < b.id ? 1 : -1))];
    assert.deepEqual(
      list.map(({ id }) => id),
      expected.map(({ id }) => id),
    );
    assert.deepEqual(
      list.map(({ created_at: moment }) => moment),
      list
        .map(({ created_at: moment }) => moment)
        .toSorted()
        .toReversed(),
    );
    const ben = await stage.user("gallery-ben");
    const foreign = await ben.send("/my-gallery", { method: "POST" });
    stage.transcript.note("my-gallery of nobody", foreign);
    assert.deepEqual(dataOf(foreign), []);
  },
};

/** Rows of one moment by colour: newest first otherwise. */
function byColor({ data, ...rest }: { readonly data: readonly GalleryRow[] }): unknown {
  const order = (row: GalleryRow) => `${row.created_at} ${row.dominant_color}`;
  return { ...rest, data: data.toSorted((a, b) => (order(a) < order(b) ? 1 : -1)) };
}

const uploadOnly: Check = {
  name: "two pictures without rows",
  async run(stage) {
    const ann = await stage.user("bare-ann");
    const answer = await ann.upload("/upload-gallery", [await pictureOf("one", red), await pictureOf("two", blue)]);
    stage.transcript.note("upload-gallery", answer);
    const keys = dataOf<GalleryRow[]>(answer).map(({ storage_key: key }) => key);
    const has = await stage.belongings(ann);
    assert.deepEqual([has.files, has.objects, has.gallery], [keys.toSorted(), keys.toSorted(), []]);
  },
};

const storeDocuments: Check = {
  name: "documents in place of rows",
  async run(stage) {
    const ann = await stage.user("document-ann");
    const pictures = [await pictureOf("one", red), await pictureOf("two", green)];
    const answer = await ann.upload("/upload-gallery-and-store-mongo", pictures);
    stage.transcript.note("upload-gallery-and-store-mongo", answer);
    const rows = dataOf<GalleryRow[]>(answer);
    assert.equal(rows.length, 2);
    const documents = await stage.runtime.query(
      "SELECT id FROM sluice_documents WHERE collection = 'gallery' ORDER BY position",
    );
    assert.deepEqual(
      documents.map(({ id }) => id),
      rows.map(({ id }) => id),
    );
  },
};

const privateAvatar: Check = {
  name: "a private avatar and its signed link",
  async run(stage) {
    const ann = await stage.user("avatar-ann");
    const picture = await pictureOf("avatar", green);
    const answer = await ann.upload("/upload-avatar", [picture]);
    stage.transcript.note("upload-avatar", answer);
    const [avatar] = dataOf<{ url: string; download_url: string }[]>(answer);
    assert.ok(avatar);
    await expectBytes(avatar.download_url, picture);
    const bare = await call(avatar.url);
    stage.transcript.note("a private file without a link", bare);
    expectStatus(bare, 404, "file_not_found");
    const forged = await call(avatar.download_url.replace(/Signature=./, "Signature=x"));
    stage.transcript.note("a forged link", forged);
    expectStatus(forged, 403, "link_invalid");
  },
};

const deletion: Check = {
  name: "deletions: own, foreign, twice",
  async run(stage) {
    const ann = await stage.user("delete-ann");
    const ben = await stage.user("delete-ben");
    const pictures = [await pictureOf("one", red), await pictureOf("two", green)];
    const keys = dataOf<GalleryRow[]>(await ann.upload("/upload-gallery-and-store", pictures)).map(
      (row) => row.storage_key,
    );
    const remove = async (note: string, who: typeof ann, statuses: readonly string[]) => {
      const answer = await who.post("/delete-gallery-files", keys);
      stage.transcript.note(note, answer);
      const expected = keys.map((key, index) => ({ storage_key: key, status: statuses[index] }));
      assert.deepEqual(dataOf(answer), expected);
    };
    await remove("delete, foreign", ben, ["not_found", "not_found"]);
    assert.equal((await stage.belongings(ann)).objects.length, 2);
    await remove("delete, own", ann, ["deleted", "deleted"]);
    await remove("delete, again", ann, ["not_found", "not_found"]);
    const has = await stage.belongings(ann);
    assert.deepEqual([has.files, has.objects], [[], []]);
    assert.deepEqual(dataOf(await ann.send("/my-gallery", { method: "POST" })), []);
  },
};

const refusals: Check = {
  name: "calls that are refused leave nothing",
  async run(stage) {
    const ann = await stage.user("refused-ann");
    const picture = await pictureOf("one", red);
    const text: Picture = { bytes: new TextEncoder().encode("no picture"), sha256: "" };
    const expectRefusal = async (note: string, answer: Answer, status: number, code: string) => {
      stage.transcript.note(note, answer);
      expectStatus(answer, status, code);
      expectNothing(await stage.belongings(ann));
    };
    const path = "/upload-gallery-and-store";
    await expectRefusal("no token", await call(stage.runtime.origin + path, { method: "POST" }), 401, "unauthorized");
    await expectRefusal("wrong type", await ann.upload(path, [picture, text]), 415, "file_type_mismatch");
    await expectRefusal("three files", await ann.upload(path, [picture, picture, picture]), 422, "too_many_files");
    await expectRefusal("no file", await ann.upload(path, []), 422, "file_missing");
    await expectRefusal("JSON", await ann.post(path, {}), 415, "content_type_unsupported");
  },
};

const values: Check = {
  name: "values of every type, as JSON",
  async run(stage) {
    const ann = await stage.user("values-ann");
    for (const [id, sample] of Object.entries(samples)) {
      const answer = await ann.post("/keep-sample", { id, ...sample });
      stage.transcript.note(id, answer);
      assert.deepEqual(dataOf(answer), { id, ...sample, moment: toMoment(sample["moment"]) });
    }
    const listed = await ann.send("/list-samples", { method: "POST" });
    stage.transcript.note("list-samples", listed);
    assert.equal(dataOf<unknown[]>(listed).length, Object.keys(samples).length);
    const refused = await ann.post("/keep-sample", {
      ...samples["sample-plain"],
      id: "sample-x",
      moment: "yesterday?",
    });
    stage.transcript.note("a moment that is none", refused);
    expectStatus(refused, 422);
    const twice = await ann.post("/keep-sample", { id: "sample-plain", ...samples["sample-plain"] });
    stage.transcript.note("a primary key that exists", twice);
    expectStatus(twice, 409, "unique_violation");
  },
};

const samples: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  "sample-plain": {
    words: 'O\'Brien "quoted" \\ 東京 🎈\nnext line',
    body: { list: [1, 2.5, null, "three"], nested: { deep: [true, {}] } },
    flag: true,
    count: 9_007_199_254_740_991,
    ratio: 0.1,
    moment: "2026-01-02T03:04:05.678Z",
  },
  "sample-zoned": {
    words: "",
    body: [],
    flag: false,
    count: -1,
    ratio: -1.5e300,
    moment: "2026-01-02T03:04:05+02:00",
  },
  "sample-empty": { words: null, body: null, flag: null, count: null, ratio: null, moment: null },
};

const toMoment = (text: unknown) => (typeof text === "string" ? new Date(text).toISOString() : null);

export const galleryChecks: readonly Check[] = [
  uploadOnly,
  storeGallery,
  storeDocuments,
  privateAvatar,
  deletion,
  refusals,
  values,
];
