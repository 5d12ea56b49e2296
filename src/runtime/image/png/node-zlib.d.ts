/** The part of node:zlib that is used, as workerd has it: the Worker's types have no Node modules. */
declare module "node:zlib" {
  interface SluiceInflate {
    on(event: "data", listener: (bytes: Uint8Array) => void): this;
    on(event: "end" | "close" | "error", listener: () => void): this;
    write(bytes: Uint8Array, written: () => void): boolean;
    end(): this;
    pause(): this;
    resume(): this;
    isPaused(): boolean;
    /** Bytes that were inflated and not handed over. */
    readonly readableLength: number;
    destroy(): this;
  }
  export function createInflate(options: { chunkSize: number }): SluiceInflate;
}
