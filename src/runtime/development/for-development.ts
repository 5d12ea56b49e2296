/** What a development server puts around a Worker, and no deployment has. */
import { explainAnswer, type Compiled } from "./explained-answer.ts";
import { answerLate, type Fetch } from "./late-answer.ts";

type Worker = ExportedHandler;

/** The same Worker for development. One that is a class is left as it is. @param compiled what its plans.ts has */
export function forDevelopment(worker: Worker, compiled: Compiled): Worker {
  // The local runtime is silent about them.
  addEventListener("unhandledrejection", ({ reason }) => console.error(reason));
  if (worker.fetch === undefined) return worker;
  const fetch: Fetch = worker.fetch.bind(worker);
  return {
    ...worker,
    fetch: answerLate(async (request, env, context) =>
      explainAnswer(await fetch(request, env, context), request, compiled),
    ),
  };
}
