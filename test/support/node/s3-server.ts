/**
 * A stand-in for the one S3 operation that Cloudflare's simulator lacks: ListMultipartUploads, with pages, markers,
 * escaped keys and errors. Signatures are checked by the AWS SDK's own signer.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListMultipartUploads.html
 */
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { S3Client } from "@aws-sdk/client-s3";

export const bucket = "sluice-files";
export const credentials = { accessKeyId: "stand-in-key", secretAccessKey: "stand-in-secret" };

export interface ListedUpload {
  readonly key: string;
  readonly uploadId: string;
  /** RFC 3339. */
  readonly initiated: string;
}

interface Answer {
  readonly status: number;
  readonly body: string;
}

export interface S3Server {
  /** What a client calls its endpoint. */
  readonly url: string;
  /** Addresses and signatures of all requests so far, in order. */
  readonly requests: readonly { readonly url: string; readonly authorization: string }[];
  /** Replaces each answer before it is sent. Null: no longer. */
  tamper(change: ((answer: Answer) => Answer) | null): void;
  close(): Promise<void>;
}

/** @param list asked at each request, in any order @param pageSize of S3: 1,000 */
export async function startS3Server(list: () => readonly ListedUpload[], pageSize = 1000): Promise<S3Server> {
  const requests: { url: string; authorization: string }[] = [];
  let change: ((answer: Answer) => Answer) | null = null;
  const server = createServer((request, response) => {
    requests.push({ url: request.url ?? "", authorization: request.headers.authorization ?? "" });
    void (async () => {
      const answer = (await refuse(request)) ?? { status: 200, body: page(list(), readUrl(request), pageSize) };
      const { status, body } = change?.(answer) ?? answer;
      response.writeHead(status, { "content-type": "application/xml" }).end(body);
    })();
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("The stand-in has no port");
  return {
    url: `http://127.0.0.1:${String(address.port)}`,
    requests,
    tamper: (next) => void (change = next),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

const readUrl = (request: IncomingMessage): URL => new URL(request.url ?? "", `http://${request.headers.host ?? ""}`);

async function refuse(request: IncomingMessage): Promise<Answer | null> {
  const url = readUrl(request);
  const authorization = request.headers.authorization ?? "";
  const [, keyId] = /Credential=([^/]+)/.exec(authorization) ?? [];
  const dated = String(request.headers["x-amz-date"]).replace(
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/,
    "$1-$2-$3T$4:$5:$6Z",
  );
  if (keyId === undefined) return failure(403, "AccessDenied");
  if (keyId !== credentials.accessKeyId) return failure(403, "InvalidAccessKeyId");
  if (!(Math.abs(Date.parse(dated) - Date.now()) < 900_000)) return failure(403, "RequestTimeTooSkewed");
  if (authorization !== (await sign(request, url, new Date(dated)))) return failure(403, "SignatureDoesNotMatch");
  if (url.pathname.replace(/\/$/, "") !== `/${bucket}`) return failure(404, "NoSuchBucket");
  const known = ["uploads", "key-marker", "upload-id-marker", "max-uploads", "x-id"];
  const isKnown = [...url.searchParams.keys()].every((name) => known.includes(name)) && url.searchParams.has("uploads");
  return request.method === "GET" && isKnown ? null : failure(501, "NotImplemented");
}

const signing = new S3Client({ region: "auto", credentials });

/** What the SDK would have sent as `Authorization` for this request. */
async function sign(request: IncomingMessage, url: URL, signingDate: Date): Promise<string> {
  const [, names = ""] = /SignedHeaders=([\w;-]+)/.exec(request.headers.authorization ?? "") ?? [];
  const scheme = { name: "sigv4", signingName: "s3", signingRegion: "auto", properties: {} };
  const signer = await signing.config.signer(scheme);
  const { headers } = await signer.sign(
    {
      method: request.method ?? "",
      protocol: url.protocol,
      hostname: url.hostname,
      port: Number(url.port),
      path: url.pathname,
      query: Object.fromEntries(url.searchParams),
      headers: Object.fromEntries(names.split(";").map((name) => [name, String(request.headers[name])])),
    },
    { signingDate, signingRegion: "auto", signingService: "s3" },
  );
  return headers["authorization"] ?? "";
}

const failure = (status: number, code: string): Answer => ({
  status,
  body: `${DECLARATION}<Error><Code>${code}</Code><Message>A &quot;${code}&quot;</Message></Error>`,
});

const DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

function page(list: readonly ListedUpload[], { searchParams }: URL, pageSize: number): string {
  const [keyMarker, idMarker] = [searchParams.get("key-marker") ?? "", searchParams.get("upload-id-marker") ?? ""];
  const behind = list
    .filter(({ key, uploadId }) => {
      const order = compare(key, keyMarker);
      return order > 0 || (order === 0 && idMarker !== "" && compare(uploadId, idMarker) > 0);
    })
    .toSorted((left, right) => compare(left.key, right.key) || compare(left.uploadId, right.uploadId));
  const uploads = behind.slice(0, Math.min(pageSize, Number(searchParams.get("max-uploads") ?? pageSize)));
  const last = behind.length > uploads.length ? uploads.at(-1) : undefined;
  const next =
    last === undefined
      ? "<NextKeyMarker/>"
      : `<NextKeyMarker>${escape(last.key)}</NextKeyMarker><NextUploadIdMarker>${escape(last.uploadId)}</NextUploadIdMarker>`;
  return (
    `${DECLARATION}<ListMultipartUploadsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">` +
    `<Bucket>${bucket}</Bucket><KeyMarker>${escape(keyMarker)}</KeyMarker><UploadIdMarker>${escape(idMarker)}</UploadIdMarker>` +
    `${next}<MaxUploads>${String(pageSize)}</MaxUploads><IsTruncated>${String(last !== undefined)}</IsTruncated>` +
    `${uploads.map(element).join("\n")}</ListMultipartUploadsResult>\n`
  );
}

const element = ({ key, uploadId, initiated }: ListedUpload): string =>
  `<Upload><Key>${escape(key)}</Key><UploadId>${escape(uploadId)}</UploadId>` +
  "<Initiator><ID>somebody</ID><DisplayName/></Initiator><Owner><ID>somebody</ID></Owner>" +
  `<StorageClass>STANDARD</StorageClass><Initiated>${initiated}</Initiated></Upload>`;

const compare = (left: string, right: string): number => Buffer.compare(Buffer.from(left), Buffer.from(right));

/** By name, by number, by hexadecimal number: a reader has to know them all. */
const references: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
  "\r": "&#xD;",
};

const escape = (text: string): string => text.replace(/[&<>"'\r]/g, (character) => references[character] ?? "");
