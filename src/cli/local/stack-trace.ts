/**
 * Makes a Worker's stack trace one of the author's own files: places in wrangler's bundle become those in the sources, paths
 * are told from the project's folder, and what wrangler puts around the Worker is left out.
 */
import { readFileSync, statSync } from "node:fs";
import { SourceMap, type SourceMapPayload } from "node:module";
import { dirname, relative, resolve, sep } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { packageFile } from "../package-file.ts";
import { withSlashes } from "../platform.ts";
import { developmentWorkerPath } from "./build/development-worker.ts";

/** Takes the lines of a trace, with those of messages between them, and gives those that are worth showing. */
export type ReadTrace = (lines: readonly string[]) => string[];

interface Place {
  readonly file: string;
  /** Counted from 1, as the column. */
  readonly line: number;
  readonly column: number;
}

/** The bundle, and what is bundled with the Worker. */
const bundlePattern = /(?:^|\/)\.wrangler\/tmp\//;
const noisePattern = /(?:^|\/)(?:\.wrangler\/tmp|node_modules\/(?:wrangler|miniflare))\//;

const ownFiles = [
  developmentWorkerPath,
  ...["for-development", "late-answer", "explained-answer"].map((name) => packageFile(`runtime/development/${name}`)),
];

/** Tells if a line names a place. */
export const isFrame = (line: string): boolean => /^\s+at /.test(line);

/** @param root the project's folder */
export function createTraceReader(root: string): ReadTrace {
  const findSource = createSourceFinder();
  const readFrame = (line: string): string[] => {
    const begin = line.indexOf("file:");
    const end = /:(\d+):(\d+)\)?$/.exec(line);
    // What has no file is the platform's own.
    if (begin < 0 || end === null) return [];
    const file = pathOf(line.slice(begin, end.index));
    if (file === null) return [line];
    const built = { file, line: Number(end[1]), column: Number(end[2]) };
    const source = bundlePattern.test(withSlashes(built.file)) ? (findSource(built) ?? built) : built;
    const fromRoot = relative(root, source.file);
    const path = withSlashes(fromRoot.startsWith("..") ? source.file : fromRoot);
    if (noisePattern.test(path) || ownFiles.includes(path) || ownFiles.includes(source.file)) return [];
    const where = `${path}:${String(source.line)}:${String(source.column)}`;
    const name = line
      .slice(0, begin)
      .replace(/^\s+at /, "")
      .replace(/ \($/, "");
    return [/^(?:async )?(?:null\.<anonymous>)?$/.test(name) ? `    at ${where}` : `    at ${name} (${where})`];
  };
  return (lines) => lines.flatMap((line) => (isFrame(line) ? readFrame(line) : [line]));
}

/** Null where it is none: anybody may have written the line. */
function pathOf(url: string): string | null {
  try {
    return fileURLToPath(url);
  } catch {
    return null;
  }
}

/** Null where nothing tells where it comes from. */
function createSourceFinder(): (built: Place) => Place | null {
  const known = new Map<string, { readonly changedAt: number; readonly map: SourceMap; readonly folder: URL }>();
  const readMap = (file: string) => {
    const path = `${file}.map`;
    const changedAt = statSync(path).mtimeMs;
    const read = known.get(path);
    if (read?.changedAt === changedAt) return read;
    const payload = JSON.parse(readFileSync(path, "utf8")) as SourceMapPayload;
    // Its own resolution takes a drive's letter for a scheme.
    const map = new SourceMap({ ...payload, sourceRoot: "" });
    const made = { changedAt, map, folder: pathToFileURL(resolve(dirname(path), payload.sourceRoot ?? "") + sep) };
    known.set(path, made);
    return made;
  };
  return ({ file, line, column }) => {
    try {
      const { map, folder } = readMap(file);
      const entry = map.findEntry(line - 1, column - 1);
      if (!("originalSource" in entry)) return null;
      const { originalSource, originalLine, originalColumn } = entry;
      return {
        file: fileURLToPath(new URL(originalSource, folder)),
        line: originalLine + 1,
        column: originalColumn + 1,
      };
    } catch {
      // It is being written anew.
      return null;
    }
  };
}
