/** The databases that a Worker can be built for: what DATABASE may say. */

export const databaseNames = ["d1", "neon", "hyperdrive"] as const;
export type DatabaseName = (typeof databaseNames)[number];
