/** What a killable server serves, as it is told to its process. */

/** In the server's folder. */
export const OPTIONS_FILE = "served.json";

export interface Served {
  /** The worker's script, as a path. */
  readonly bundle: string;
  /** Make its database. */
  readonly statements: readonly string[];
  /** Besides the secrets. */
  readonly bindings: Readonly<Record<string, string>>;
  readonly durableObjects?: Readonly<Record<string, { readonly className: string; readonly useSQLite: true }>>;
  readonly queueProducers?: Readonly<Record<string, string>>;
  readonly queueConsumers?: Readonly<
    Record<string, Readonly<Record<"maxBatchSize" | "maxBatchTimeout" | "maxRetries", number>>>
  >;
}
