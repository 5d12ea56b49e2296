/** The Worker's entry: the compiled plans over HTTP, from queues and by schedule. */
import { engine } from "./generated/engine.ts";
import { features } from "./generated/features.ts";
import { plans } from "./generated/plans.ts";
// Behind what is built in: the bundle has this order, and packs 1 KiB smaller so.
import { createSluice } from "./index.ts";

export default createSluice({ plans, engine, features });
