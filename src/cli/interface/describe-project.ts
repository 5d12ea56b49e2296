/** A project's endpoints as their callers see them, for what is printed of them. */
import { basename, resolve } from "node:path";
import type { Compilation } from "../../compiler/compile.ts";
import { describeEndpoint, type EndpointInterface } from "../../compiler/interface/endpoint.ts";
import type { OpenApiOptions } from "../../compiler/interface/openapi/document.ts";
import { integers } from "../../contract/settings.ts";
import { canBeCalled, methods as knownMethods, type Method } from "../../contract/plan.ts";
import { compileFor, freshDatabases } from "../compile-for.ts";
import type { DeploymentFile } from "../configuration/deployment.ts";
import { databaseKindOf } from "../databases.ts";
import { readAbis, readSoundProject, readSource } from "../project.ts";
import { drawDiagnostics } from "../terminal/show-diagnostics.ts";

export interface ProjectInterface {
  readonly endpoints: readonly EndpointInterface[];
  readonly about: OpenApiOptions;
}

/** @throws Error with what is wrong in the ABIs, or in wrangler's configuration */
export async function describeProject(root: string, environment: string | null): Promise<ProjectInterface> {
  const settings = readSoundProject(root, environment);
  const chosen = databaseKindOf(settings.database);
  const sources = { root, abis: readAbis(root), settings, databases: freshDatabases, statements: null };
  const compilation = (await compileFor([chosen], sources)).get(chosen.target.name);
  if (compilation === undefined) throw new Error(`Nothing was compiled for ${chosen.target.name}`);
  const faults = compilation.diagnostics.filter(({ severity }) => severity === "fault");
  if (faults.length > 0) throw new Error(drawDiagnostics(faults, readSource(root)).join("\n"));
  return { endpoints: describeEndpoints(compilation, settings), about: aboutOf(root, settings) };
}

/** Those that compiled and that somebody can call. */
export function describeEndpoints(
  { endpoints }: Pick<Compilation, "endpoints">,
  settings: Pick<DeploymentFile, "variables" | "maxRequestBytes">,
): readonly EndpointInterface[] {
  const named = textOf(settings, "ALLOWED_HTTP_METHODS")?.split(/[|,\s]+/) ?? ["POST"];
  const deployment = {
    methods: knownMethods.filter((method: Method) => named.includes(method)),
    maxRequestBytes: settings.maxRequestBytes ?? integers.MAX_REQUEST_BYTES[0],
  };
  return endpoints.flatMap(({ plan, answer }) =>
    plan === null || answer === null || !canBeCalled(plan) ? [] : describeEndpoint(plan, answer, deployment),
  );
}

/** What the document says of the whole. */
export function aboutOf(
  root: string,
  settings: Pick<DeploymentFile, "variables" | "fileApi" | "fileApiResumable">,
): OpenApiOptions {
  const manifest = JSON.parse(readSource(root)("package.json") ?? "{}") as Readonly<Record<string, unknown>>;
  const { name, version } = manifest;
  return {
    title: typeof name === "string" && name !== "" ? name : basename(resolve(root)),
    version: typeof version === "string" && version !== "" ? version : "0.0.0",
    server: textOf(settings, "PUBLIC_BASE_URL"),
    fileApi: settings.fileApi,
    fileApiResumable: settings.fileApiResumable,
  };
}

/** Of several environments the first counts. */
function textOf({ variables }: Pick<DeploymentFile, "variables">, name: string): string | null {
  const value = variables.find((variable) => variable.name === name)?.value;
  return typeof value === "string" && value !== "" ? value : null;
}
