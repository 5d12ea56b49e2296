/** The whole runtime on Hyperdrive. */
import { hyperdrive } from "../../../../src/databases/hyperdrive.ts";
import { serveWith } from "./serve-with.ts";

export default serveWith(hyperdrive);
