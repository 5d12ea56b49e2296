import { env } from "cloudflare:workers";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import {
  as,
  BOUNDARY,
  concat,
  createCaller,
  dataOf,
  expectProblem,
  formBody,
  MULTIPART,
  upload,
  type FormPart,
} from "../../../support/app.ts";
import { readStored, useFreshStorage } from "../../../support/database.ts";
import { HTML, JPEG_START, png, SVG } from "../../../support/pictures.ts";
import { planOf, queryStep, uploadStep } from "../../../support/plans.ts";
import { pattern } from "../../../support/source.ts";
import { runSweep } from "../../../support/build.ts";

useFreshStorage();

const NOTHING = { objects: [], files: [], gallery: [] };
const red: FormPart = { fileName: "red.png", type: "image/png", body: png([200, 30, 30]) };
const blue: FormPart = { fileName: "blue.png", type: "image/png", body: png([30, 30, 200]) };
const call = createCaller([planOf([uploadStep()])]);

type FileRow = Record<string, unknown> & { storage_key: string };

test("answers one row per file, with everything that is known of it", async () => {
  const rows = await dataOf<FileRow[]>(await upload(call, "/test", await as("user_01"), [red, blue]));
  expect(rows).toHaveLength(2);
  expect(rows[0]).toMatchObject({
    original_file_name: "red.png",
    file_type: "image/png",
    extension: "png",
    file_size: (red.body as Uint8Array).length,
    dominant_color: "#c81e1e",
    width: 4,
    height: 3,
    expires_at: null,
  });
  expect(rows[0]?.storage_key).toMatch(/^gallery\/user_01\/[\w-]{21}\.png$/);
  expect(rows[0]?.["url"]).toBe(`https://uploads.example/files/${rows[0]?.storage_key}`);
  expect(rows[0]?.["id"]).toMatch(/^[0-9a-f]{24}$/);
  expect(rows[1]?.["dominant_color"]).toBe("#1e1ec8");
  const digest = await crypto.subtle.digest("SHA-256", red.body as Uint8Array<ArrayBuffer>);
  const hex = Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
  expect(rows[0]?.["checksum_sha256"]).toBe(hex);

  const { objects, files } = await readStored();
  expect(objects).toEqual(rows.map((row) => row.storage_key).toSorted());
  expect(files.map((file) => [file["status"], file["owner"], file["endpoint"]])).toEqual([
    ["stored", "user_01", "test-01"],
    ["stored", "user_01", "test-01"],
  ]);
});

test("any field name is a file, text joins the payload, an empty file field is skipped", async () => {
  const rows = await dataOf<FileRow[]>(
    await upload(call, "/test", await as("u"), [
      { name: "title", body: "A title" },
      { ...red, name: "a[b][0]" },
      { name: "__proto__", body: "polluted" },
      { name: "photo", fileName: "", type: "application/octet-stream", body: "" },
      { ...blue, name: "constructor" },
    ]),
  );
  expect(rows).toHaveLength(2);
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
});

test.each([["model/stl"], ["*/*"]])(
  "a declared type that no byte shows is a name under %s, and no extension",
  async (allowed) => {
    const models = createCaller([planOf([uploadStep({ types: [allowed] })])]);
    const parts = [{ fileName: "a.html", type: "model/stl", body: "\u0000\u0001" }];
    const [row] = await dataOf<FileRow[]>(await upload(models, "/test", await as("u"), parts));
    expect(row).toMatchObject({ file_type: "model/stl", extension: "bin" });
    expect(row?.storage_key).toMatch(/\.bin$/);
  },
);

test("carries timing, request id and no-store", async () => {
  const response = await upload(call, "/test", await as("u"), [red]);
  expect(response.headers.get("server-timing")).toMatch(/^auth;dur=[\d.]+, receive;dur=[\d.]+, commit;dur=[\d.]+$/);
  expect(response.headers.get("x-request-id")).toMatch(/^[0-9a-f-]{36}$/);
  expect(response.headers.get("cache-control")).toBe("no-store");
});

describe("refusals leave nothing", () => {
  const cases: readonly [string, readonly FormPart[], number, string][] = [
    ["no file", [{ name: "title", body: "x" }], 422, "file_missing"],
    ["no part", [], 422, "file_missing"],
    ["only an empty file field", [{ fileName: "", body: "" }], 422, "file_missing"],
    ["an empty file", [red, { ...blue, body: "" }], 422, "file_missing"],
    ["three files where two are allowed", [red, blue, red], 422, "too_many_files"],
    [
      "a PNG named and declared JPEG",
      [red, { ...blue, fileName: "b.jpg", type: "image/jpeg" }],
      415,
      "file_type_mismatch",
    ],
    ["HTML declared PNG", [red, { ...blue, body: HTML }], 415, "file_type_mismatch"],
    ["HTML without a declaration", [red, { fileName: "a.png", body: HTML }], 415, "file_type_not_allowed"],
    ["SVG", [red, { fileName: "a.svg", type: "image/svg+xml", body: SVG }], 415, "file_type_not_allowed"],
    [
      "a GIF",
      [red, { fileName: "a.gif", type: "image/gif", body: "GIF89a\u0001\u0000\u0001\u0000" }],
      415,
      "file_type_not_allowed",
    ],
  ];
  test.each(cases)("%s", async (_, parts, status, code) => {
    await expectProblem(await upload(call, "/test", await as("u"), parts), status, code as never);
    expect(await readStored()).toEqual(NOTHING);
  });

  test("SVG where image/* is allowed", async () => {
    const images = createCaller([planOf([uploadStep({ types: ["image/*"] })])]);
    const svg = { fileName: "a.svg", type: "image/svg+xml", body: SVG };
    await expectProblem(await upload(images, "/test", await as("u"), [svg]), 415, "file_type_not_allowed");
  });

  test.each(["image/html", "image/svg+html", "image/x-unknown"])("bytes that are only declared as %s", async (type) => {
    const images = createCaller([planOf([uploadStep({ types: ["image/*", "video/*"] })])]);
    const claimed = { fileName: "a.png", type, body: "\u0000\u0001" };
    const members = { detected_type: "application/octet-stream", allowed: ["image/*", "video/*"] };
    const answer = await upload(images, "/test", await as("u"), [red, claimed]);
    const problem = await expectProblem(answer, 415, "file_type_not_allowed");
    expect(problem).toMatchObject({
      ...members,
      detail: `"a.png" is only declared as ${type}; accepted are image/*, video/*.`,
    });
    expect(await readStored()).toEqual(NOTHING);
  });

  test.each([
    ["another type", "text/plain"],
    ["JSON", "application/json"],
    ["urlencoded", "application/x-www-form-urlencoded"],
  ])("a body that is %s is 415", async (_, type) => {
    const headers = { ...(await as("u")), "content-type": type };
    await expectProblem(await call("/test", { method: "POST", headers, body: "x" }), 415, "content_type_unsupported");
  });

  test("no body is 415, no boundary 400", async () => {
    await expectProblem(
      await call("/test", { method: "POST", headers: await as("u") }),
      415,
      "content_type_unsupported",
    );
    const headers = { ...(await as("u")), "content-type": "multipart/form-data" };
    await expectProblem(await call("/test", { method: "POST", headers, body: "x" }), 400, "body_malformed");
  });

  // At every byte the parser's own tests cut (multipart/content); a step of five meets each kind of place here as well.
  test("truncated anywhere", async () => {
    const body = formBody([red, { name: "note", body: "n" }, blue]);
    const headers = { ...(await as("u")), ...MULTIPART };
    // The last line break after the closing delimiter is the epilogue: without it the body is whole.
    for (let length = body.length - 3; length > 0; length -= 5) {
      const response = await call("/test", { method: "POST", headers, body: body.slice(0, length) });
      await expectProblem(response, 400, "body_malformed");
    }
    expect(await readStored()).toEqual(NOTHING);
  });
});

describe("limits", () => {
  const limited = createCaller([planOf([uploadStep({ maxFileBytes: 1000, imageFields: [] })])]);
  const BARE_BYTES = png([1, 2, 3], 1, 1).length + 12;
  const sized = (length: number): FormPart => {
    return { fileName: "a.png", type: "image/png", body: png([1, 2, 3], 1, 1, length - BARE_BYTES) };
  };

  test("a file at the limit is accepted", async () => {
    expect((sized(1000).body as Uint8Array).length).toBe(1000);
    const [row] = await dataOf<FileRow[]>(await upload(limited, "/test", await as("u"), [sized(1000)]));
    expect(row).toMatchObject({ file_size: 1000, dominant_color: null });
  });

  test("one byte more is 413, and takes the first file with it", async () => {
    const response = await upload(limited, "/test", await as("u"), [red, sized(1001)]);
    expect(await expectProblem(response, 413, "file_too_large")).toMatchObject({ limit: 1000, file: "a.png" });
    expect(await readStored()).toEqual(NOTHING);
  });

  test("chunked without a length changes nothing", async () => {
    const body = formBody([sized(1001)]);
    const stream = new ReadableStream({
      start(controller) {
        for (let at = 0; at < body.length; at += 100) controller.enqueue(body.slice(at, at + 100));
        controller.close();
      },
    });
    const response = await limited("/test", {
      method: "POST",
      headers: { ...(await as("u")), ...MULTIPART },
      body: stream,
    });
    await expectProblem(response, 413, "file_too_large");
    expect(await readStored()).toEqual(NOTHING);
  });

  test.each([
    [
      "10,000 parts",
      Array.from({ length: 10_000 }, (_, index) => ({ name: `f${index}`, body: "" })),
      413,
      "body_too_large",
    ],
    ["a field of one byte too much", [{ name: "note", body: "x".repeat(65_537) }, red], 413, "body_too_large"],
    ["a name of 1 MB", [{ name: "x".repeat(1_000_000), body: "" }], 413, "body_too_large"],
    ["a file name of 10 KB", [{ ...red, fileName: "x".repeat(10_000) }], 413, "body_too_large"],
    ["a field that is not UTF-8", [{ name: "note", body: Uint8Array.of(0xff, 0xfe) }, red], 400, "body_malformed"],
  ] as const)("%s", async (_, parts, status, code) => {
    await expectProblem(await upload(call, "/test", await as("u"), parts), status, code);
    expect(await readStored()).toEqual(NOTHING);
  });

  test("the whole body is limited too", async () => {
    const small = createCaller([planOf([uploadStep()])], { MAX_REQUEST_BYTES: "2000" });
    const parts = [red, { name: "note", body: "x".repeat(2000) }];
    await expectProblem(await upload(small, "/test", await as("u"), parts), 413, "body_too_large");
    expect(await readStored()).toEqual(NOTHING);
  });

  test("a repeated Content-Disposition is malformed", async () => {
    const part = `--${BOUNDARY}\r\nContent-Disposition: form-data; name="a"; filename="a"\r\nContent-Disposition: form-data; name="b"\r\n\r\nx\r\n--${BOUNDARY}--`;
    const response = await call("/test", { method: "POST", headers: { ...(await as("u")), ...MULTIPART }, body: part });
    await expectProblem(response, 400, "body_malformed");
  });
});

test.each([
  ["quotes", 'a\\"b.png', 'a"b.png'],
  ["percent-encoded line breaks", "a%0D%0ASet-Cookie: b.png", "aSet-Cookie: b.png"],
  ["emoji", "🏖️ beach.png", "🏖️ beach.png"],
  ["a right-to-left override", "evil\u202egnp.exe", "evilgnp.exe"],
  ["a path", "../../../etc/passwd", "passwd"],
  ["a trailing dot and a stream", "a.png::$DATA.", "a.png::$DATA."],
  ["a double extension", "a.php.png", "a.php.png"],
])("a name with %s is kept as data, never in the key", async (_, fileName, shown) => {
  const [row] = await dataOf<FileRow[]>(await upload(call, "/test", await as("u"), [{ ...red, fileName }]));
  expect(row?.["original_file_name"]).toBe(shown);
  expect(row?.storage_key).toMatch(/^gallery\/u\/[\w-]{21}\.png$/);
});

test("a broken picture is stored without a colour", async () => {
  const broken = { fileName: "a.jpg", type: "image/jpeg", body: JPEG_START };
  const [row] = await dataOf<FileRow[]>(await upload(call, "/test", await as("u"), [broken]));
  expect(row).toMatchObject({ file_type: "image/jpeg", dominant_color: null, width: null, height: null });
});

test("a text file is text to its end, or is refused", async () => {
  const texts = createCaller([planOf([uploadStep({ types: ["text/csv"] })])]);
  const csv = { fileName: "a.csv", type: "text/csv", body: "a,b\n".repeat(3000) };
  const [row] = await dataOf<FileRow[]>(await upload(texts, "/test", await as("u"), [csv]));
  expect(row).toMatchObject({ file_type: "text/csv", extension: "csv", dominant_color: null });
  const before = await readStored();
  const turned = { ...csv, body: `${csv.body}\u0000` };
  await expectProblem(await upload(texts, "/test", await as("u"), [turned]), 415, "file_type_mismatch");
  expect(await readStored()).toEqual(before);
});

describe("text in another encoding", () => {
  const latin1 = Uint8Array.of(...new TextEncoder().encode("name;city\n".repeat(1000)), 0xe9, 10);
  const csv = { fileName: "a.csv", type: "text/csv", body: latin1 };
  const takes = (types: readonly string[]) => createCaller([planOf([uploadStep({ types })])]);

  test.each([
    ["at its beginning", { ...csv, body: Uint8Array.of(0xe9, 10) }],
    ["behind what tells the type", csv],
  ])("that shows %s is stored as bytes where those come in", async (_, file) => {
    const [row] = await dataOf<FileRow[]>(await upload(takes(["*/*"]), "/test", await as("u"), [file]));
    expect(row).toMatchObject({ file_type: "application/octet-stream" });
    expect((await readStored()).files).toMatchObject([{ file_type: "application/octet-stream" }]);
  });

  test("is refused elsewhere, and its encoding named", async () => {
    const early = { ...csv, body: Uint8Array.of(0xff, 0xfe, 65, 0) };
    const refused = await upload(takes(["text/csv"]), "/test", await as("u"), [early]);
    const detail = '"a.csv" is text in UTF-16, not in UTF-8; accepted are text/csv.';
    expect(await expectProblem(refused, 415, "file_type_not_allowed")).toMatchObject({ detail });
    const late = await expectProblem(
      await upload(takes(["text/csv"]), "/test", await as("u"), [csv]),
      415,
      "file_type_mismatch",
    );
    expect(late["detail"]).toMatch(/not UTF-8 to its end.* windows-1252/);
    expect(await readStored()).toEqual(NOTHING);
  });
});

describe("folders", () => {
  const folderOf = (folder: Parameters<typeof uploadStep>[0]) => createCaller([planOf([uploadStep(folder)])]);
  const byField = folderOf({ folder: [{ from: "payload", path: ["album"] }] });

  test("a generated folder is one for all files of a call", async () => {
    const generated = folderOf({
      folder: [
        { from: "literal", value: "up" },
        { from: "generator", kind: "NANOID" },
      ],
    });
    const rows = await dataOf<FileRow[]>(await upload(generated, "/test", await as("u"), [red, blue]));
    const folders = rows.map((row) => row.storage_key.split("/").slice(0, -1).join("/"));
    expect(folders[0]).toMatch(/^up\/[\w-]{21}$/);
    expect(folders[1]).toBe(folders[0]);
  });

  test("a template is one segment", async () => {
    const parts = [
      { from: "literal", value: "user-" },
      { from: "claim", path: ["id"] },
    ] as const;
    const [row] = await dataOf<FileRow[]>(
      await upload(folderOf({ folder: [{ from: "template", parts }] }), "/test", await as("7"), [red]),
    );
    expect(row?.storage_key.startsWith("user-7/")).toBe(true);
  });

  test("a field that names the folder comes before the files", async () => {
    const album = { name: "album", body: "Sommer 2026" };
    const [row] = await dataOf<FileRow[]>(await upload(byField, "/test", await as("u"), [album, red]));
    expect(row?.storage_key.startsWith("Sommer 2026/")).toBe(true);
    await expectProblem(await upload(byField, "/test", await as("u"), [red, album]), 422, "payload_invalid");
  });

  test.each(["", "..", "a/b", "..\\..", "a\u0000", "x".repeat(256)])("the field %j cannot", async (album) => {
    const parts = [{ name: "album", body: album }, red];
    await expectProblem(await upload(byField, "/test", await as("u"), parts), 422, "payload_invalid");
    expect(await readStored()).toEqual(NOTHING);
  });
});

test("files with an expiration answer 410 to the second, and go with the next sweep", async () => {
  const brief = createCaller([planOf([uploadStep({ expiresSeconds: 300 })])]);
  const [row] = await dataOf<Record<string, string>[]>(await upload(brief, "/test", await as("u"), [red]));
  const [file] = (await readStored()).files;
  const life = Date.parse(row?.["expires_at"] ?? "") - Date.parse(String(file?.["created_at"]));
  expect(life).toBe(300_000);
  const opened = await brief(row?.["url"] ?? "");
  expect(opened.status).toBe(200);
  // A cache must not outlive the file.
  expect(opened.headers.get("cache-control")).not.toContain("31536000");
  await opened.arrayBuffer();
  vi.setSystemTime(Date.parse(row?.["expires_at"] ?? ""));
  onTestFinished(() => void vi.useRealTimers());
  for (const address of ["url", "download_url"]) {
    await expectProblem(await brief(row?.[address] ?? ""), 410, "file_expired");
  }
  await runSweep(env);
  expect(await readStored()).toEqual(NOTHING);
  await expectProblem(await brief(row?.["url"] ?? ""), 404, "file_not_found");
});

test("a full isolate answers 503 and when to come back", async () => {
  const narrow = createCaller([planOf([uploadStep()])], { MAX_CONCURRENT_UPLOADS: "1" });
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  const body = formBody([red]);
  const slow = new ReadableStream({
    async pull(controller) {
      controller.enqueue(body.slice(0, 150));
      await held;
      controller.enqueue(body.slice(150));
      controller.close();
    },
  });
  const first = narrow("/test", { method: "POST", headers: { ...(await as("u")), ...MULTIPART }, body: slow });
  // Until the first call has taken the one place, another one may still get it.
  const second = await vi.waitFor(async () => {
    const response = await upload(narrow, "/test", await as("u"), [red]);
    expect(response.status).toBe(503);
    return response;
  }, 10_000);
  await expectProblem(second, 503, "overloaded");
  expect(second.headers.get("retry-after")).toBe("3");
  release();
  expect((await first).status).toBe(200);
  expect((await upload(narrow, "/test", await as("u"), [red])).status).toBe(200);
});

test("a picture of more than one storage part is stored whole", async () => {
  const large = {
    fileName: "a.jpg",
    type: "image/jpeg",
    body: concat([JPEG_START, pattern(12_000_000)]),
  };
  const [row] = await dataOf<FileRow[]>(await upload(call, "/test", await as("u"), [large]));
  expect((await env.BUCKET.head(row?.storage_key ?? ""))?.size).toBe(large.body.length);
});

test("an unprotected endpoint stores files that nobody owns", async () => {
  const open = planOf([uploadStep({ folder: [{ from: "literal", value: "drop" }] })], {
    authentication: null,
  });
  await dataOf(await upload(createCaller([open]), "/test", {}, [red]));
  expect((await readStored()).files[0]).toMatchObject({ owner: null, status: "stored" });
});

test("an upload that a query refuses stores nothing", async () => {
  const allowed = queryStep({
    sql: "SELECT 1 AS ok WHERE ?1 = 'yes'",
    parameters: [{ value: { from: "payload", path: ["may"] }, type: "any" }],
    mustReturn: true,
    send: "now",
  });
  const guarded = createCaller([planOf([allowed, uploadStep()])]);
  const answers = (may: string) =>
    upload(guarded, "/test", { "x-access-token": "" }, [{ name: "may", body: may }, red]);
  await expectProblem(await answers("yes"), 401, "unauthorized");
  const headers = await as("u");
  await expectProblem(await upload(guarded, "/test", headers, [{ name: "may", body: "no" }, red]), 422, "row_missing");
  expect(await readStored()).toEqual(NOTHING);
  expect((await upload(guarded, "/test", headers, [{ name: "may", body: "yes" }, red])).status).toBe(200);
});
