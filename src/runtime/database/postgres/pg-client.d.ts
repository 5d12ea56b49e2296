/** pg's client without the rest of the package: pool, native bindings, 5 KiB gzip. Its types speak of the whole only. */
declare module "pg/lib/client.js" {
  export { Client as default } from "pg";
}
