/** A statement that tests write for both databases, with the runtime's tables as D1 names them: as PostgreSQL does. */
export const withPostgresNames = (sql: string): string => sql.replaceAll(/\bsluice_(?=\w)/g, "sluice.");
