/** Compiles a project's ABIs by what wrangler's configuration says, for one kind of database or for several. */
import type { AbiFile } from "../compiler/abi-file.ts";
import { compileAbis, type Compilation } from "../compiler/compile.ts";
import { openTarget, type OpenTarget } from "../compiler/sql/open-target.ts";
import type { StatementMemory } from "../compiler/sql/query.ts";
import type { Migration, SqlTarget } from "../compiler/sql/target.ts";
import type { DeploymentFile } from "./configuration/deployment.ts";
import type { kinds } from "./databases.ts";
import { readMigrations } from "./project.ts";

export interface Databases {
  open(target: SqlTarget, migrations: readonly Migration[]): OpenTarget;
  release(database: OpenTarget): Promise<void>;
}

/** Each is for one build. */
export const freshDatabases: Databases = { open: openTarget, release: (database) => database.close() };

interface Sources {
  readonly root: string;
  readonly abis: readonly AbiFile[];
  readonly settings: DeploymentFile;
  readonly databases: Databases;
  /** Of builds before; null = every statement is analysed anew. */
  readonly statements: StatementMemory | null;
}

/** By the database's name. Each is opened only when a statement needs it. @throws MigrationError */
export async function compileFor(
  wanted: typeof kinds,
  { root, abis, settings, databases, statements }: Sources,
): Promise<Map<string, Compilation>> {
  const { maxRequestBytes, capabilities, documents, declared } = settings;
  const compilations = new Map<string, Compilation>();
  for (const { target, kind } of wanted) {
    const database = databases.open(target, readMigrations(root, kind));
    try {
      const compilation = await compileAbis(abis, {
        database,
        capabilities,
        documents,
        declared,
        ...(maxRequestBytes === null ? {} : { maxRequestBytes }),
        ...(statements === null ? {} : { statements }),
      });
      compilations.set(target.name, compilation);
    } finally {
      await databases.release(database);
    }
  }
  return compilations;
}
