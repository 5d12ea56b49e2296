/** docs/faults.md: what the compiler makes of mistakes that authors make. */
import { drawDiagnostics } from "../../src/cli/terminal/show-diagnostics.ts";
import { compileMistake, mistakes } from "../../test/support/mistakes/all.ts";
import { plant, type Mistake } from "../../test/support/mistakes/mistake.ts";

/** As the command prints it. */
export async function drawMistake(mistake: Mistake): Promise<string> {
  const { text } = plant(mistake);
  const { diagnostics } = await compileMistake(text);
  return drawDiagnostics(diagnostics, () => text).join("\n");
}

const intro = `# Faults

What \`sluice build\` says of ${String(Object.values(mistakes).flat().length)} mistakes, each planted in an ABI and told once: the place, the line, what was expected, what to
write instead. Printed by \`npm run pages\` from the compiler itself; \`test/support/mistakes/\` has the whole ABIs. How faults are told:
[abi.md](abi.md#the-command).
`;

export async function faultsPage(): Promise<string> {
  const parts = [intro];
  for (const [theme, list] of Object.entries(mistakes)) {
    parts.push(`## ${theme}`);
    for (const mistake of list) parts.push(`**${mistake.title}**`, `\`\`\`text\n${await drawMistake(mistake)}\n\`\`\``);
  }
  return `${parts.join("\n\n")}\n`;
}
