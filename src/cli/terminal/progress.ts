/** Shows the steps of a longer run: a bar while a step is under way, one line with its time when it is done. */
import type { Style } from "./style.ts";

export interface Progress {
  /** Runs the work and shows it under the title; `advance` takes a share from 0 to 1. */
  step<Result>(title: string, work: (advance: (share: number) => void) => Promise<Result>): Promise<Result>;
}

const BAR_WIDTH = 24;
const TITLE_WIDTH = 70;

/** On anything but a terminal only the finished steps are written. */
export function createProgress(stream: NodeJS.WriteStream, style: Style): Progress {
  const draw = (title: string, share: number | null) => {
    if (!stream.isTTY) return;
    const full = Math.round((share ?? 0) * BAR_WIDTH);
    const bar = share === null ? "" : `${"█".repeat(full)}${style.dim("░".repeat(BAR_WIDTH - full))}`;
    stream.write(`\r\u001b[K  ${style.dim("·")} ${title.padEnd(TITLE_WIDTH)} ${bar}`);
  };
  const finish = (mark: string, title: string, began: number) => {
    const seconds = ((performance.now() - began) / 1000).toFixed(1);
    stream.write(
      `${stream.isTTY ? "\r\u001b[K" : ""}  ${mark} ${title.padEnd(TITLE_WIDTH)} ${style.dim(`${seconds} s`)}\n`,
    );
  };
  return {
    async step(title, work) {
      const began = performance.now();
      draw(title, null);
      try {
        const result = await work((share) => draw(title, share));
        finish(style.good("✓"), title, began);
        return result;
      } catch (error) {
        finish(style.bad("✗"), title, began);
        throw error;
      }
    },
  };
}
