/** Reads the parameters of a query string strictly: a misspelt one must not be ignored. */
import { Problem, type ProblemOptions } from "../../contract/problem.ts";

export type Parameters = ReadonlyMap<string, string>;

/** Longer than any name or cursor. */
export const MAX_LENGTH = 2048;

/** The known parameters that were sent. @throws Problem `parameter_invalid` for others, and for repeated ones */
export function readParameters(request: Request, known: readonly string[]): Parameters {
  const parameters = new Map<string, string>();
  for (const [name, value] of new URL(request.url).searchParams) {
    if (!known.includes(name)) throw refuse(name, `is unknown; known are ${known.join(", ")}`);
    if (parameters.has(name)) throw refuse(name, "is repeated");
    if (value.length > MAX_LENGTH) throw refuse(name, `is longer than ${MAX_LENGTH} characters`);
    parameters.set(name, value);
  }
  return parameters;
}

/** @throws Problem `parameter_invalid` */
export function readWhole(
  parameters: Parameters,
  name: string,
  least: number,
  most: number,
  otherwise: number,
): number {
  const text = parameters.get(name);
  if (text === undefined) return otherwise;
  const number = Number(text);
  if (!/^\d{1,15}$/.test(text) || number < least || number > most) {
    throw refuse(name, `must be a whole number from ${least} to ${most}`);
  }
  return number;
}

/** RFC 3339, or a day, which begins at midnight UTC. @throws Problem `parameter_invalid` */
export function readMoment(parameters: Parameters, name: string): string | null {
  const text = parameters.get(name);
  if (text === undefined) return null;
  const form = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d))?$/;
  const moment = new Date(form.test(text) ? text : Number.NaN);
  if (Number.isNaN(moment.getTime()) || !isDay(text.slice(0, 10))) {
    throw refuse(name, "must be a day such as 2026-01-31 or a moment such as 2026-01-31T12:00:00Z");
  }
  return moment.toISOString();
}

/** Formatted again, because 30 February would roll over to March. */
const isDay = (text: string): boolean => new Date(`${text}T00:00:00Z`).toJSON()?.startsWith(text) ?? false;

/** The text is the client's own: it is cut short before it is sent back. */
export function refuse(parameter: string, fault: string, members: ProblemOptions["members"] = {}): Problem {
  const name = parameter.slice(0, 60);
  return new Problem("parameter_invalid", { detail: `"${name}" ${fault}.`, members: { parameter: name, ...members } });
}
