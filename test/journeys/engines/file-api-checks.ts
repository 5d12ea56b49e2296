/** The calls under /v1/upload: one life of a file, and lists. */
import assert from "node:assert/strict";
import { call, dataOf, type Answer, type User } from "./client.ts";
import { sha256 } from "./pictures.ts";
import { blue, expectStatus, green, pictureOf, red, type Check, type Stage } from "./stage.ts";

interface FileDocument {
  readonly _id: string;
  readonly name: string;
  readonly url: string;
}

interface ListPage {
  readonly count: number | null;
  readonly data: readonly FileDocument[];
  readonly nextCursor: string | null;
}

const noted = (stage: Stage, note: string, answer: Answer): Answer => {
  stage.transcript.note(`file API: ${note}`, answer);
  return answer;
};

const life: Check = {
  name: "file API: upload, details, link, delete, restore",
  async run(stage) {
    const ann = await stage.user("file-ann");
    const ben = await stage.user("file-ben");
    const picture = await pictureOf("private", red);
    const file = dataOf<FileDocument>(noted(stage, "upload", await ann.upload("/v1/upload/private", [picture])));
    const one = `/v1/upload/${file._id}`;
    const details = await ann.send(one);
    assert.deepEqual(dataOf(noted(stage, "details", details)), file);
    expectStatus(noted(stage, "foreign details", await ben.send(one)), 404, "file_not_found");
    expectStatus(noted(stage, "foreign delete", await ben.send(one, { method: "DELETE" })), 404, "file_not_found");

    const link = dataOf<string>(noted(stage, "link", await ann.send(`/v1/upload/url/${file._id}`)));
    const bytes = new Uint8Array(await (await fetch(link)).arrayBuffer());
    assert.equal(sha256(bytes), picture.sha256);
    dataOf(noted(stage, "delete", await ann.send(one, { method: "DELETE" })));
    expectStatus(noted(stage, "delete again", await ann.send(one, { method: "DELETE" })), 404, "file_not_found");
    expectStatus(noted(stage, "link of a deleted file", await call(link)), 404, "file_not_found");
    const restored = await ann.send(`${one}/restore`, { method: "POST" });
    assert.equal(dataOf<FileDocument>(noted(stage, "restore", restored)).name, file.name);
    assert.equal((await fetch(link)).status, 200);
    await countedLinks(stage, ann, file);
  },
};

/** A link that opens once opens once, however many come at the same time. */
async function countedLinks(stage: Stage, ann: User, file: FileDocument): Promise<void> {
  const issued = await ann.post(`/v1/upload/${file._id}/links`, { max_downloads: 1 });
  const { url } = dataOf<{ url: string }>(noted(stage, "counted link", issued));
  const statuses = await Promise.all(Array.from({ length: 10 }, async () => (await call(url)).status));
  assert.deepEqual(statuses.toSorted(), [200, ...Array.from({ length: 9 }, () => 410)]);
  dataOf(noted(stage, "revoke links", await ann.send(`/v1/upload/${file._id}/links`, { method: "DELETE" })));
}

const lists: Check = {
  name: "file API: pages and cursors, newest first",
  async run(stage) {
    const ann = await stage.user("list-ann");
    const names: string[] = [];
    for (const [index, color] of [red, green, blue, red, green].entries()) {
      const picture = await pictureOf(`list ${String(index)}`, color);
      const visibility = index === 0 ? "/private" : "";
      names.unshift(dataOf<FileDocument>(await ann.upload(`/v1/upload${visibility}`, [picture])).name);
    }
    const list = async (query: string, note: string) =>
      dataOf<ListPage>(noted(stage, `list ${note}`, await ann.send(`/v1/upload${query}`)));
    const namesOf = ({ data }: ListPage) => data.map(({ name }) => name);

    const second = await list("?page=2&limit=2", "page 2");
    assert.deepEqual([second.count, namesOf(second)], [5, names.slice(2, 4)]);
    const found: string[] = [];
    let cursor: string | null = "";
    for (let page = 1; cursor !== null; page += 1) {
      const next: ListPage = await list(
        `?limit=2&cursor=${encodeURIComponent(cursor)}`,
        `cursor, page ${String(page)}`,
      );
      found.push(...namesOf(next));
      cursor = next.nextCursor;
    }
    assert.deepEqual(found, names);
    assert.deepEqual(namesOf(await list("?visibility=private", "private")), names.slice(4));
    assert.deepEqual(namesOf(await list("?prefix=public/list-ann/&type=image/*", "by prefix")), names.slice(0, 4));
    assert.deepEqual(namesOf(await list("?from=2100-01-01", "of the future")), []);
  },
};

export const fileApiChecks: readonly Check[] = [life, lists];
