/** The checksum of node:zlib, as workerd has it: the Worker's types have no Node modules. */
declare module "node:zlib" {
  /** Continues from `value`, the checksum of what came before. */
  export function crc32(bytes: Uint8Array, value?: number): number;
}
