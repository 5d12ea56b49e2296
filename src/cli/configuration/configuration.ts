/**
 * Wrangler's configuration, which is TOML or JSON with comments: the same settings from both, and where each stands in
 * the text. It is given the text and reads no disk.
 */
import { TomlError, parse } from "smol-toml";
import { pointerStep, type Report } from "../../compiler/text/diagnostic.ts";
import { parseJsonText } from "../../compiler/text/json-text.ts";
import type { ConfigurationFile } from "./file.ts";
import { placeOfKey } from "./toml-place.ts";

export type Table = Readonly<Record<string, unknown>>;

/** Names of members, and indexes of lists. */
export type SettingPath = readonly (string | number)[];

export interface Configuration {
  readonly settings: Table;
  /** As a diagnostic has it: `:line:column`, or a JSON pointer where nothing stands there. */
  readonly placeOf: (path: SettingPath) => string;
}

/** The settings of one environment, and where they stand in the file. */
export interface Section {
  readonly settings: Table;
  /** Null = the top level. */
  readonly name: string | null;
  /** Where something of it stands, as a diagnostic has it. */
  readonly placeOf: (...path: SettingPath) => string;
}

export function asTable(value: unknown): Table {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Table) : {};
}

export const asTables = (value: unknown): Table[] => (Array.isArray(value) ? value.map(asTable) : []);

const pointerOf = (path: SettingPath): string => path.map(pointerStep).join("");

/** Null after a fault. */
export function readConfiguration(file: ConfigurationFile, report: Report): Configuration | null {
  return file.name.endsWith(".toml") ? readToml(file.text, report) : readJson(file.text, report);
}

function readToml(text: string, report: Report): Configuration | null {
  try {
    return { settings: parse(text), placeOf: (path) => placeOfKey(text, path) ?? pointerOf(path) };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    report.fault(`:${String(error.line)}:${String(error.column)}`, `not TOML: ${error.message.split("\n")[0] ?? ""}`);
    return null;
  }
}

function readJson(text: string, report: Report): Configuration | null {
  const parsed = parseJsonText(text);
  if (!parsed.ok) {
    report.fault(`:${String(parsed.line)}:${String(parsed.column)}`, `not JSON: ${parsed.message}`);
    return null;
  }
  const placeAt = (pointer: string): string => {
    const position = parsed.spanOf(pointer, "name");
    return position === null ? pointer : `:${String(position.line)}:${String(position.column)}`;
  };
  for (const pointer of parsed.duplicates) {
    report.fault(placeAt(pointer), "this object has a member of that name already");
  }
  return { settings: asTable(parsed.value), placeOf: (path) => placeAt(pointerOf(path)) };
}
