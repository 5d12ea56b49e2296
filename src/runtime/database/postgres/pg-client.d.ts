/**
 * pg's client without the rest of the package (pool, native bindings: 5 KiB gzip), which is all that pg's own types
 * describe.
 */
declare module "pg/lib/client.js" {
  export { Client as default } from "pg";
}
