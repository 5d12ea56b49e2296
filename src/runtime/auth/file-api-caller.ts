/** Authenticates the callers of the file API: a bearer token, verified like those of ABIs. */
import { callerOf, checkedCaller, requireCaller } from "./caller.ts";
import { verifyToken, type Verifier } from "./authenticate.ts";
import type { FileApiSettings } from "../settings.ts";

const bearer = { header: "authorization", bearer: true, algorithm: "HS256", keyName: "JWT_SECRET_KEY" } as const;

/** Who calls. @throws Problem `unauthorized`, also when the token names nobody */
export async function readCaller(
  headers: Headers,
  verifier: Verifier,
  { tokens }: Pick<FileApiSettings, "tokens">,
): Promise<string> {
  return requireCaller(checkedCaller(callerOf(await verifyToken({ ...bearer, ...tokens }, headers, verifier))));
}
