/** ABIs with one mistake each, planted at a mark. */

export interface Mistake {
  /** What the author did. */
  readonly title: string;
  /** The ABI, with the mark before what is told of. */
  readonly marked: string;
  /** What is told, all of it. */
  readonly told: string;
  readonly severity?: "warning";
}

export const mark = "▶";

/** The text that the compiler gets, and where the mark stood: counted from 1. */
export function plant({ marked }: Mistake): { readonly text: string; readonly line: number; readonly column: number } {
  const [before = "", after = "", ...others] = marked.split(mark);
  if (!marked.includes(mark) || others.length > 0) throw new Error(`expected one mark: ${marked}`);
  const lines = before.split("\n");
  return { text: before + after, line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 };
}

const indent = (text: string, by: string): string => text.trim().replaceAll("\n", `\n${by}`);

/** A protected endpoint. @param actionables their texts. @param more members of the endpoint, each with its comma */
export function endpoint(actionables: readonly string[], more = ""): string {
  return `{
  "id": "receipts-01",
  "resource": "receipts",
  "tokenize": { "type": "JWT", "algorithm": "HS256", "encryption_key": "$ENV.JWT_SECRET_KEY" },
  "protected": { "provide_as": "x-access-token", "extract_claims": ["id", "email"] },${more === "" ? "" : `\n  ${more}`}
  "actionables": [
    ${actionables.map((text) => indent(text, "    ")).join(",\n    ")}
  ]
}
`;
}

/** @param uploads its members but for the types. @param more members of the actionable, with their commas */
export function upload(uploads = "", more = ""): string {
  return `{
  "id": 1,
  "mode": "UPLOAD",${more === "" ? "" : `\n  ${more}`}
  "uploads": {
    "allowed_mimetypes": ["image/png", "application/pdf"]${uploads === "" ? "" : `,\n    ${uploads}`}
  }
}`;
}

/** @param parameters the list's text. @param more members of the actionable, each after its comma */
export function query(sql: string, parameters = "[]", more = "", id = 2): string {
  return `{
  "id": ${String(id)},
  "mode": "QUERY",
  "sql_query": {
    "query": ${JSON.stringify(sql)},
    "parameters": ${parameters}
  }${more === "" ? "" : `,\n  ${more}`}
}`;
}
