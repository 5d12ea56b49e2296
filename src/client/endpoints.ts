/** What `sluice types` writes of a project's endpoints, and what follows from it for the types of a call. */
import type { ClientCode, SluiceError } from "./error.ts";
import type { FileInput } from "./platform.ts";

/** An address with a signature: it opens one file for whoever has it, for a while. */
export type SignedAddress = string;

/** What the files of one field of a form may be. */
export interface FileLimits {
  readonly max: number;
  /** Of one file in a form. */
  readonly bytes: number;
  /** Of one file in pieces: what `sluice/client/tus` can send. Absent: the endpoint takes none. */
  readonly resumable?: number;
  /** As `image/png`, `image/*` or `*` + `/*`. */
  readonly types: readonly string[];
}

/** What a client has to know of an endpoint at run time. */
export interface EndpointRoute {
  readonly method: "GET" | "POST" | "PUT";
  /** `receipts/:id`. */
  readonly resource: string;
  /** The header of its token; `Authorization` carries `Bearer <token>`, another the bare token. Null: none. */
  readonly token: string | null;
  readonly body: "json" | "form" | null;
  /** By field; `*` = an upload of unnamed fields. Absent: it takes none. */
  readonly files?: Readonly<Record<string, FileLimits>>;
  readonly background?: true;
}

export type EndpointTable<Endpoints> = { readonly [Name in keyof Endpoints]: EndpointRoute };

/** One member of a call: required where the endpoint has something in it that is required. */
type Member<Shape, Key extends string> =
  Shape extends Readonly<Record<Key, infer Value>>
    ? object extends Value
      ? { readonly [Name in Key]?: Value }
      : { readonly [Name in Key]: Value }
    : { readonly [Name in Key]?: undefined };

/** What a call of the endpoint is made with. */
export type CallInput<Shape> = Member<Shape, "path"> &
  Member<Shape, "query"> &
  Member<Shape, "body"> &
  Member<Shape, "files">;

/** `input` may be left out where nothing in it is required. */
export type CallArguments<Shape, Options> =
  object extends CallInput<Shape>
    ? [input?: CallInput<Shape>, options?: Options]
    : [input: CallInput<Shape>, options?: Options];

export type AnswerOf<Shape> = Shape extends { readonly answer: infer Answer } ? Answer : unknown;

type CodeOf<Shape> = Shape extends { readonly problem: infer Code extends string } ? Code : string;

/** What a call of the endpoint rejects with. */
export type CallError<Shape> = SluiceError<CodeOf<Shape> | ClientCode>;

/** Those that take files in pieces. */
export type ResumableEndpoints<Endpoints> = {
  readonly [
    Name in keyof Endpoints as Endpoints[Name] extends { readonly resumable: true } ? Name : never
  ]: Endpoints[Name];
};

/** The endpoints that need no token: they cannot answer that one is missing. */
export type OpenEndpoints<Endpoints> = {
  readonly [Name in keyof Endpoints as "unauthorized" extends CodeOf<Endpoints[Name]> ? never : Name]: Endpoints[Name];
};

export type NameOf<Endpoints> = keyof Endpoints & string;

/** A call's input as the code reads it, whatever endpoint it is for. */
export interface AnyInput {
  readonly path?: Readonly<Record<string, string | number>>;
  readonly query?: object | undefined;
  readonly body?: unknown;
  readonly files?: readonly FileInput[] | Readonly<Record<string, FileInput | readonly FileInput[] | undefined>>;
}

/** An endpoint, or a call of the file API or of a job, whose body is JSON where it has one. */
export type CallRoute = Partial<Pick<EndpointRoute, "body">> &
  Omit<EndpointRoute, "method" | "body"> & {
    readonly method: string;
    /** In place of the address that follows from the resource. */
    readonly url?: string;
  };
