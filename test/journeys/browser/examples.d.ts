/** The blocks of docs/client.md, by their files: test/journeys/docs compiles them, here is what they are held against. */
declare module "examples/photo-upload.tsx" {
  import type { ReactElement } from "react";
  export function PhotoUpload(): ReactElement;
}
declare module "examples/my-files.tsx" {
  import type { ReactElement } from "react";
  export function MyFiles(): ReactElement;
}
declare module "examples/uppy.ts" {
  import type Uppy from "@uppy/core";
  interface Body extends Record<string, unknown> {
    readonly data: unknown;
  }
  export function makeUppy(
    origin: string,
    token: (isRefused: boolean) => Promise<string>,
  ): Uppy<Record<string, unknown>, Body>;
}
declare module "examples/svelte-upload.ts" {
  import type { Readable } from "svelte/store";
  export const share: Readable<number | null>;
  export function upload(file: File | undefined): Promise<readonly { readonly file_size: number }[]>;
}
declare module "examples/vue-upload.ts" {
  import type { Ref } from "vue";
  export function useUpload(): {
    readonly share: Ref<number | null>;
    send(file: File | undefined): Promise<readonly { readonly file_size: number }[]>;
    abort(): void;
  };
}
