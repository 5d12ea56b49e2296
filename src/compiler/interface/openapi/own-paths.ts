/** The runtime's own addresses for files and jobs. */
import { filesPath, jobsPath } from "../../../contract/routes.ts";
import { anything, integer, moment, objectOf, orNull, text } from "../schema.ts";
import { json, operation, parameter } from "./own-operation.ts";

const bytes = (description: string): object => ({
  description,
  content: { "*/*": { schema: { type: "string", format: "binary" } } },
});

/** Of stored files, for whoever may read them. */
export const filePaths: Record<string, object> = {
  [`${filesPath}/{key}`]: {
    get: operation({
      id: "files.download",
      summary: "A stored file: public ones by their address, others by a signed link",
      tag: "Files",
      parameters: [
        parameter(
          "key",
          "path",
          text,
          "The storage key, whose `/` are written as they are. A signed link adds its parameters.",
        ),
        parameter("Range", "header", text, "RFC 9110, section 14.2."),
      ],
      success: {
        "200": bytes("The file."),
        "206": bytes("The range that was asked for."),
        "304": { description: "What `If-None-Match` names is still the file." },
      },
      problems: [
        "link_invalid",
        "file_not_found",
        "link_expired",
        "link_revoked",
        "link_used_up",
        "file_expired",
        "precondition_failed",
        "range_not_satisfiable",
        "storage_unavailable",
      ],
    }),
  },
};

export const jobSchema = objectOf({
  job_id: text,
  state: { type: "string", enum: ["queued", "running", "done", "dead"] },
  attempts: integer,
  created_at: moment,
  updated_at: moment,
  result: anything,
  problem: orNull(objectOf({ code: text, status: integer, title: text, detail: orNull(text) })),
});

/** @param security the schemes of the endpoints that have jobs */
export const jobPaths = (security: readonly string[]): Record<string, object> => ({
  [`${jobsPath}/{job_id}`]: {
    get: operation({
      id: "jobs.get",
      summary: "A job, for whoever began it",
      tag: "Jobs",
      security,
      parameters: [parameter("job_id", "path", { type: "string", pattern: "^[0-9a-f]{32}$" })],
      success: {
        "200": json(objectOf({ success: { type: "boolean", enum: [true] }, message: text, data: jobSchema })),
      },
      problems: ["unauthorized", "job_not_found"],
    }),
  },
});
