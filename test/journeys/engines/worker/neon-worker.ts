/** The whole runtime on Neon. */
import { neon } from "../../../../src/databases/neon.ts";
import { serveWith } from "./serve-with.ts";

export default serveWith(neon);
