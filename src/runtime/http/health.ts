/** `GET /healthz`: tells anybody whether this deployment works; what is wrong goes only to the log. */

/** By name: each rejects where something is wrong. */
export type Probes = Readonly<Record<string, () => Promise<unknown>>>;

export interface Health {
  readonly status: "ok" | "degraded";
}

/** @param log is told of each probe that rejects */
export async function readHealth(probes: Probes, log: (probe: string, reason: string) => void): Promise<Health> {
  const passed = await Promise.all(
    Object.entries(probes).map(([name, probe]) =>
      probe().then(
        () => true,
        (error: unknown) => {
          log(name, String(error));
          return false;
        },
      ),
    ),
  );
  return { status: passed.every(Boolean) ? "ok" : "degraded" };
}
