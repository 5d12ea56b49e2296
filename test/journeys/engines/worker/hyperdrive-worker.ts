/** The whole runtime on Hyperdrive. */
import { engine } from "../../../../src/databases/hyperdrive.ts";
import { serveWith } from "./serve-with.ts";

export default serveWith(engine);
