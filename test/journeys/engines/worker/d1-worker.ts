/** The whole runtime on D1. */
import { d1 } from "../../../../src/databases/d1.ts";
import { serveWith } from "./serve-with.ts";

export default serveWith(d1);
