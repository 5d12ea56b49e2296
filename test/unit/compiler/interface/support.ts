/** Endpoints as their callers see them. */
import { describeEndpoint, type EndpointInterface } from "../../../../src/compiler/interface/endpoint.ts";
import { typeOf } from "../../../../src/compiler/interface/types.ts";
import type { CompileOptions } from "../../../../src/compiler/compile.ts";
import { pointerLine } from "../../../support/pointer-line.ts";
import { compile } from "../support.ts";

type Members = Record<string, unknown>;

export async function describeAll(
  abis: readonly Members[],
  options: Partial<CompileOptions> = {},
): Promise<readonly EndpointInterface[]> {
  const { endpoints, diagnostics } = await compile(abis, options);
  return endpoints.map(({ plan, answer }) => {
    if (plan === null || answer === null) throw new Error(diagnostics.map(pointerLine).join("\n"));
    return describeEndpoint(plan, answer, {
      methods: ["POST"],
      maxRequestBytes: options.maxRequestBytes ?? 100_000_000,
    });
  });
}

export async function describeOne(source: Members): Promise<EndpointInterface> {
  const [endpoint] = await describeAll([source]);
  if (endpoint === undefined) throw new Error("There is no endpoint");
  return endpoint;
}

/** The type of `data`. */
export const answerOf = async (source: Members): Promise<string> => typeOf((await describeOne(source)).answer);
