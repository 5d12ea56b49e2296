/** Packages that only some projects need, and that `npm install sluice` therefore leaves out. */

/** @throws Error that says how to get the package */
export async function optionalPackage<Module>(name: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND";
    if (!isMissing || !error.message.includes(`'${name}'`)) throw error;
    throw new Error(`PostgreSQL needs the package ${name} here: npm install ${name}`, { cause: error });
  }
}
