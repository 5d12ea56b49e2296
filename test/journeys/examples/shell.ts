/** One shell for a whole page, so that its variables last, as they do at a terminal. */
import { spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { environment, type Variables } from "../package/commands.ts";

export interface Shell {
  /** @returns what the commands print on their output. @throws Error where the last one fails */
  run(commands: string): Promise<string>;
  close(): void;
}

export function openShell(folder: string, variables: Variables): Shell {
  const child = spawn("bash", { cwd: folder, env: { ...environment, ...variables } });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => void (errors += text));
  child.stdout.setEncoding("utf8");
  return {
    run: (commands) =>
      new Promise((resolve, reject) => {
        const mark = randomUUID();
        let output = "";
        errors = "";
        const end = (): void => void child.stdout.off("data", read).off("close", stop);
        const stop = (): void => reject(new Error(`The shell ended: ${errors}`));
        const read = (text: string): void => {
          output += text;
          const at = output.indexOf(mark);
          if (at < 0 || !output.endsWith("\n")) return;
          end();
          const code = output.slice(at + mark.length).trim();
          if (code === "0") resolve(output.slice(0, at).trim());
          else reject(new Error(`Exit code ${code} of\n${commands}${output.slice(0, at)}${errors}`));
        };
        child.stdout.on("data", read).on("close", stop);
        child.stdin.write(`${commands}\nprintf '%s %s\\n' ${mark} $?\n`);
      }),
    close: () => void child.kill(),
  };
}
