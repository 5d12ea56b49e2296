/** File names made to be read as something else: by people, by file systems, by headers. */
import { expect } from "vitest";
import { uploadDoors } from "./support/doors.ts";
import { across, named, suite } from "./support/suite.ts";
import { expectInert, readStoredFile } from "./support/verdicts.ts";
import { identify, newCaller, openWorld, send } from "./support/world.ts";

const world = openWorld();

/** As they stand between the quotes of a form; `%22`, `%0D` and `%0A` are how browsers write a quote and line breaks. */
const names: readonly string[] = [
  "a.php.png",
  "a.png.php",
  "a.html%00.png",
  "a.html\\0.png",
  "a.html;.png",
  "a.png ",
  "a.png.",
  "a.png...",
  "a.png::$DATA",
  "CON.png",
  "nul",
  "COM1.jpg",
  ".htaccess",
  ".env",
  "..",
  ".",
  "../../etc/passwd",
  "..\\..\\windows\\win.ini",
  "/etc/passwd",
  "C:\\temp\\a.png",
  "%2e%2e%2fa.png",
  "..%2fa.png",
  "\u202Egnp.exe",
  "a\u202Egnp.html",
  "\u2066a\u2069.png",
  "a\u200B.png",
  "\uFEFFa.png",
  "a\u2028b.png",
  "ﬁle．png",
  "é.png",
  "e\u0301.png",
  "%22; filename=b.html; x=%22.png",
  "a%0D%0ASet-Cookie: x=1.png",
  "a%0d%0aContent-Type: text/html%0d%0a%0d%0a<script>.png",
  "a\u0085b.png",
  "<script>alert(1)</script>.png",
  "' OR 1=1 --.png",
  "'); DROP TABLE files; --",
  "${7*7}{{7*7}}<%= 7*7 %>.png",
  "$ENV.JWT_SECRET_KEY",
  "$(id).png",
  "`id`.png",
  "__proto__",
  "constructor",
  "-rf",
  "=cmd|'/c calc'!A1.csv",
  "😀".repeat(60),
  "x".repeat(255),
  `${"x".repeat(400)}.png`,
  "ü".repeat(300),
  "a".repeat(250) + "é.png",
];

// oxlint-disable-next-line no-control-regex
const unsafe = /[\u0000-\u001f\u007f-\u009f\u200b\u2028-\u202e\u2066-\u2069\ufeff/\\]/;

suite(
  "4 names",
  across(uploadDoors("wide"), named(names), async (door, fileName) => {
    const caller = newCaller();
    const answer = await send(world, door, caller, [
      { fileName, type: "image/png", body: Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 13, 10, 26, 10) },
    ]);
    const file = await readStoredFile(world, door, caller, answer);
    expect(file.key).toMatch(/^(?:wide|public|private)\/(?:open|caller-\d+)\/[\w-]+\.png$/);
    expect(file.name).not.toMatch(unsafe);
    expect(file.name).toBe(file.name.normalize("NFC"));
    expect(new TextEncoder().encode(file.name).length).toBeLessThanOrEqual(255);
    expect(["", ".", ".."]).not.toContain(file.name);
    const opened = await world.ask(file.readUrl);
    expectInert(opened);
    expect(opened.headers.get("content-type")).toBe("image/png");
    expect(opened.headers.get("x-request-id")).not.toBeNull();
  }),
);

/** Asked for by whoever may have a link made. */
const dispositions: readonly string[] = [
  "inline\r\nSet-Cookie: a=b",
  "attachment; filename=a; filename=b",
  "attachment; filename",
  "attachment; filename=",
  "attachment; name=a",
  "attachment; filename*=utf-16''a",
  "attachment; filename*=UTF-8''%ff",
  "attachment; filename*=UTF-8''%zz",
  "form-data; filename=a",
  "inline inline",
  "inline, attachment",
  "text/html",
  "",
  " ",
  "\u0000",
  "attachment;".repeat(300),
];
const asking: readonly (readonly [
  string,
  (id: string, disposition: string, headers: Record<string, string>) => ReturnType<typeof world.ask>,
])[] = [
  [
    "file API, link",
    (id, disposition, headers) =>
      world.ask(`/v1/upload/url/${id}?${new URLSearchParams({ disposition })}`, { headers }),
  ],
  [
    "file API, issue link",
    (id, disposition, headers) =>
      world.ask(`/v1/upload/${id}/links`, {
        method: "POST",
        headers: { ...headers, "content-type": "application/json" },
        body: JSON.stringify({ disposition }),
      }),
  ],
];
suite(
  "13 headers asked for in a link",
  asking.flatMap(([door, ask]) =>
    named(dispositions).map(([variant, disposition]) => ({
      door,
      variant,
      run: async () => {
        const headers = await identify("authorization", "ann");
        for (const id of [world.target.publicId, world.target.privateId]) {
          const answer = await ask(id, disposition, headers);
          expect(["parameter_invalid", "payload_invalid"]).toContain(answer.json["code"]);
          expect(answer.status).toBe(422);
        }
      },
    })),
  ),
  { leavesNothing: true },
);

const asked: readonly string[] = [
  'attachment; filename="a\r\nX: y"',
  'attachment; filename="a\nX: y"',
  'attachment; filename="a%0d%0aSet-Cookie: x"',
  "attachment; filename*=UTF-8''a%0D%0ASet-Cookie%3A%20x",
  "inline; filename*=UTF-8''%E2%80%AEgnp.exe",
  "attachment; filename*=UTF-8''..%2F..%2Fetc%2Fpasswd",
  'attachment; filename="..\\\\..\\\\a"',
  "attachment; filename*=UTF-8''%22%3B%20x%3D%22",
  'inline; filename="<script>.html"',
];
suite(
  "13 names asked for in a link",
  asking.flatMap(([door, ask]) =>
    named(asked).map(([variant, disposition]) => ({
      door,
      variant,
      run: async () => {
        const answer = await ask(world.target.privateId, disposition, await identify("authorization", "ann"));
        expect(answer.status, answer.text).toBe(200);
        const { data } = answer.json;
        const opened = await world.ask(typeof data === "string" ? data : (data as { url: string }).url);
        expectInert(opened);
        const name = opened.headers.get("content-disposition") ?? "";
        expect(decodeURIComponent(name.replaceAll(/%(?![\dA-F]{2})/g, "%25"))).not.toMatch(unsafe);
      },
    })),
  ),
);
