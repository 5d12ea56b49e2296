import type { Plan } from "../../contract/plan.ts";
import { Problem } from "../../contract/problem.ts";

/** Nobody knows how long it takes: what is asked again meanwhile costs next to nothing. */
const MAINTENANCE_SECONDS = "300";

/** @throws Problem `maintenance` where the endpoint takes no calls for now */
export function refuseInMaintenance({ maintenance }: Pick<Plan, "maintenance">): void {
  if (maintenance === true) throw new Problem("maintenance", { headers: { "Retry-After": MAINTENANCE_SECONDS } });
}
