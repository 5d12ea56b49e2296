/** Compares the `$ENV` names in an ABI with those that wrangler's configuration declares. */
import type { Report } from "../text/diagnostic.ts";
import { pointerStep } from "../text/diagnostic.ts";
import { didYouMean } from "../text/suggest.ts";

/** Variables and required secrets of one environment that the build may be deployed to. */
export interface DeclaredNames {
  /** The environment's name; null = the top level. */
  readonly environment: string | null;
  readonly names: ReadonlySet<string>;
}

/** Every text in a value, with its JSON pointer. */
function* textsIn(value: unknown, place = ""): Generator<readonly [place: string, text: string]> {
  if (typeof value === "string") yield [place, value];
  if (typeof value !== "object" || value === null) return;
  for (const [name, inner] of Object.entries(value)) yield* textsIn(inner, place + pointerStep(name));
}

function undeclared(name: string, { environment, names }: DeclaredNames): string {
  const where = environment === null ? "the Wrangler configuration" : `env.${environment}, which inherits none`;
  const known = [...names].sort();
  const expected = known.length === 0 ? "" : `; expected one of ${known.join(", ")}${didYouMean(name, known)}`;
  return `$ENV.${name} is neither under vars nor under secrets.required of ${where}${expected}`;
}

/** Reports each name that an environment of `declared` lacks, for the first that does. */
export function checkDeclaredNames(abi: unknown, declared: readonly DeclaredNames[], report: Report): void {
  for (const [place, text] of textsIn(abi)) {
    for (const [, name = ""] of text.matchAll(/\$ENV\.(\w+)/g)) {
      const lacking = declared.find(({ names }) => !names.has(name));
      if (lacking !== undefined) report.fault(place, undeclared(name, lacking));
    }
  }
}
