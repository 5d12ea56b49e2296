/**
 * A body whose payload satisfies a plan's rules: checked as soon as there is something to check, and again when the
 * last field is known.
 */
import type { Rule } from "../../../contract/payload-rule.ts";
import type { Json } from "../../../contract/plan.ts";
import { Problem } from "../../../contract/problem.ts";
import type { IncomingBody } from "../incoming-body.ts";
import { readThrough } from "../read-through.ts";
import { checkPayload, type Verdict } from "./check-payload.ts";

/**
 * The body, refusing what breaks a rule. `readFields` refuses before the first file is handed on; `files` before each
 * file, for the fields between files, and at its end for those after the last. The payload is the checked one.
 * @throws Problem `payload_invalid` from both, with every fault known at that point
 */
function validatedBody(body: IncomingBody, rules: readonly Rule[]): IncomingBody {
  if (rules.length === 0) return body;
  let checked: Json | undefined;
  let isDone = false;
  const validate = () => {
    if (isDone) return;
    const verdict = checkPayload(rules, body);
    if (verdict.count > 0) throw refuse(verdict);
    checked = verdict.payload;
    isDone = body.isComplete;
  };
  const reading: Pick<IncomingBody, "readFields" | "files"> = {
    async readFields() {
      await body.readFields();
      validate();
    },
    async *files() {
      for await (const file of body.files()) {
        validate();
        yield file;
      }
      validate();
    },
  };
  return readThrough(body, reading, () => (checked === undefined ? body.payload : checked));
}

function refuse({ faults, count }: Verdict): Problem {
  const [first] = faults;
  const place = first?.pointer === "" ? "The payload" : (first?.pointer ?? "");
  const omitted = count - faults.length;
  const number =
    omitted > 0 ? `${String(count)} faults, of which ${String(faults.length)} are listed` : `${String(count)} faults`;
  const detail = `${place}: ${first?.detail ?? ""}.`;
  return new Problem("payload_invalid", {
    detail: count === 1 ? detail : `${number}. First, ${detail}`,
    members: { errors: faults, ...(omitted > 0 ? { errors_omitted: omitted } : {}) },
  });
}

/** What is bundled where an ABI has rules. */
export const validation = { body: validatedBody, check: checkPayload };
