/** The blocks of docs/client.md, by their files: test/journeys/docs compiles them, here is what they are held against. */
declare module "examples/photo-upload.tsx" {
  export function PhotoUpload(): import("react").ReactElement;
}
declare module "examples/my-files.tsx" {
  export function MyFiles(): import("react").ReactElement;
}
declare module "examples/uppy.ts" {
  interface Body extends Record<string, unknown> {
    readonly data: unknown;
  }
  export function makeUppy(
    origin: string,
    token: (isRefused: boolean) => Promise<string>,
  ): import("@uppy/core").default<Record<string, unknown>, Body>;
}
declare module "examples/svelte-upload.ts" {
  export const share: import("svelte/store").Readable<number | null>;
  export function upload(file: File): Promise<readonly { readonly file_size: number }[]>;
}
declare module "examples/vue-upload.ts" {
  export function useUpload(): {
    readonly share: import("vue").Ref<number | null>;
    send(file: File): Promise<readonly { readonly file_size: number }[]>;
    abort(): void;
  };
}
