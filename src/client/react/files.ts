/** The caller's files, page after page. */
import { useCallback, useEffect, useRef, useState } from "react";
import type { Client } from "../client.ts";
import type { SluiceError } from "../error.ts";
import type { FileDocument, FileQuery } from "../file-api.ts";

export interface FilesState {
  readonly files: readonly FileDocument[];
  readonly isLoading: boolean;
  /** Of the last page that was asked for, or of a deletion; null = none. */
  readonly error: SluiceError | null;
  readonly hasMore: boolean;
  /** The next page. Does nothing while one is loading. */
  more(): void;
  /** From the newest on; what is shown stays until the answer comes. */
  reload(): void;
  /** Deletes the file, and takes it off the list. Resolves with whether that was done; never rejects. */
  remove(id: string): Promise<boolean>;
}

type Shown = Pick<FilesState, "files" | "isLoading" | "error"> & { readonly next: string | null };

const empty: Shown = { files: [], isLoading: true, error: null, next: "" };

/** @param query other values in it begin the list anew */
export function useFiles(
  client: Pick<Client<unknown>, "files">,
  query: Omit<FileQuery, "page" | "cursor"> = {},
): FilesState {
  const [shown, setShown] = useState(empty);
  const loading = useRef<AbortController>(null);
  const wanted = JSON.stringify(query);
  const { files: calls } = client;

  const load = useCallback(
    async (cursor: string, before: readonly FileDocument[]) => {
      loading.current?.abort();
      const own = (loading.current = new AbortController());
      const show = (next: Partial<Shown>) => {
        if (!own.signal.aborted) setShown((now) => ({ ...now, isLoading: false, ...next }));
      };
      show({ isLoading: true, error: null });
      try {
        const asked: FileQuery = { ...(JSON.parse(wanted) as FileQuery), cursor };
        const { data, nextCursor } = await calls.list(asked, { signal: own.signal });
        show({ files: [...before, ...data], next: nextCursor });
      } catch (error) {
        show({ error: error as SluiceError });
      }
    },
    [calls, wanted],
  );
  useEffect(() => {
    setShown(empty);
    void load("", []);
    return () => loading.current?.abort();
  }, [load]);

  const { files, isLoading, error, next } = shown;
  return {
    files,
    isLoading,
    error,
    hasMore: next !== null,
    more() {
      if (!isLoading && next !== null) void load(next, files);
    },
    reload: () => void load("", []),
    async remove(id) {
      try {
        await calls.delete(id);
        setShown((now) => ({ ...now, files: now.files.filter((file) => file._id !== id) }));
        return true;
      } catch (thrown) {
        setShown((now) => ({ ...now, error: thrown as SluiceError }));
        return false;
      }
    },
  };
}
