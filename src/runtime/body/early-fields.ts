/** A form whose fields come before its files, where a step that runs before the upload reads them. */
import type { EarlyField } from "../../contract/plan/files.ts";
import { Problem } from "../../contract/problem.ts";
import type { IncomingBody } from "./incoming-body.ts";
import { readThrough } from "./read-through.ts";

/**
 * The body, refusing a form that has not sent the fields when its first file comes. Of an optional one that is only known
 * where it comes later.
 * @throws Problem `payload_invalid` from `readFields` and `files`
 */
export function expectEarly(body: IncomingBody, fields: readonly EarlyField[]): IncomingBody {
  const has = ({ name }: EarlyField) => Object.hasOwn(Object(body.payload) as object, name);
  let waiting: readonly EarlyField[] = [];
  const refuse = (late: EarlyField | undefined) => {
    if (late === undefined) return;
    throw new Problem("payload_invalid", {
      detail: `Send fields before files: "${late.name}" is read before the first file is stored.`,
      members: { field: late.name },
    });
  };
  return readThrough(body, {
    async readFields() {
      await body.readFields();
      if (body.isComplete) return;
      waiting = fields.filter((field) => !has(field));
      refuse(waiting.find(({ optional }) => !optional));
    },
    async *files() {
      for await (const file of body.files()) {
        refuse(waiting.find(has));
        yield file;
      }
      refuse(waiting.find(has));
    },
  });
}
