/** README.md of a new project. */
import type { ProjectOptions } from "./options.ts";

/** https://developers.cloudflare.com/workers/platform/deploy-buttons/ */
const button =
  "[![Deploy to Cloudflare](https://deploy.workers.cloudflare.com/button)](https://deploy.workers.cloudflare.com/?url=https://github.com/<owner>/<repository>)";

export const readmeText = ({ name, database }: ProjectOptions): string => `# ${name}

Upload endpoints on Cloudflare Workers. Each file in \`abis/\` is one endpoint, \`migrations/\` has the tables that they write to.

\`\`\`sh
npm install
npm run dev                    # http://localhost:8787, with everything on this machine
npx sluice token --id user_01  # for Authorization: Bearer <token>
npx wrangler login
npx sluice secrets             # makes up the deployed Worker's keys: keep what it prints
${database === "d1" ? "" : "DATABASE_URL=<the deployed database's> "}npm run deploy                 # makes what is missing in the account
\`\`\`

## A button that deploys it

In a public repository on GitHub or GitLab. Whoever presses it gets a copy of the repository, a Worker, a bucket and a database of
their own, and is asked for the secrets of \`.dev.vars.example\`; \`package.json\` says what each is for.

\`\`\`md
${button}
\`\`\`
`;
