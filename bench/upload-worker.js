/**
 * The runtime that bench/upload.ts measures: the real app over plans with room for large files. Plain JavaScript because
 * bench/ is type-checked for Node, which lacks the platform's types.
 */
import { createSluice } from "../src/index.ts";
import { buildOf } from "../test/support/build.ts";

const plan = (resource, maxFileBytes) => ({
  id: `${resource}-01`,
  resource,
  authentication: null,
  steps: [
    {
      mode: "upload",
      id: 1,
      maxFiles: 1,
      maxFileBytes,
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
    },
  ],
  answer: { step: 0, fields: null, shape: "list" },
  environment: [],
  atomic: true,
});

export default createSluice(buildOf([plan("large", 95 * 1024 * 1024), plan("many", 20 * 1024 * 1024)]));
