/** Looks at what stands under `vars`: names that nothing reads, and values that the Worker would refuse. */
import { Problem } from "../../contract/problem.ts";
import {
  buildChoices,
  choices,
  integers,
  lists,
  plainSettings,
  addressSetting,
  choiceSetting,
  integerSetting,
  listSetting,
  textSetting,
  quotaSetting,
  thumbnailSetting,
} from "../../contract/settings.ts";
import type { Report } from "../../compiler/text/diagnostic.ts";
import { didYouMean } from "../../compiler/text/suggest.ts";

/** A variable of an environment that is built. */
export interface Variable {
  readonly name: string;
  readonly value: unknown;
  /** As a diagnostic has it. */
  readonly place: string;
}

/** Of the Worker, and of the build. */
const allChoices = { ...choices, ...buildChoices };
const settingNames = [integers, allChoices, lists, plainSettings].flatMap((table) => Object.keys(table));

function isOf<Table extends object>(table: Table, name: string): name is Extract<keyof Table, string> {
  return Object.hasOwn(table, name);
}

const readers = {
  text: textSetting,
  secret: textSetting,
  address: addressSetting,
  thumbnails: thumbnailSetting,
  quota: quotaSetting,
};

/** Reads it as the Worker does. @throws Problem `misconfigured` as there */
function readValue(name: string, value: unknown): void {
  if (isOf(integers, name)) integerSetting(name, value);
  else if (isOf(allChoices, name)) choiceSetting(name, allChoices[name], value);
  else if (isOf(lists, name)) listSetting(name, value);
  else if (isOf(plainSettings, name)) readers[plainSettings[name]](name, value);
}

/** Reports settings that every call would be refused for. */
export function checkValues(variables: readonly Variable[], report: Report): void {
  for (const { name, value, place } of variables) {
    try {
      readValue(name, value);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      const hint =
        isOf(allChoices, name) && typeof value === "string" ? didYouMean(value, allChoices[name].split("|")) : "";
      report.fault(place, error.message + (typeof value === "number" ? `: write "${value}"` : hint));
    }
  }
}

/** Reports names that are no settings and that no ABI reads: those that are nearly a setting's would silently do nothing. */
export function checkNames(variables: readonly Variable[], abis: readonly { readonly text: string }[], report: Report) {
  const read = new Set(abis.flatMap(({ text }) => Array.from(text.matchAll(/\$ENV\.(\w+)/g), ([, name = ""]) => name)));
  for (const { name, place } of variables) {
    if (settingNames.includes(name) || read.has(name) || read.has(name.replace(/_PREVIOUS$/, ""))) continue;
    const hint = didYouMean(name, settingNames);
    const message = `${name} is no setting, and no ABI reads it${hint}`;
    if (hint === "") report.warn(place, message);
    else report.fault(place, message);
  }
}
