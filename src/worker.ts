/** The Worker's entry: the compiled plans, mounted. */
import { createApp } from "./app.ts";
import { plans } from "./generated/plans.ts";

export default createApp(plans) satisfies ExportedHandler<Env>;
