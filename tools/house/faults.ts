/** What breaks the rules of the house, one sentence each. */
import { basename, dirname } from "node:path";
import type { Module } from "./read-modules.ts";
import type { Room } from "./rooms.ts";

/** A folder with more files wants to be several. */
const MAX_FILES = 15;
/** So many files whose names begin alike want a folder. */
const MAX_ALIKE = 3;

export function findFaults(modules: readonly Module[], rooms: readonly Room[]): string[] {
  return [
    ...modules.flatMap((module) => wrongImports(module, rooms)),
    ...findCycles(modules),
    ...repeatedNames(modules),
    ...crowdedFolders(modules),
  ].toSorted();
}

/** Index of the room whose path fits best; -1 = none. */
function roomOf(path: string, rooms: readonly Room[]): number {
  const fits = (pattern: string) => (pattern.endsWith("/") ? path.startsWith(pattern) : path === pattern);
  const lengths = rooms.map(({ paths }) => Math.max(0, ...paths.filter(fits).map((pattern) => pattern.length)));
  const longest = Math.max(...lengths);
  return longest === 0 ? -1 : lengths.indexOf(longest);
}

function wrongImports({ path, imports, packages }: Module, rooms: readonly Room[]): string[] {
  const floor = roomOf(path, rooms);
  const room = rooms[floor];
  if (room === undefined) return [`${path} stands in no room of tools/house/rooms.ts`];
  const upward = imports.flatMap((target) => {
    const other = roomOf(target, rooms);
    const name = rooms[other]?.name ?? "no room";
    if (other >= 0 && other <= floor && room.not?.includes(name) !== true) return [];
    return [`${path} imports ${target}: ${room.name} may not know ${name}`];
  });
  const allows = (name: string) =>
    room.packages === undefined ||
    room.packages.some((allowed) => (allowed.endsWith(":") ? name.startsWith(allowed) : isOf(name, allowed)));
  const strange = packages.filter((name) => !allows(name)).map((name) => `${path} imports ${name}`);
  return [...upward, ...strange];
}

const isOf = (specifier: string, packageName: string) =>
  specifier === packageName || specifier.startsWith(`${packageName}/`);

/** Circles of imports, of types as well: Tarjan's strongly connected components. */
function findCycles(modules: readonly Module[]): string[] {
  const known = new Map(modules.map((module) => [module.path, module]));
  const indexes = new Map<string, number>();
  const lowest = new Map<string, number>();
  const stack: string[] = [];
  const cycles: string[] = [];
  const visit = (path: string): number => {
    const index = indexes.size;
    indexes.set(path, index);
    lowest.set(path, index);
    stack.push(path);
    for (const target of known.get(path)?.imports ?? []) {
      if (!known.has(target)) continue;
      const reached = indexes.has(target)
        ? stack.includes(target)
          ? (indexes.get(target) ?? 0)
          : Infinity
        : visit(target);
      lowest.set(path, Math.min(lowest.get(path) ?? 0, reached));
    }
    const low = lowest.get(path) ?? 0;
    if (low === index) {
      const circle = stack.splice(stack.indexOf(path));
      if (circle.length > 1) cycles.push(`${circle.toSorted().join(", ")} import each other`);
    }
    return low;
  };
  for (const { path } of modules) if (!indexes.has(path)) visit(path);
  return cycles;
}

function repeatedNames(modules: readonly Module[]): string[] {
  const places = modules.flatMap(({ path, exports }) => exports.map((name) => ({ name, path })));
  const byName = Map.groupBy(places, ({ name }) => name);
  return [...byName]
    .filter(([, all]) => all.length > 1)
    .map(
      ([name, all]) =>
        `${name} is exported by ${all
          .map(({ path }) => path)
          .toSorted()
          .join(", ")}`,
    );
}

function crowdedFolders(modules: readonly Module[]): string[] {
  const byFolder = Map.groupBy(modules, ({ path }) => dirname(path));
  return [...byFolder].flatMap(([folder, files]) => {
    const crowd = files.length > MAX_FILES ? [`${folder} has ${files.length} files`] : [];
    const byPrefix = Map.groupBy(files, ({ path }) => /^[^.-]+(?=-)/.exec(basename(path))?.[0] ?? "");
    const alike = [...byPrefix].filter(([prefix, all]) => prefix !== "" && all.length >= MAX_ALIKE);
    return [...crowd, ...alike.map(([prefix, all]) => `${folder} has ${all.length} files that begin with ${prefix}-`)];
  });
}
