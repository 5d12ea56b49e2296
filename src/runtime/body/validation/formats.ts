/** The forms of text that `format` and `pattern` ask for. */
import type { TextFormat } from "../../../contract/payload-rule.ts";

const uuid = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
const ksuid = /^[0-9A-Za-z]{27}$/;
/** As text it is the greatest as well: its digits are in the order of their values. */
const GREATEST_KSUID = "aWgEPTl1tmebfsQzFP4bxwgy80V";
const date = /^\d{4}-\d\d-\d\d$/;
/** RFC 3339 §5.6. */
const time = /^(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/i;

/** Whether the calendar has the day: there is no February 30. */
function isDate(text: string): boolean {
  const moment = new Date(`${text}T00:00:00Z`);
  return date.test(text) && !Number.isNaN(moment.getTime()) && moment.toISOString().startsWith(text);
}

const tests: Readonly<Record<TextFormat, (text: string) => boolean>> = {
  uuid: (text) => uuid.test(text),
  ksuid: (text) => ksuid.test(text) && text <= GREATEST_KSUID,
  date: isDate,
  "date-time": (text) => isDate(text.slice(0, 10)) && /^t$/i.test(text.charAt(10)) && time.test(text.slice(11)),
  url: (text) => /^https?:\/\/[^\s\\]+$/i.test(text) && URL.canParse(text),
};

export const hasFormat = (text: string, format: TextFormat): boolean => tests[format](text);

const compiled = new Map<string, RegExp>();

/** Whether the whole text matches. @param pattern of a plan: the compiler lets only those through that take linear time */
export function matchesPattern(text: string, pattern: string): boolean {
  const expression = compiled.get(pattern) ?? new RegExp(`^(?:${pattern})$`, "u");
  compiled.set(pattern, expression);
  return expression.test(text);
}
