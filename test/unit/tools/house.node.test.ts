import { expect, test } from "vitest";
import { findFaults } from "../../../tools/house/faults.ts";
import type { Module } from "../../../tools/house/read-modules.ts";
import type { Room } from "../../../tools/house/rooms.ts";

const rooms: readonly Room[] = [
  { name: "ground", paths: ["src/ground/", "src/leaf.ts"], packages: [] },
  { name: "first", paths: ["src/first/"], packages: ["node:", "hono"] },
  { name: "second", paths: ["src/second/", "src/first/attic.ts"], not: ["first"] },
];

function moduleOf(path: string, more: Partial<Module> = {}): Module {
  return { path, imports: [], packages: [], exports: [], ...more };
}

const target = [moduleOf("src/ground/a.ts"), moduleOf("src/first/b.ts"), moduleOf("src/leaf.ts")];

test.each<[title: string, modules: readonly Module[], faults: readonly string[]]>([
  ["downwards", [moduleOf("src/first/x.ts", { imports: ["src/ground/a.ts", "src/leaf.ts"] })], []],
  ["in its own room", [moduleOf("src/first/x.ts", { imports: ["src/first/b.ts"] })], []],
  [
    "upwards",
    [moduleOf("src/ground/x.ts", { imports: ["src/first/b.ts"] })],
    ["src/ground/x.ts imports src/first/b.ts: ground may not know first"],
  ],
  [
    "downwards into a room that it must not know",
    [moduleOf("src/second/x.ts", { imports: ["src/first/b.ts"] })],
    ["src/second/x.ts imports src/first/b.ts: second may not know first"],
  ],
  [
    "the longest path that fits names the room",
    [moduleOf("src/first/attic.ts", { imports: ["src/first/b.ts"] })],
    ["src/first/attic.ts imports src/first/b.ts: second may not know first"],
  ],
  [
    "out of the house",
    [moduleOf("src/first/x.ts", { imports: ["scripts/y.ts"] })],
    ["src/first/x.ts imports scripts/y.ts: first may not know no room"],
  ],
  ["in no room", [moduleOf("src/y.ts")], ["src/y.ts stands in no room of tools/house/rooms.ts"]],
  ["packages of its room", [moduleOf("src/first/x.ts", { packages: ["node:fs", "hono", "hono/tiny"] })], []],
  ["another package", [moduleOf("src/first/x.ts", { packages: ["honor"] })], ["src/first/x.ts imports honor"]],
])("imports: %s", (_title, modules, faults) => {
  expect(findFaults([...target, ...modules], rooms)).toEqual(faults);
});

test("circles of any length, each once", () => {
  const circle = [
    moduleOf("src/ground/1.ts", { imports: ["src/ground/2.ts"] }),
    moduleOf("src/ground/2.ts", { imports: ["src/ground/3.ts", "src/ground/a.ts"] }),
    moduleOf("src/ground/3.ts", { imports: ["src/ground/1.ts"] }),
    moduleOf("src/ground/4.ts", { imports: ["src/ground/1.ts"] }),
  ];
  expect(findFaults([...target, ...circle], rooms)).toEqual([
    "src/ground/1.ts, src/ground/2.ts, src/ground/3.ts import each other",
  ]);
});

test("one exported name with two meanings", () => {
  const modules = [
    moduleOf("src/ground/1.ts", { exports: ["Row"] }),
    moduleOf("src/ground/2.ts", { exports: ["Row"] }),
  ];
  expect(findFaults(modules, rooms)).toEqual(["Row is exported by src/ground/1.ts, src/ground/2.ts"]);
});

test("fifteen files make a folder, sixteen two; two names may begin alike, three not", () => {
  const files = (count: number, prefix = "") =>
    Array.from({ length: count }, (_, index) => moduleOf(`src/ground/${prefix}${String(index)}.ts`));
  expect(findFaults([...files(13), ...files(2, "row-")], rooms)).toEqual([]);
  expect(findFaults(files(16), rooms)).toEqual(["src/ground has 16 files"]);
  expect(findFaults(files(3, "row-"), rooms)).toEqual(["src/ground has 3 files that begin with row-"]);
});
