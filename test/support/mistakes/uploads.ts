/** Mistakes in what files must be, in their fields, links and rules of the payload. */
import { endpoint, query, upload, type Mistake } from "./mistake.ts";

const insert = (storageKey: string, more = ""): string =>
  query(
    "INSERT INTO gallery (id, user_id, storage_key, url, file_size, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $6)",
    `["$GENERATOR.KSUID", "$PROTECTED.id", ${storageKey}, "x y", 1, "$DATETIME"]`,
    more,
  ).replace(' "x y",', ' "$PAYLOAD.url",');

const rule = (text: string): string => endpoint([upload("", `"payload_validation": [${text}],`)]);
const links = (text: string, columns = "id, storage_key"): string =>
  endpoint([query(`SELECT ${columns} FROM gallery WHERE user_id = $1`, '["$PROTECTED.id"]', `"links": ${text}`)]);

const fields = '"fields": {\n      "document": { "required": true },\n      "selfie": {}\n    }';

export const uploadMistakes: readonly Mistake[] = [
  {
    title: "A size with its unit",
    marked: endpoint([upload('"max_upload_file_size": ▶"20MB"')]),
    told: "expected a whole number, found a string; write 20971520, without quotes",
  },
  {
    title: "A time with its unit",
    marked: endpoint([upload('"expiration": ▶"7d"')]),
    told: "expected a whole number, found a string; write 604800, without quotes",
  },
  {
    title: "A truth in quotes",
    marked: endpoint([upload('"strip_metadata": ▶"true"')]),
    told: "expected true or false, found a string; write true, without quotes",
  },
  {
    title: "A thumbnail by its size alone",
    marked: endpoint([upload('"thumbnails": [▶320]')]),
    told: 'expected an object, found a number; write {"name":"small","max_edge":320}',
  },
  {
    title: "Two thumbnails of one name",
    marked: endpoint([
      upload('"thumbnails": [{ "name": "small", "max_edge": 320 }, { "name": ▶"small", "max_edge": 640 }]'),
    ]),
    told: '"small" is the name of another; expected one of its own',
  },
  {
    title: "A thumbnail that is none",
    marked: endpoint([upload('"thumbnails": [{ "name": "large", "max_edge": ▶4096 }]')]),
    told: "must be at most 1280",
  },
  {
    title: "A colour by its name",
    marked: endpoint([upload('"thumbnails": [{ "name": "small", "max_edge": 320, "background": ▶"white" }]')]),
    told: 'expected a colour such as "#ffffff"',
  },
  {
    title: "A title with a body that is the file itself",
    marked: endpoint([
      upload('"raw": ▶true', '"payload_validation": [{ "field": { "title": { "type": "STRING" } } }],'),
    ]),
    told: 'a raw body has no fields, and "title" is required; expected $QUERY or $PARAM in its place, or no "raw"',
  },
  {
    title: "Metadata that would have to go from a file in pieces",
    marked: endpoint([upload('"resumable": true,\n    "strip_metadata": ▶true').replace(', "application/pdf"', "")]),
    told: "cannot be together with resumable: pieces are stored as they come; write an endpoint of its own for such pictures",
  },
  {
    title: "More files than one upload in pieces brings",
    marked: endpoint([upload('"resumable": true,\n    "max_file_uploads": 2,\n    "min_file_uploads": ▶2')]),
    told: "2 files are required, and a resumable upload is of one",
  },
  {
    title: "Links where anybody may upload",
    marked: endpoint([upload('"links": ▶true')]).replace(/ *"(?:tokenize|protected)".*\n/g, ""),
    told: 'a link is somebody\'s who may call; expected "tokenize" and "protected"',
  },
  {
    title: "A link's life with its unit",
    marked: endpoint([upload('"links": { "max_expires": ▶"7d" }')]),
    told: "expected a whole number, found a string; write 604800, without quotes",
  },
  {
    title: "A star for all types",
    marked: endpoint([upload().replace('"image/png", "application/pdf"', '▶"*"')]),
    told: '"*" is not a media type; write "*/*", which takes any file',
  },
  {
    title: "A file's ending for its type",
    marked: endpoint([upload().replace('"image/png", "application/pdf"', '▶".jpg"')]),
    told: '".jpg" is not a media type; write "image/jpeg"',
  },
  {
    title: "Types are not said",
    marked: endpoint([
      upload()
        .replace('"uploads"', '▶"uploads"')
        .replace(/"allowed_mimetypes".*/, '"visibility": "public"'),
    ]),
    told: '"allowed_mimetypes" is missing; expected such as ["image/png", "image/*"], or ["*/*"] for any file',
  },
  {
    title: "More bytes than a request may have",
    marked: endpoint([upload('"max_file_uploads": ▶20')]),
    told: "20 files of 20971520 bytes are over the deployment's request-body limit of 100000000 bytes (MAX_REQUEST_BYTES); expected at most 4",
  },
  {
    title: "A folder that leads out",
    marked: endpoint([upload('"upload_folder": ▶"receipts/../$PROTECTED.id"')]),
    told: 'may not hold the segment ".."',
  },
  {
    title: "Several files, and one row for all",
    marked: endpoint([upload('"max_file_uploads": 3'), insert('▶"storage_key"')]),
    told: '"storage_key" is a field of each file, and several may come: set "multi": true, or max_file_uploads to 1',
  },
  {
    title: "A deletion with a limit for uploads",
    marked: endpoint(['{ "id": 1, "mode": "UPLOAD", "uploads": { "delete_files": true, "max_file_uploads": ▶2 } }']),
    told: "has no meaning beside delete_files",
  },
  {
    title: "fields as a list of names",
    marked: endpoint([upload('▶"fields": ["document", "selfie"]')]),
    told: 'expected an object, found a list; write {"document":{},"selfie":{}}',
  },
  {
    title: "A field with nothing but its type",
    marked: endpoint([upload('"fields": { "document": ▶"application/pdf" }')]),
    told: 'expected an object, found a string; write {"allowed_mimetypes":["application/pdf"]}',
  },
  {
    title: "A property of a field that rules of the payload have",
    marked: endpoint([upload('"fields": { "document": { ▶"optional": true } }')]),
    told: '"optional" is a rule of the payload; expected "required": true in fields that must be sent, and nothing in others',
  },
  {
    title: "A limit of all uploads inside a field",
    marked: endpoint([upload('"fields": { "document": { ▶"file_api": true } }')]),
    told: '"file_api" belongs beside "fields", for all of them',
  },
  {
    title: "A field with the name of what is known of files",
    marked: endpoint([upload('"fields": { ▶"url": {} }')]),
    told: '"url" is what is known of each file; expected another name',
  },
  {
    title: "A field that is required, and may have no file",
    marked: endpoint([upload('"fields": { "document": { "required": true, "min_files": ▶0 } }')]),
    told: "is 0, and the field is required",
  },
  {
    title: "A field of the form is misspelt where it is read",
    marked: endpoint([upload(fields), insert('▶"documnt.storage_key"')]),
    told: 'nothing provides "documnt.storage_key". Did you mean "document.storage_key"?',
  },
  {
    title: "What is known of a file is misspelt",
    marked: endpoint([upload(fields), insert('▶"document.storagekey"')]),
    told: '"document.storagekey": nothing is known as "storagekey" of a file; expected storage_key, original_file_name, new_file_name, url, file_type, extension, file_size, dominant_color, field_name, width, height, palette, thumbhash, has_alpha, animated, checksum_sha256, download_url, thumbnail_url, thumbnails, expires_at, id. Did you mean "storage_key"?',
  },
  {
    title: "replaces as a text",
    marked: endpoint([upload('"replaces": ▶"true"')]),
    told: '"true" tells no files apart; expected true, or a value of the call such as "$PAYLOAD.album"',
  },
  {
    title: "replaces where nobody knows the caller",
    marked: endpoint([upload('"replaces": ▶true')]).replace('["id", "email"]', '["email"]'),
    told: 'only the owner\'s files are replaced; expected "id" or "sub" in extract_claims',
  },
  {
    title: "A quota that is only a number",
    marked: endpoint([upload('"quota": ▶1000000000')]),
    told: 'expected an object, found a number; write {"bytes":1000000000}',
  },
  {
    title: "A quota with its unit",
    marked: endpoint([upload('"quota": { "bytes": ▶"1GB" }')]),
    told: "expected a whole number, found a string; write 1073741824, without quotes",
  },
  {
    title: "A quota without a limit",
    marked: endpoint([upload('▶"quota": { "per": "$PROTECTED.id" }')]),
    told: 'limits nothing; expected "bytes" or "files", such as {"bytes": 1000000000}',
  },
  {
    title: "A quota of nothing",
    marked: endpoint([upload('"quota": { "files": ▶0 }')]),
    told: "must be at least 1",
  },
  {
    title: "A quota by what the body says",
    marked: endpoint([upload('"quota": { "files": 50, "per": ▶"$PAYLOAD.album" }')]),
    told: "$PAYLOAD: the body is not read yet when calls are counted; expected $HEADER.ip, or a claim such as $PROTECTED.id",
  },
  {
    title: "A quota under the name that a rate_limit has for its window",
    marked: endpoint([upload('"quota": { "files": 50, ▶"expires_after": 86400 }')]),
    told: 'unknown property "expires_after"; expected bytes, files, per, window, name',
  },
  {
    title: "A quota with fewer files than each call brings",
    marked: endpoint([upload('"max_file_uploads": 3, "min_file_uploads": 3, "quota": { "files": ▶2 }')]),
    told: "no call could ever succeed: each brings at least 3 files",
  },
  {
    title: "A quota inside a field",
    marked: endpoint([upload('"fields": { "document": { ▶"quota": { "files": 50 } } }')]),
    told: '"quota" belongs beside "fields", for all of them',
  },
  {
    title: "links as a list of columns",
    marked: links('["storage_key"]').replace('"links"', '▶"links"'),
    told: 'expected an object, found a list; write {"download_url":"storage_key"}',
  },
  {
    title: "links the wrong way round",
    marked: links('{ "storage_key": ▶"download_url" }'),
    told: 'the rows have no column "download_url"; write {"download_url":"storage_key"}',
  },
  {
    title: "links of a column that is not selected",
    marked: links('{ "download_url": ▶"storage_key" }', "id, url"),
    told: 'the rows have no column "storage_key"; expected id, url',
  },
  {
    title: "links on an UPLOAD",
    marked: endpoint([upload("", '▶"links": { "download_url": "storage_key" },')]),
    told: '"links" belongs into "uploads"',
  },
  {
    title: "min for the length of a text",
    marked: rule('{ "field": { "title": { "type": "STRING", "min": ▶1 } } }'),
    told: '"min" has no meaning for STRING: it takes min_length, max_length, trim, format, pattern, enum; write "min_length"',
  },
  {
    title: "A type of a rule in small letters",
    marked: rule('{ "field": { "title": { "type": ▶"string" } } }'),
    told: 'expected STRING, NUMBER, EMAIL, OBJECT, ARRAY, STRINGARRAY, found "string". Did you mean "STRING"?',
  },
  {
    title: "enum as one text",
    marked: rule('{ "field": { "kind": { "type": "STRING", "enum": ▶"invoice" } } }'),
    told: 'expected a list of texts, found "invoice"; write ["invoice"]',
  },
  {
    title: "A pattern between slashes",
    marked: rule('{ "field": { "code": { "type": "STRING", "pattern": ▶"/^[A-Z]{3}$/" } } }'),
    told: '"/^[A-Z]{3}$/" stands between slashes; write "[A-Z]{3}", which the whole text matches',
  },
  {
    title: "A pattern that can take very long",
    marked: rule('{ "field": { "code": { "type": "STRING", "pattern": ▶"(a+)+" } } }'),
    told: '"(a+)+" may take very long on some texts, as far as can be told: no two repeats may match the same characters',
  },
  {
    title: "A format of another name",
    marked: rule('{ "field": { "due": { "type": "STRING", "format": ▶"datetime" } } }'),
    told: 'expected uuid, ksuid, date, date-time, url, found "datetime". Did you mean "date-time"?',
  },
  {
    title: "A rule without field",
    marked: rule('▶{ "title": { "type": "STRING" } }').replace("{ ▶", "▶{ "),
    told: 'expected {"field": {"<name>": {"type": "STRING"}}}; write {"field":{"title":{"type":"STRING"}}}',
  },
];
