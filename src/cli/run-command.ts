/** How a command ends: 0 when it is done, 1 when something stands in the way, 2 after a wrong option. */

function tell(error: unknown, exitCode: number): void {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = exitCode;
}

/**
 * @param readOptions throws for a wrong one
 * @param run resolves with false, or throws, when something stands in the way
 * @param usage told beside a wrong option
 */
export async function runCommand<Options>(
  readOptions: () => Options,
  run: (options: Options) => Promise<boolean>,
  usage: string | null = null,
): Promise<void> {
  let options: Options;
  try {
    options = readOptions();
  } catch (error) {
    tell(error, 2);
    if (usage !== null) console.error(usage);
    return;
  }
  try {
    if (!(await run(options))) process.exitCode = 1;
  } catch (error) {
    tell(error, 1);
  }
}
