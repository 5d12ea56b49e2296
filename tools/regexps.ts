/**
 * Judges every regular expression of src, or of the folder that is named: exits 1 when a text exists on which one takes
 * more than linear time, and prints that text. Of a pattern that is built at run time nothing can be said: it is a fault.
 * What is judged is one match; a loop of matches, such as `matchAll`, may still cost the square of its text.
 */
import { readFile, readdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { parse, Visitor, type CallExpression, type NewExpression } from "oxc-parser";
import { check, type Parameters } from "recheck";

/**
 * Counted where recheck would time by itself, so that a busy machine changes no verdict. The whole takes seconds with
 * recheck's native program, which there is not for every platform, and about a minute in JavaScript.
 */
const limits = {
  attackLimit: 100_000_000,
  attackTimeout: null,
  incubationTimeout: null,
  seedingTimeout: null,
  timeout: 300_000,
} as const satisfies Parameters;

interface Found {
  /** `file:line`. */
  readonly place: string;
  /** Null for what is built at run time. */
  readonly pattern: { readonly source: string; readonly flags: string } | null;
}

async function collect(folder: string): Promise<Found[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile() && entry.name.endsWith(".ts"));
  const found = await Promise.all(files.map((entry) => collectFrom(join(entry.parentPath, entry.name))));
  return found.flat();
}

async function collectFrom(file: string): Promise<Found[]> {
  const text = await readFile(file, "utf8");
  const { program, errors } = await parse(file, text);
  if (errors[0] !== undefined) throw new Error(`${file}: ${errors[0].message}`);
  const found: Found[] = [];
  const add = (start: number, pattern: Found["pattern"]) => {
    const line = text.slice(0, start).split("\n").length;
    found.push({ place: `${relative("", file)}:${line}`, pattern });
  };
  const addConstructed = ({ callee, arguments: [source, flags], start }: CallExpression | NewExpression) => {
    if (callee.type !== "Identifier" || callee.name !== "RegExp") return;
    const texts = [source, flags].map((node) =>
      node === undefined ? "" : node.type === "Literal" ? node.value : null,
    );
    const [sourceText, flagText] = texts;
    const isWritten = typeof sourceText === "string" && typeof flagText === "string";
    add(start, isWritten ? { source: sourceText, flags: flagText } : null);
  };
  new Visitor({
    Literal(node) {
      if ("regex" in node) add(node.start, { source: node.regex.pattern, flags: node.regex.flags });
    },
    CallExpression: addConstructed,
    NewExpression: addConstructed,
  }).visit(program);
  return found;
}

/** The expressions of ABIs: the compiler judges them, and matches nothing with them; the runtime has only those it lets through. */
const judgedElsewhere = ["src/compiler/endpoint/payload/scalars.ts", "src/runtime/body/validation/formats.ts"];

/** What is wrong with it; null for nothing. */
async function judge({ place, pattern }: Found): Promise<string | null> {
  if (pattern === null && judgedElsewhere.some((file) => place.startsWith(`${file}:`))) return null;
  if (pattern === null) return "is built at run time: write it as a literal";
  const verdict = await check(pattern.source, pattern.flags, limits);
  if (verdict.status === "safe") return null;
  if (verdict.status === "unknown") return `could not be judged (${verdict.error.kind})`;
  return `${verdict.complexity.summary} on ${verdict.attack.pattern}`;
}

const [folder = "src"] = process.argv.slice(2);
const found = await collect(folder);
// The first check starts the program that serves the others; all at once would start one each.
await check("", "");
const verdicts = await Promise.all(found.map(async (each) => ({ ...each, fault: await judge(each) })));
const faults = verdicts.filter(({ fault }) => fault !== null);
for (const { place, fault } of faults) console.error(`${place}: ${fault}`);
if (faults.length > 0) process.exitCode = 1;
else console.log(`${found.length} regular expressions, each linear`);
