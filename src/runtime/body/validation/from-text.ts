/** Reads the text of a form field as the kind of value that a rule expects. */
import { isExactNumber } from "../../exact-number.ts";
import type { Rule } from "../../../contract/payload-rule.ts";
import type { Json } from "../../../contract/plan.ts";
import { parseJson } from "../parse-json.ts";

/** A value from a form, and whether the values inside it are form texts as well. */
export interface FormValue {
  readonly value: Json;
  readonly hasTexts: boolean;
}

/** HTML's "valid floating-point number": `12`, `-0.5`, `.5`, `1e3`; leading zeros are fine. */
const numeric = /^-?(?:\d+(?:\.\d+)?|\.\d+)(?:e[-+]?\d+)?$/i;

/**
 * The value of a form field, where everything is text. A text that does not read as the expected kind is returned
 * unchanged, for the rule to refuse.
 */
export function fromText(rule: Rule, value: Json): FormValue {
  // Several parts of one name: a list of texts already.
  if (typeof value !== "string") return { value, hasTexts: true };
  switch (rule.kind) {
    case "number":
      return { value: parseNumber(value), hasTexts: false };
    case "object":
      return { value: parseText(value, "{"), hasTexts: false };
    case "list": {
      if (value === "") return { value: [], hasTexts: false };
      if (value.trimStart().startsWith("[")) return { value: parseText(value, "["), hasTexts: false };
      return { value: [value], hasTexts: true };
    }
    default:
      return { value, hasTexts: false };
  }
}

/** A number that would change stays text: it is refused, not altered. */
function parseNumber(text: string): Json {
  return numeric.test(text) && isExactNumber(text) ? Number(text) : text;
}

/** The text itself where it is not JSON or does not begin with the bracket. */
function parseText(text: string, bracket: "{" | "["): Json {
  if (!text.trimStart().startsWith(bracket)) return text;
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}
