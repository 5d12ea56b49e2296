/**
 * The runtime that bench/resumable.ts measures: one endpoint for forms, and the same one for files in pieces. Plain
 * JavaScript because bench/ is type-checked for Node, which lacks the platform's types.
 */
import { createSluice } from "../src/index.ts";
import { buildOf } from "../test/support/build.ts";

export { ResumableUpload } from "../src/runtime/resumable/resumable.ts";

const plan = (resource, more) => ({
  id: `${resource}-01`,
  resource,
  authentication: null,
  steps: [
    {
      mode: "upload",
      id: 1,
      maxFiles: 1,
      maxFileBytes: 2 * 1024 ** 3,
      types: ["*/*"],
      folder: [{ from: "literal", value: resource }],
      visibility: "public",
      owner: null,
      fileApi: false,
      expiresSeconds: null,
      imageFields: ["width", "height", "dominant_color"],
      stripsMetadata: false,
      strictImages: false,
      issuesLinks: false,
      ...more,
    },
  ],
  answer: { step: 0, fields: null, shape: "list" },
  environment: [],
  atomic: true,
});

export default createSluice(buildOf([plan("form", {}), plan("tus", { resumable: true })]));
