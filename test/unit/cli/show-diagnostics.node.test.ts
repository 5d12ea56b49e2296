/** Diagnostics as a terminal shows them. */
import { expect, test } from "vitest";
import { drawDiagnostics } from "../../../src/cli/terminal/show-diagnostics.ts";
import { createReport, type Diagnostic, type Report } from "../../../src/compiler/text/diagnostic.ts";

function draw(text: string, tell: (report: Report) => void): string[] {
  const diagnostics: Diagnostic[] = [];
  tell(createReport("a.json", diagnostics));
  return drawDiagnostics(diagnostics, (file) => (file === "a.json" ? text : null));
}

test("what is wrong, the line, a mark, advice; in the order of the file", () => {
  const text = '{\n\t"b": 1,\n\t"a": { "x": "no" }\n}\n';
  expect(
    draw(text, (report) => {
      report.fault("/a/x", 'wrong; expected "yes". Did you mean "yes"?');
      report.warn("/b", "odd", "name");
      report.fault("/a/y", "is missing; expected a text");
      report.fault("/c", "is missing");
    }),
  ).toEqual([
    "a.json:1:1: is missing",
    "  1 | {",
    "    | ^",
    "a.json:2:2: warning: odd",
    '  2 |  "b": 1,',
    "    |  ^^^",
    "a.json:3:2: is missing",
    '  3 |  "a": { "x": "no" }',
    "    |  ^^^",
    "  expected a text",
    "a.json:3:14: wrong",
    '  3 |  "a": { "x": "no" }',
    "    |              ^^^^",
    '  expected "yes"',
    '  Did you mean "yes"?',
  ]);
});

test("of a long line the part around the mark, of long advice a paragraph", () => {
  const query = `SELECT ${"column, ".repeat(40)} colour FROM gallery ${" AND x".repeat(40)}`;
  const drawn = draw(JSON.stringify({ query }), (report) => {
    report.fault("/query", `no; expected ${"a name, ".repeat(20)}`, query.indexOf("colour"));
  });
  const [, line = "", mark = "", ...advice] = drawn;
  expect(line.length).toBeLessThan(115);
  expect(line.slice(mark.indexOf("^"), mark.lastIndexOf("^") + 1)).toBe("colour");
  expect(line).toMatch(/\| ….*…$/);
  expect(advice.length).toBeGreaterThan(1);
  expect(Math.max(...advice.map(({ length }) => length))).toBeLessThan(110);
});

test("secrets and control characters are not shown", () => {
  const text = '{ "encryption_key": "hunter\\"2", "x": "\u007f[2J" }';
  const [, line = ""] = draw(text, (report) => report.fault("/encryption_key", "never the secret itself"));
  expect(line).toBe('  1 | { "encryption_key": "*********", "x": " [2J" }');
  const named = '{ "encryption_key": "$ENV.KEY" }';
  expect(draw(named, (report) => report.fault("/encryption_key", "no"))[1]).toBe(`  1 | ${named}`);
});

test("a place that the text no longer has, and a file that cannot be read", () => {
  expect(draw("", (report) => report.fault(":3:7", "no"))).toEqual(["a.json:3:7: no"]);
  const lost: Diagnostic = { file: "b.json", place: "/a", message: "no", severity: "fault" };
  expect(drawDiagnostics([lost], () => null)).toEqual(["b.json/a: no"]);
});
