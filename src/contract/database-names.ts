/** The databases that a Worker can be built for: the values of DATABASE. */

export const databaseNames = ["d1", "neon", "hyperdrive"] as const;
export type DatabaseName = (typeof databaseNames)[number];
