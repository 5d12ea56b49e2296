import { describe, expect, test } from "vitest";
import type { ProblemCode } from "../../../../src/contract/problem.ts";
import { bytesOf, byteStream, chunkSizes, pipedStream, plainStream, platformStream, readBody } from "./streams.ts";

type ExpectedPart = readonly [name: string, fileName: string | null, contentType: string | null, content: string];

interface Row {
  readonly title: string;
  readonly body: string;
  /** Parts that are whole, also when the body is refused later. */
  readonly parts: readonly ExpectedPart[];
  readonly code?: ProblemCode;
}

const field = (name: string, content: string): string =>
  `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${content}\r\n`;
const headers = (...lines: string[]): string => `--b\r\n${lines.join("\r\n")}\r\n\r\nx\r\n--b--\r\n`;
const disposition = (parameters: string): string => headers(`Content-Disposition: form-data${parameters}`);
const refused = (title: string, body: string): Row => ({ title, body, parts: [], code: "body_malformed" });

const shape: readonly Row[] = [
  { title: "one field", body: `${field("a", "x")}--b--\r\n`, parts: [["a", null, null, "x"]] },
  {
    title: "a field and a file",
    body: `${field("a", "x")}--b\r\nContent-Disposition: form-data; name="f"; filename="n.png"\r\nContent-Type: image/png\r\n\r\n\x89PNG\r\n\x00\r\n--b--\r\n`,
    parts: [
      ["a", null, null, "x"],
      ["f", "n.png", "image/png", "\x89PNG\r\n\x00"],
    ],
  },
  { title: "no break after the last boundary", body: `${field("a", "x")}--b--`, parts: [["a", null, null, "x"]] },
  { title: "LF after the last boundary", body: `${field("a", "x")}--b--\n`, parts: [["a", null, null, "x"]] },
  { title: "padding after the last boundary", body: `${field("a", "x")}--b-- \t`, parts: [["a", null, null, "x"]] },
  { title: "no parts", body: "--b--\r\n", parts: [] },
  { title: "no parts, no break", body: "--b--", parts: [] },
  {
    title: "preamble and epilogue",
    body: `pre --b\r\n${field("a", "x")}--b--\r\nepi`,
    parts: [["a", null, null, "x"]],
  },
  { title: "an LF preamble", body: `pre\n\n${field("a", "x")}--b--`, parts: [["a", null, null, "x"]] },
  { title: "preamble of a look-alike", body: `--bb\r\n${field("a", "x")}--b--`, parts: [["a", null, null, "x"]] },
  { title: "an epilogue with boundaries", body: `--b--\r\n${field("a", "x")}--b--\r\n`, parts: [] },
  { title: "padding", body: field("a", "x").replace("--b", "--b \t ") + "--b--", parts: [["a", null, null, "x"]] },
  {
    title: "64 bytes of padding",
    body: field("a", "x").replace("--b", `--b${" ".repeat(63)}`) + "--b--",
    parts: [["a", null, null, "x"]],
  },
  {
    title: "65 bytes of padding",
    body: `${field("a", "x")}--b${" ".repeat(65)}\r\n--b--`,
    parts: [["a", null, null, `x\r\n--b${" ".repeat(65)}`]],
  },
  { title: "an empty part", body: `${field("a", "")}--b--`, parts: [["a", null, null, ""]] },
  {
    title: "an empty part whose empty line is the delimiter's",
    body: `${field("a", "").slice(0, -2)}--b--`,
    parts: [["a", null, null, ""]],
  },
  {
    title: "the same before another part",
    body: `${field("a", "").slice(0, -2)}${field("b", "x")}--b--`,
    parts: [
      ["a", null, null, ""],
      ["b", null, null, "x"],
    ],
  },
  { title: "content that is a line break", body: `${field("a", "\r\n")}--b--`, parts: [["a", null, null, "\r\n"]] },
  {
    title: "repeated names",
    body: `${field("a", "1")}${field("a", "2")}--b--`,
    parts: [
      ["a", null, null, "1"],
      ["a", null, null, "2"],
    ],
  },
  {
    title: "content that starts with the boundary's line: its break is the empty line's",
    body: `${field("a", "--b\r\n")}--b--`,
    parts: [["a", null, null, ""]],
    code: "body_malformed",
  },
  refused("an empty body", ""),
  refused("no boundary at all", "hello"),
  refused("another boundary", field("a", "x").replace("--b", "--c")),
  refused("a boundary that does not start its line", ` ${field("a", "x")}`),
  refused("nothing after the boundary", "--b"),
  refused("one dash after the boundary", "--b-"),
  refused("only the first line", "--b\r\n"),
  refused("no last boundary", field("a", "x")),
  refused("a last boundary with one dash", `${field("a", "x")}--b-`),
  refused("a last boundary with something behind it", `${field("a", "x")}--b--x\r\n`),
];

const lookAlikes: readonly Row[] = [
  "\r\n--bX\r\n",
  "\r\n--b-\r\n",
  "\r\n--b--X\r\n",
  "\r\n--b X\r\n",
  "\r\n--b\rX",
  "\r\n--b\r\r\n",
  "\r\n--b\n",
  "\n--b\r\n",
  "\n--b--\r\n",
  "\r--b\r\n",
  "\r\n-b\r\n",
  "\r\n--",
  "\r\n\r\n--B\r\n",
  "\r\r\n",
  "\r\n--bb\r\n--bb--\r\n",
  '\r\n--inner\r\nContent-Disposition: form-data; name="n"\r\n\r\ny\r\n--inner--\r\n',
].map((content) => ({
  title: `content ${JSON.stringify(content)}`,
  body: `${field("a", `x${content}`)}${field("c", content)}--b--\r\n`,
  parts: [
    ["a", null, null, `x${content}`],
    ["c", null, null, content],
  ],
}));

const lineFeeds: readonly Row[] = [
  {
    title: "LF throughout",
    body: `${field("a", "x")}${field("c", "y")}--b--\r\n`.replaceAll("\r\n", "\n"),
    parts: [
      ["a", null, null, "x"],
      ["c", null, null, "y"],
    ],
  },
  {
    title: "LF and content with CRLF",
    body: `--b\nContent-Disposition: form-data; name=a\n\n1\r\n2\r\n\n--b--\n`,
    parts: [["a", null, null, "1\r\n2\r\n"]],
  },
  {
    title: "LF, CRLF delimiter is content",
    body: `--b\nContent-Disposition: form-data; name=a\n\n1\r\n--b\r\n2\n--b--\n`,
    parts: [["a", null, null, "1\r\n--b\r\n2"]],
  },
  refused("LF, then headers with CRLF", field("a", "x").replace("\r\n", "\n") + "--b--\r\n"),
  refused("CRLF, then headers with LF", `--b\r\nContent-Disposition: form-data; name=a\n\nx\r\n--b--\r\n`),
  refused(
    "CRLF, then a header line with LF",
    `--b\r\nX: y\nContent-Disposition: form-data; name=a\r\n\r\nx\r\n--b--\r\n`,
  ),
];

const names: readonly Row[] = (
  [
    ['; name="a"', "a", null],
    ["; name=a", "a", null],
    ["; NAME=a", "a", null],
    [';name="a";', "a", null],
    [' ;\t; name="a" ; ;', "a", null],
    ['; name=""', "", null],
    ['; name="__proto__"', "__proto__", null],
    ['; name="a[b][c]"', "a[b][c]", null],
    ['; name="0"', "0", null],
    ['; name=" a "', " a ", null],
    ['; name="a;b=c"', "a;b=c", null],
    ['; name="Gr\xc3\xb6\xc3\x9fe"', "Größe", null],
    ['; name="a%22b%0D%0Ac%0a%41%"', 'a"b\r\nc%0a%41%', null],
    ['; name="a\\"b"', 'a"b', null],
    ['; name="a\\\\b"', "a\\b", null],
    ['; name="a\\b"', "a\\b", null],
    ['; name="a\\"', "a\\", null],
    ['; name="a\\"; filename="f"', "a\\", "f"],
    ['; filename="f"; name="a"', "a", "f"],
    ['; name="a"; filename=""', "a", ""],
    ['; name="a"; filename=f.txt', "a", "f.txt"],
    ['; name="a"; filename="C:\\dir\\new.txt"', "a", "C:\\dir\\new.txt"],
    ['; name="a"; filename="\xe2\x82\xac.txt"', "a", "€.txt"],
    ['; name="a"; filename="../../etc/passwd"', "a", "../../etc/passwd"],
    ["; name=\"a\"; filename*=UTF-8''%e2%82%ac.txt", "a", "€.txt"],
    ["; name=\"a\"; filename*=utf-8'en-GB'x", "a", "x"],
    ["; name=\"a\"; filename*=utf-8'en_GB'x", "a", "x"],
    ["; name=\"a\"; filename*=UTF-8''", "a", ""],
    ['; name="a"; filename="E.txt"; filename*=UTF-8\'\'%E2%82%AC.txt', "a", "€.txt"],
    ['; name="a"; filename*=UTF-8\'\'%E2%82%AC.txt; filename="E.txt"', "a", "€.txt"],
    ["; name=\"a\"; name*=UTF-8''b; other=1", "b", null],
    ["; name*=UTF-8''%c3%a4", "ä", null],
    ['; name="a"; name*=bad', "a", null],
    // React Native 0.74 to 0.76
    ['; name="a"; filename="I (1), b@c.jpg"; filename*=utf-8\'\'I%20(1),%20b@c.jpg', "a", "I (1), b@c.jpg"],
    ['; name="a"; filename="a;b c.jpg"; filename*=utf-8\'\'a;b%20c.jpg', "a", "a;b c.jpg"],
    ['; name="a"; filename="a;b=c.jpg"; filename*=utf-8\'\'a;b=c.jpg', "a", "a;b=c.jpg"],
    ['; name=a; filename="good"; filename*=bad', "a", "good"],
    ["; name=a; filename=\"good\"; filename*=UTF-8''%00", "a", "good"],
    // Encoded as a whole, or not.
    ['; name="%61"; filename="caf%C3%A9.png"', "%61", "café.png"],
    ['; name="a"; filename="100%25 sure.png"', "a", "100%25 sure.png"],
    ['; name="a"; filename="%2541.png"', "a", "%2541.png"],
    ['; name="a"; filename="%E4.png"', "a", "%E4.png"],
    ['; name="a"; filename="50%.png"', "a", "50%.png"],
    ['; name="a"; filename="=?UTF-8?B?w6TDti5wbmc=?="', "a", "äö.png"],
    ['; name="a"; filename="=?utf-8?Q?=C3=A4_b.png?="', "a", "ä b.png"],
    ['; name="a"; filename="=?iso-8859-1?q?=E4?= =?utf-8?b?LnBuZw==?="', "a", "ä.png"],
    ['; name="a"; filename="=?utf-8?B?/w==?="', "a", "=?utf-8?B?/w==?="],
    ['; name="a"; filename="=?x?"', "a", "=?x?"],
  ] as const
).map(([parameters, name, fileName]) => ({
  title: parameters,
  body: disposition(parameters),
  parts: [[name, fileName, null, "x"]],
}));

const refusedDispositions: readonly Row[] = [
  "",
  ";",
  "; name",
  "; name=",
  '; name="a',
  '; name="a"b',
  "; name=a b",
  '; name=a"',
  "; =a",
  '; name ="a"',
  '; name= "a"',
  '; name="a"; name="b"',
  '; name="a"; NAME="b"',
  '; name="a"; filename="f"; filename="g"',
  '; name="a"; x=1; x=2',
  '; filename="f"',
  "; name*=bad",
  '; name="\xff"',
  '; name="a\x00"',
  '; name="a\x7f"',
  '; name="a\x1b"',
  '; name="a\r"',
  "; name=a; filename*=x",
  "; name=a; filename*=UTF-8'x",
  "; name=a; filename*=ISO-8859-1''x",
  "; name=a; filename*=UTF-8''%e2%82",
  "; name=a; filename*=UTF-8''%zz",
  "; name=a; filename*=UTF-8''%00",
  "; name=a; filename*=UTF-8''a%0d%0ab",
  "; name=a; filename*=UTF-8''a b",
  'x; name="a"',
  ', form-data; name="a"',
].map((parameters) => refused(`form-data${parameters}`, disposition(parameters)));

const form = "Content-Disposition: form-data; name=a";
const headerLines: readonly Row[] = [
  ...(
    [
      [[form], null],
      [["CONTENT-DISPOSITION:form-data; name=a", "content-type:TEXT/Plain"], "text/plain"],
      [["Content-Disposition:\t Form-Data ; name=a\t"], null],
      [["Content-Type: text/html; charset=utf-8", form], "text/html"],
      [[form, 'Content-Type: application/json; charset="UTF-8"'], "application/json"],
      [[form, "Content-Type: text/plain; charset=us-ascii"], "text/plain"],
      [[form, "Content-Type:"], null],
      [[form, "Content-Type: image"], null],
      [[form, "Content-Type: a/b/c"], null],
      [[form, "Content-Type: image/png, text/html"], null],
      [[form, "X-Other: \xc3\xa4", "X-Other: again", "Content-Length: 99"], null],
      [[form, "Content-Transfer-Encoding: Binary"], null],
    ] as const
  ).map(([lines, contentType]): Row => ({
    title: lines.join(" | "),
    body: headers(...lines),
    parts: [["a", null, contentType, "x"]],
  })),
  refused("no headers", headers().replace("\r\n\r\n\r\n", "\r\n\r\n")),
  refused("no disposition", headers("Content-Type: text/plain")),
  refused("another disposition", headers("Content-Disposition: attachment; name=a")),
  refused("two dispositions", headers(form, form)),
  refused("two types", headers(form, "Content-Type: text/plain", "content-type: text/plain")),
  {
    title: "a file without a name",
    body: headers(form, "Content-Type: image/png"),
    parts: [["a", "", "image/png", "x"]],
  },
  {
    title: "a page with its pictures, as a file",
    body: headers('Content-Disposition: form-data; name=a; filename="a.mhtml"', "Content-Type: multipart/related"),
    parts: [["a", "a.mhtml", "multipart/related", "x"]],
  },
  refused("parts in a part", headers(form, "Content-Type: multipart/mixed; boundary=inner")),
  refused("a field in another charset", headers(form, "Content-Type: text/plain; charset=iso-8859-1")),
  refused("a folded line", headers("Content-Disposition: form-data;", " name=a")),
  refused("a blank before the colon", headers("Content-Disposition : form-data; name=a")),
  refused("no colon", headers(form, "Content-Type")),
  refused("no header name", headers(form, ": x")),
  refused("NUL in another header", headers(form, "X-Other: \x00")),
  refused("not UTF-8 in another header", headers(form, "X-Other: \xff")),
  refused("base64", headers(form, "Content-Transfer-Encoding: base64")),
  refused("quoted-printable", headers(form, "Content-Transfer-Encoding: quoted-printable")),
  refused("no empty line", `--b\r\n${form}\r\n--b--\r\n`),
];

describe.each([
  ["shape", shape],
  ["look-alikes", lookAlikes],
  ["line feeds", lineFeeds],
  ["names", names],
  ["refused dispositions", refusedDispositions],
  ["header lines", headerLines],
])("%s", (_group, rows) => {
  test.each(rows)("$title", async ({ body, parts, code = null }) => {
    const bytes = bytesOf(body);
    const expected = {
      parts: parts.map(([name, fileName, contentType, content]) => ({
        name,
        fileName,
        contentType,
        bytes: bytesOf(content),
      })),
      code,
    };
    for (const size of chunkSizes) {
      expect(await readBody(byteStream(bytes, size), "b"), `byte stream, ${size}`).toEqual(expected);
      expect(await readBody(plainStream(bytes, size), "b"), `plain stream, ${size}`).toEqual(expected);
      expect(await readBody(pipedStream(bytes, size), "b"), `piped stream, ${size}`).toEqual(expected);
    }
    expect(await readBody(platformStream(bytes), "b"), "platform stream").toEqual(expected);
  });
});
