/** All or nothing: failures after the files are stored, rows that exist, calls that are sent twice. */
import assert from "node:assert/strict";
import { codeOf, dataOf, type Answer, type User } from "./client.ts";
import { blue, expectNothing, expectStatus, green, pictureOf, red, type Check, type Stage } from "./stage.ts";

const RIVALS = 20;

const lastStatementFails: Check = {
  name: "a last statement without a row undoes all",
  async run(stage) {
    const ann = await stage.user("undo-ann");
    const pictures = [await pictureOf("one", red), await pictureOf("two", green)];
    const fails = await ann.upload("/upload-if-album", pictures, { fields: { album: "nobody-has-it" } });
    stage.transcript.note("must_return_value without a row", fails);
    expectStatus(fails, 422, "row_missing");
    expectNothing(await stage.belongings(ann));

    const cover = await ann.upload("/upload-cover", pictures.slice(1), {
      fields: { album: "undo-album", name: "undo" },
    });
    dataOf(cover);
    const succeeds = await ann.upload("/upload-if-album", pictures, { fields: { album: "undo-album" } });
    stage.transcript.note("must_return_value with a row", succeeds);
    dataOf(succeeds);
    const has = await stage.belongings(ann);
    assert.deepEqual([has.files.length, has.objects.length, has.gallery.length], [3, 3, 2]);
  },
};

const functionWrites: Check = {
  name: "a function that writes, called by a SELECT, is undone as well",
  async run(stage) {
    // D1 has no functions of its users.
    if (!stage.isInteractive) return;
    const ann = await stage.user("function-ann");
    const create = (album: string, needed: string) => ann.post("/create-album", { album, needed });
    expectStatus(await create("function-album", "nobody-has-it"), 422, "row_missing");
    expectNothing(await stage.belongings(ann));
    dataOf(await create("function-album", "function-album"));
    assert.deepEqual((await stage.belongings(ann)).albums, ["function-album"]);
  },
};

const uniqueRule: Check = {
  name: "`unique`: 409, also for 20 at once",
  async run(stage) {
    const upload = async (user: User, name: string) =>
      user.upload("/upload-cover", [await pictureOf(user.id, blue)], { fields: { album: user.id, name } });
    const ann = await stage.user("unique-ann");
    const first = await upload(ann, "taken");
    stage.transcript.note("unique, free", first);
    dataOf(first);
    const ben = await stage.user("unique-ben");
    const second = await upload(ben, "taken");
    stage.transcript.note("unique, taken", second);
    expectStatus(second, 409, "unique_violation");
    expectNothing(await stage.belongings(ben));
    const samePrimaryKey = await ann.upload("/upload-cover", [await pictureOf("again", blue)], {
      fields: { album: ann.id, name: "free" },
    });
    stage.transcript.note("primary key, taken", samePrimaryKey);
    expectStatus(samePrimaryKey, 409, "unique_violation");
    assert.equal((await stage.belongings(ann)).objects.length, 1);

    const rivals = await Promise.all(
      Array.from({ length: RIVALS }, (_, index) => stage.user(`unique-rival-${String(index)}`)),
    );
    const answers = await Promise.all(rivals.map((rival) => upload(rival, "wanted by all")));
    assert.deepEqual(answers.map(({ status }) => status).toSorted(), [200, ...Array.from(rivals, () => 409).slice(1)]);
    for (const [index, rival] of rivals.entries()) {
      const has = await stage.belongings(rival);
      if (answers[index]?.status === 200) assert.deepEqual([has.objects.length, has.albums.length], [1, 1]);
      else expectNothing(has);
    }
  },
};

const chain: Check = {
  name: "a statement needs an earlier one's result; a failure after it",
  async run(stage) {
    const pictures = [await pictureOf("one", red), await pictureOf("two", green)];
    const upload = (user: User, mark: string) =>
      user.upload("/upload-album", pictures, { fields: { name: user.id, mark } });
    const ann = await stage.user("chain-ann");
    const done = await upload(ann, "kept");
    stage.transcript.note("chain", done);
    const rows = dataOf<{ album: string; storage_key: string }[]>(done);
    const has = await stage.belongings(ann);
    assert.deepEqual(
      rows.map(({ album }) => album),
      [has.albums[0], has.albums[0]],
    );
    assert.deepEqual(rows.map((row) => row.storage_key).toSorted(), has.objects);
    assert.deepEqual(has.photos, has.objects);

    const ben = await stage.user("chain-ben");
    const refused = await upload(ben, "refused");
    stage.transcript.note("chain, refused in the middle", refused);
    expectStatus(refused, 422, "row_rejected");
    const left = await stage.belongings(ben);
    if (stage.isInteractive) return expectNothing(left);
    // D1 has no interactive transactions, and the compiler says so: what the album's statement made durable stays, with
    // the files that it may speak of.
    assert.deepEqual([left.albums.length, left.files.length, left.photos.length], [1, 2, 0]);
    assert.deepEqual(left.files, left.objects);
  },
};

const idempotency: Check = {
  name: "a call that is sent again under its key, and ten at once",
  async run(stage) {
    const ann = await stage.user("again-ann");
    const pictures = [await pictureOf("one", red), await pictureOf("two", green)];
    const upload = (key: string, user = ann, sent = pictures) =>
      user.upload("/upload-gallery-and-store", sent, { headers: { "Idempotency-Key": key } });
    const first = await upload("first");
    const repeat = await upload("first");
    stage.transcript.note("idempotency, first", first);
    stage.transcript.note("idempotency, repeat", repeat);
    assert.deepEqual(dataOf(repeat), dataOf(first));
    assert.equal(repeat.headers.get("idempotent-replayed"), "true");
    const other = await upload("first", ann, pictures.slice(1));
    stage.transcript.note("idempotency, another call", other);
    expectStatus(other, 422, "idempotency_key_reused");
    await expectOneEffect(stage, ann);

    const ben = await stage.user("again-ben");
    // Some are refused before they have sent their body, and then see their connection end rather than the answer.
    const sending = Array.from({ length: 10 }, () => upload("at-once", ben).catch(() => null));
    const answers = (await Promise.all(sending)).filter((answer) => answer !== null);
    for (const answer of answers) expectOneOf(answer, ["idempotency_in_flight"]);
    assert.ok(answers.some(({ status }) => status === 200));
    await expectOneEffect(stage, ben);
  },
};

function expectOneOf(answer: Answer, codes: readonly string[]): void {
  if (answer.status === 200) return;
  assert.ok(codes.includes(codeOf(answer) ?? ""), `answered ${String(answer.status)} ${JSON.stringify(answer.body)}`);
}

async function expectOneEffect(stage: Stage, user: User): Promise<void> {
  const has = await stage.belongings(user);
  assert.deepEqual([has.files.length, has.objects.length, has.gallery.length], [2, 2, 2]);
}

export const atomicChecks: readonly Check[] = [lastStatementFails, functionWrites, uniqueRule, chain, idempotency];
