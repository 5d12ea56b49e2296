/** Authenticates the callers of the file API: a bearer token, verified like those of ABIs. */
import { callerOf, checkedCaller, requireCaller } from "./caller.ts";
import { verifyToken, type Verifier } from "./authenticate.ts";
import type { Plan } from "../../contract/plan.ts";
import type { FileApiSettings } from "../settings.ts";

const bearer = { header: "authorization", bearer: true, algorithm: "HS256", keyName: "JWT_SECRET_KEY" } as const;

/**
 * Who calls.
 * @param plans of the deployment: where one revokes tokens of the same key, they are refused here, too
 * @throws Problem `unauthorized`, also when the token names nobody
 */
export async function readCaller(
  headers: Headers,
  verifier: Verifier,
  { tokens }: Pick<FileApiSettings, "tokens">,
  plans: readonly Pick<Plan, "revoking">[],
): Promise<string> {
  const isRevocable = plans.some(({ revoking }) => revoking?.keyName === bearer.keyName);
  const way = { ...bearer, ...tokens, ...(isRevocable ? { isRevocable } : {}) };
  return requireCaller(checkedCaller(callerOf(await verifyToken(way, headers, verifier))));
}
