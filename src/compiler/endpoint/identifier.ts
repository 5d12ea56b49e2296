/** Compiles what calls are counted by, of `rate_limit` and of a `quota`: what their headers tell, before anything else is read. */
import type { EarlyReference } from "../../contract/plan/reference.ts";
import type { Abi } from "../language/schema.ts";
import { parseAccessors, type Accessor } from "../text/accessor.ts";
import type { Report } from "../text/diagnostic.ts";
import { resolveText, type Names } from "../values/names.ts";

const expected = "expected $HEADER.ip, or a claim such as $PROTECTED.id";

/** Null after a fault. */
export function readIdentifier(text: string, place: string, abi: Abi, report: Report): EarlyReference | null {
  const { parts } = parseAccessors(text);
  const unfit = parts.map(unfitness).find((fault) => fault !== null) ?? null;
  if (parts.length > 1) {
    report.fault(place, `holds more than one accessor: ${expected}, alone`);
    return null;
  }
  if (unfit !== null) {
    report.fault(place, `${unfit}; ${expected}`);
    return null;
  }
  const tell = { fault: (message: string) => report.fault(place, message), warn: () => undefined };
  const reference = resolveText(text, false, namesOf(abi), tell);
  if (reference?.from === "header") checkHeader(reference.name, place, abi, report);
  return reference?.from === "claim" || reference?.from === "header" ? reference : null;
}

/** Why an accessor cannot tell callers apart; null where it can. */
function unfitness(accessor: Accessor): string | null {
  switch (accessor.kind) {
    case "text":
      return `${JSON.stringify(accessor.text)} is a text: all callers would share one limit`;
    case "PAYLOAD":
      return "$PAYLOAD: the body is not read yet when calls are counted";
    case "ENV":
      return `$ENV.${accessor.name} is the same for all callers: they would share one limit`;
    case "GENERATOR":
      return `$GENERATOR.${accessor.generator} is another one for each call: none would ever be refused`;
    case "PARAM":
    case "QUERY":
      return `$${accessor.kind}.${accessor.name} is what the caller asks for, and has a limit for each value`;
    case "DATETIME":
      return "$DATETIME is another one for each call: none would ever be refused";
    default:
      return null;
  }
}

function checkHeader(name: string, place: string, { protected: protection }: Abi, report: Report): void {
  if (name === protection?.provide_as.toLowerCase()) {
    report.fault(place, `$HEADER.${name} is the token, and each caller may have many; expected one of its claims`);
  } else if (name !== "ip") {
    report.warn(place, `whoever calls chooses $HEADER.${name}, and has a limit for each value: ${expected}`);
  }
}

/** The claims, and nothing that is known later. */
function namesOf({ protected: protection }: Abi): Names {
  const claims = protection?.extract_claims ?? null;
  const none = new Set<string>();
  const address = { resource: "", path: [], query: [], hasPayload: false };
  return { address, claims, extracted: new Map(), results: [], each: null, payloadFields: none, declaredFields: none };
}
