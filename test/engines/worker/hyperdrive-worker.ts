/** The whole runtime on Hyperdrive. */
import { engine } from "../../../src/database/postgres/hyperdrive-engine.ts";
import { serveWith } from "./serve-with.ts";

export default serveWith(engine);
