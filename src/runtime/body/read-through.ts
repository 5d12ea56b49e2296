import type { IncomingBody } from "./incoming-body.ts";

/**
 * The same body for whoever reads it otherwise; what it is and has follows the original.
 * @param payload in place of the original's
 */
export const readThrough = (
  body: IncomingBody,
  reading: Pick<IncomingBody, "readFields" | "files">,
  payload = () => body.payload,
): IncomingBody => ({
  get payload() {
    return payload();
  },
  isForm: body.isForm,
  get isComplete() {
    return body.isComplete;
  },
  close: () => body.close(),
  ...reading,
});
