/** What an UPLOAD says of its files. */
import * as z from "zod";
import {
  defaultLinkSeconds,
  defaultLinkUploads,
  defaultQuality,
  leastEdge,
  mostEdge,
  mostLinkSeconds,
  mostLinkUploads,
  mostThumbnails,
  thumbnailName,
} from "../../contract/limits.ts";

const fileCount = z.int().min(1).max(1000);

export const thumbnail = z
  .strictObject({
    name: z
      .string()
      .regex(
        thumbnailName,
        "expected a plain name: at most 32 lower-case letters, digits, - and _, no sign at its beginning",
      )
      .describe('What addresses call it, as in "?thumbnail=small".'),
    max_edge: z.int().min(leastEdge).max(mostEdge).describe("Pixels of its longer side, at most."),
    quality: z
      .int()
      .min(1)
      .max(100)
      .describe(`Of the JPEG, as libjpeg has it. Default: ${String(defaultQuality)}.`)
      .optional(),
    background: z
      .string()
      .regex(/^#[0-9a-f]{6}$/i, 'expected a colour such as "#ffffff"')
      .describe("What shows through where the picture is transparent. Default: white.")
      .optional(),
  })
  .describe("A small JPEG that is made of each picture while it arrives. Its name names it in addresses.");

/** What files must be and where they go: of all that an upload takes, or of one field. */
const fileRules = {
  max_upload_file_size: z.int().min(1).describe("Most bytes in one file. Default: 20971520 (20 MiB).").optional(),
  allowed_mimetypes: z
    .array(z.string())
    .min(1)
    .describe('Types to accept, detected from the bytes: "image/png", "image/*", or "*/*" for any.')
    .optional(),
  upload_folder: z
    .string()
    .describe("Folder of the storage keys; may hold accessors, one path segment each. Default: the resource.")
    .optional(),
  visibility: z
    .enum(["public", "private"])
    .describe("Who may read the permanent url: anyone (default), or only holders of a signed link.")
    .optional(),
  strip_metadata: z
    .boolean()
    .describe(
      "Removes EXIF (GPS), XMP, IPTC and comments from JPEG, PNG, WebP, GIF, AVIF and HEIC; colours and orientation stay.",
    )
    .optional(),
  strict_images: z
    .boolean()
    .describe(
      "Refuses a picture that is cut, or that carries behind its end what cameras and editors do not put there. What comments hold is not checked: strip_metadata removes them.",
    )
    .optional(),
  replaces: z
    .union([z.boolean(), z.string().min(1)], {
      error: 'expected true, or a value of the call that tells files apart, such as "$PAYLOAD.album"',
    })
    .describe(
      "What this endpoint stored for the caller before goes when the new files are stored: in the same field, where fields are " +
        "named, and with the same value, where one is written, such as $PAYLOAD.album. Default: false.",
    )
    .optional(),
  thumbnails: z
    .array(thumbnail)
    .min(1)
    .max(mostThumbnails)
    .describe(
      "Small JPEGs, made of JPEG, PNG and GIF while they arrive; of WebP, AVIF and HEIC where IMAGES is bound. Default: none.",
    )
    .optional(),
};
export const fileField = z
  .strictObject({
    required: z.boolean().describe("A call without such a file is refused: the same as min_files 1.").optional(),
    max_files: fileCount.describe("Most files in this field. Default: max_file_uploads, else 1.").optional(),
    min_files: z
      .int()
      .min(0)
      .max(1000)
      .describe("Fewest files in this field. Default: 0, or 1 if required.")
      .optional(),
    ...fileRules,
  })
  .describe("What files of this field must be, where it differs from what stands above.");

const mostFiles = 1_000_000_000;
/** 366 days: whoever counts by the year. */
const longestWindow = 31_622_400;

export const quota = z
  .strictObject({
    bytes: z.int().min(1).describe("Most bytes of all files together.").optional(),
    files: z.int().min(1).max(mostFiles).describe("Most files.").optional(),
    per: z
      .string()
      .describe("Who has a count of their own: a claim such as $PROTECTED.id, or $HEADER.ip. Absent: all share one.")
      .optional(),
    window: z
      .int()
      .min(1)
      .max(longestWindow)
      .describe(
        "Seconds in which uploads are counted, deleted ones as well; begins with the first. Absent: what is stored counts.",
      )
      .optional(),
    name: z
      .string()
      .max(255)
      .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, "expected a plain name: letters, digits, and - _ . between them")
      .describe("Endpoints with quotas of one name share one count. Default: the endpoint's id.")
      .optional(),
  })
  .describe("How much may be stored, or be uploaded in a window of time: more is answered with 413. Exact.");

export const linkBounds = z
  .strictObject({
    max_uploads: z
      .int()
      .min(1)
      .max(mostLinkUploads)
      .describe(`Most uploads by one link. Default: ${String(defaultLinkUploads)}.`)
      .optional(),
    max_expires: z
      .int()
      .min(1)
      .max(mostLinkSeconds)
      .describe(`Longest life of a link in seconds. Default: ${String(defaultLinkSeconds)} (7 days).`)
      .optional(),
  })
  .describe("The most that a link may allow.");

export const uploads = z
  .strictObject({
    max_file_uploads: fileCount.describe("Most files in one request. Default: 1.").optional(),
    min_file_uploads: z.int().min(0).max(1000).describe("Fewest files in one request. Default: 1.").optional(),
    ...fileRules,
    fields: z
      .record(z.string().regex(/^[A-Za-z_]\w*$/, "expected the name of a form field: letters, digits and _"), fileField)
      .describe(
        "The fields of the form that take files; a file of any other is refused. What stands beside this holds where a " +
          'field says nothing else. Later actionables read "<field>.storage_key".',
      )
      .optional(),
    raw: z
      .boolean()
      .describe(
        "PUT, or POST, with a body of any other type than a form's stores that body as the one file: its type is the " +
          "Content-Type, its name is in Content-Disposition. Default: false.",
      )
      .optional(),
    quota: quota.optional(),
    links: z
      .union([z.boolean(), linkBounds], { error: 'expected true, or an object such as {"max_uploads": 100}' })
      .describe("Whoever may call the endpoint gets links by which others upload without a token. Default: false.")
      .optional(),
    resumable: z
      .boolean()
      .describe("A file may also come in pieces, by tus 1.0: up to max_upload_file_size, whatever a request may have.")
      .optional(),
    expiration: z
      .int()
      .min(1)
      .max(315_360_000)
      .describe("Seconds until the file is gone: it answers 410 from then on, and the next sweep removes it.")
      .optional(),
    file_api: z
      .boolean()
      .describe("The file API may list, link, delete and restore the files for their owner. Default: false.")
      .optional(),
    delete_files: z
      .union([z.boolean(), z.string().min(1)], {
        error: 'expected true, or where the keys are: a column of an earlier QUERY, or "$PAYLOAD.field"',
      })
      .describe(
        "Deletes files. true: the caller's that the body lists, an array of storage keys; $PAYLOAD.field: those of a field; " +
          "a column of an earlier QUERY: the files that its rows name, whoever they belong to, with its statement.",
      )
      .optional(),
  })
  .describe("Limits and destination of the files.");

export type WrittenFileRules = z.infer<z.ZodObject<typeof fileRules>>;

/** It deletes files and takes none. */
export const isDeletion = ({ delete_files: keys = false }: z.infer<typeof uploads>): boolean => keys !== false;
