/**
 * An independent reading of SigV4 query authentication, straight from AWS's description, to compare the links with.
 * It shares no code with src/; the test holds it against AWS's published example.
 */
const encoder = new TextEncoder();

function hex(bytes: ArrayBuffer): string {
  return [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function hmac(key: ArrayBuffer | Uint8Array, text: string): Promise<ArrayBuffer> {
  const imported = await crypto.subtle.importKey("raw", key, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return crypto.subtle.sign("HMAC", imported, encoder.encode(text));
}

function uriEncode(text: string): string {
  return [...encoder.encode(text)]
    .map((byte) => String.fromCharCode(byte))
    .map((c) => (/[A-Za-z0-9\-._~]/.test(c) ? c : `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`))
    .join("");
}

export interface OracleLink {
  readonly accessKeyId: string;
  readonly secret: string;
  readonly region: string;
  readonly method: string;
  readonly host: string;
  /** Decoded. */
  readonly path: string;
  readonly datetime: string;
  readonly expires: string;
  readonly extra?: Readonly<Record<string, string>>;
}

/** Path and query of the presigned URL. */
export async function presign(link: OracleLink): Promise<string> {
  const day = link.datetime.slice(0, 8);
  const scope = `${day}/${link.region}/s3/aws4_request`;
  const query = Object.entries({
    "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
    "X-Amz-Credential": `${link.accessKeyId}/${scope}`,
    "X-Amz-Date": link.datetime,
    "X-Amz-Expires": link.expires,
    "X-Amz-SignedHeaders": "host",
    ...link.extra,
  })
    .map(([name, value]) => `${uriEncode(name)}=${uriEncode(value)}`)
    .toSorted()
    .join("&");
  const path = link.path.split("/").map(uriEncode).join("/");
  const canonical = [link.method, path, query, `host:${link.host}`, "", "host", "UNSIGNED-PAYLOAD"].join("\n");
  const hash = hex(await crypto.subtle.digest("SHA-256", encoder.encode(canonical)));
  let key: ArrayBuffer | Uint8Array = encoder.encode(`AWS4${link.secret}`);
  for (const part of [day, link.region, "s3", "aws4_request"]) key = await hmac(key, part);
  const signature = hex(await hmac(key, ["AWS4-HMAC-SHA256", link.datetime, scope, hash].join("\n")));
  return `${path}?${query}&X-Amz-Signature=${signature}`;
}
