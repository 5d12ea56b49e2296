/** One call at a time, with how far it is. */
import { useEffect, useMemo, useRef, useState } from "react";
import type { Client } from "../client.ts";
import type { ResumableCalls } from "../tus/tus.ts";
import type { CallOptions } from "../call.ts";
import type { AnswerOf, CallArguments, CallError, NameOf } from "../endpoints.ts";
import type { SluiceError } from "../error.ts";

/** `sending` and `waiting` (for the next attempt, `error` being of the last) end as one of the other three. */
export type UploadState<Answer, Failure = SluiceError> =
  | { readonly status: "idle" }
  | { readonly status: "sending"; readonly share: number; readonly loaded: number; readonly total: number }
  | { readonly status: "waiting"; readonly error: SluiceError; readonly milliseconds: number }
  | { readonly status: "done"; readonly data: Answer }
  | { readonly status: "failed"; readonly error: Failure };

export interface Upload<Shape> {
  readonly state: UploadState<AnswerOf<Shape>, CallError<Shape>>;
  readonly isBusy: boolean;
  /** Calls the endpoint, in place of a call that runs. Never rejects: resolves with how it ended, `idle` = aborted. */
  send(...given: CallArguments<Shape, CallOptions>): Promise<UploadState<AnswerOf<Shape>, CallError<Shape>>>;
  abort(): void;
  /** Back to `idle`, aborting what runs. */
  reset(): void;
}

/** The types above hold for whoever calls; here the arguments are no longer told apart. */
interface AnyClient {
  call(name: string, input: unknown, options: CallOptions): Promise<unknown>;
}

const idle = { status: "idle" } as const;
const begun = { status: "sending", share: 0, loaded: 0, total: 0 } as const;

/** A call ends with its component, and of a file in pieces pauses: one that shall outlive it is made with the client alone. */
export function useUpload<Endpoints, Name extends NameOf<Endpoints>>(
  client: Client<Endpoints> | ResumableCalls<Endpoints>,
  name: Name,
): Upload<Endpoints[Name]> {
  type State = Upload<Endpoints[Name]>["state"];
  const [state, setState] = useState<State>(idle);
  const running = useRef<AbortController>(null);
  const actions = useMemo(() => {
    const abort = () => running.current?.abort();
    const send = async (...given: CallArguments<Endpoints[Name], CallOptions>): Promise<State> => {
      abort();
      const own = (running.current = new AbortController());
      // Of several only the last one shows.
      const show = (next: State): State => {
        if (running.current === own) setState(next);
        return next;
      };
      show(begun);
      const [input, options] = given;
      const stop = () => own.abort();
      options?.signal?.addEventListener("abort", stop);
      if (options?.signal?.aborted === true) stop();
      const watched: CallOptions = {
        ...options,
        signal: own.signal,
        onProgress(progress) {
          const { loaded, total } = progress;
          show({ status: "sending", share: total > 0 ? Math.min(1, loaded / total) : 0, loaded, total });
          options?.onProgress?.(progress);
        },
        onRetry(error, milliseconds) {
          show({ status: "waiting", error, milliseconds });
          options?.onRetry?.(error, milliseconds);
        },
      };
      try {
        const data = await (client as unknown as AnyClient).call(name, input, watched);
        return show({ status: "done", data: data as AnswerOf<Endpoints[Name]> });
      } catch (thrown) {
        const error = thrown as CallError<Endpoints[Name]>;
        return show(own.signal.aborted ? idle : { status: "failed", error });
      } finally {
        options?.signal?.removeEventListener("abort", stop);
      }
    };
    return {
      send,
      abort,
      reset() {
        abort();
        running.current = null;
        setState(idle);
      },
    };
  }, [client, name]);
  // StrictMode runs this twice before anything can have been sent.
  useEffect(() => actions.abort, [actions]);
  return { ...actions, state, isBusy: state.status === "sending" || state.status === "waiting" };
}
