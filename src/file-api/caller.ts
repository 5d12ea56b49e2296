/** Who calls the file API: a bearer token, verified as those of ABIs are. Knows nothing of routes. */
import { verifyToken } from "../pipeline/steps/authenticate.ts";
import type { Services } from "../pipeline/services.ts";
import { Problem } from "../problem.ts";
import type { FileApiSettings } from "../settings.ts";

const bearer = { header: "authorization", bearer: true, algorithm: "HS256", keyName: "JWT_SECRET_KEY" } as const;

/** The owner of files that a token names: its claim `id`, else `sub`. @throws Problem `unauthorized` */
export async function readCaller(
  headers: Headers,
  services: Pick<Services, "environment" | "now">,
  { tokens }: Pick<FileApiSettings, "tokens">,
): Promise<string> {
  const claims = await verifyToken({ ...bearer, ...tokens }, headers, services);
  const isMissing = (claim: unknown) => claim === undefined || claim === null || claim === "";
  const caller = isMissing(claims["id"]) ? claims.sub : claims["id"];
  if ((typeof caller === "string" && caller !== "") || typeof caller === "number") return String(caller);
  throw new Problem("unauthorized", { reason: "The token names nobody: neither id nor sub is text or a number" });
}
