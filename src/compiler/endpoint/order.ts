/**
 * Puts the actionables of one endpoint into execution order: as listed, dependencies first, queries of other endpoints
 * inlined.
 */
import type { Report } from "../text/diagnostic.ts";
import { pointerStep } from "../text/diagnostic.ts";
import type { Abi, Actionable, Extraction } from "../language/schema.ts";
import { didYouMean } from "../text/suggest.ts";

interface Dependency {
  readonly on: readonly Task[];
  /** All that it names are there; what is not is told of. */
  readonly isWhole: boolean;
  readonly extractions: readonly Extraction[];
  /** Place of the entry in the ABI that is compiled. */
  readonly place: string;
}

/** One actionable in the order of execution. */
export interface Task {
  readonly actionable: Actionable;
  readonly abi: Abi;
  /** Place in the ABI that is compiled: of the actionable, or of the `depends_on` entry that inlines it. */
  readonly place: string;
  /** From another endpoint: its faults of its own are reported there. */
  readonly isForeign: boolean;
  readonly dependencies: Dependency[];
}

/** What a task of another endpoint is called. */
export const nameForeign = ({ abi, actionable }: Task): string => `"${abi.id}" actionable ${String(actionable.id)}`;

/** What is known of all endpoints by their ids; null = an endpoint that has faults of shape. */
export type Endpoints = ReadonlyMap<string, Abi | null>;

interface Walk {
  readonly endpoints: Endpoints;
  readonly report: Report;
  readonly tasks: Map<Actionable, Task>;
  readonly open: Actionable[];
  readonly order: Task[];
  readonly root: Abi;
}

function findTarget(
  walk: Walk,
  abi: Abi,
  resourceId: string,
  actionId: number,
  place: string,
): [Abi, Actionable] | null {
  const isSelf = resourceId === "self" || resourceId === abi.id;
  const target = isSelf ? abi : walk.endpoints.get(resourceId);
  // Its own faults are reported in its own file.
  if (target === null) return null;
  if (target === undefined) {
    const hint = didYouMean(resourceId, ["self", ...walk.endpoints.keys()]);
    walk.report.fault(`${place}/resource_id`, `there is no endpoint with the id "${resourceId}"${hint}`);
    return null;
  }
  const actionable = target.actionables.find(({ id }) => id === actionId);
  const owner = isSelf ? "this ABI" : `"${resourceId}"`;
  if (actionable === undefined) {
    const known = target.actionables.map(({ id }) => id).join(", ");
    walk.report.fault(
      `${place}/action_ids`,
      `${owner} has no actionable ${String(actionId)}; expected one of ${known}`,
    );
    return null;
  }
  if (target !== walk.root && actionable.mode !== "QUERY") {
    walk.report.fault(
      `${place}/action_ids`,
      `actionable ${String(actionId)} of ${owner} is an UPLOAD: only a QUERY of another endpoint can run here`,
    );
    return null;
  }
  return [target, actionable];
}

function visitDependencies(walk: Walk, task: Task, abi: Abi): void {
  for (const [index, entry] of (task.actionable.depends_on ?? []).entries()) {
    const place = task.isForeign ? task.place : `${task.place}/depends_on${pointerStep(index)}`;
    const on: Task[] = [];
    for (const actionId of entry.action_ids) {
      const target = findTarget(walk, abi, entry.resource_id, actionId, place);
      const dependency = target === null ? null : visit(walk, target[0], target[1], place);
      if (dependency !== null) on.push(dependency);
    }
    const isWhole = on.length === entry.action_ids.length;
    task.dependencies.push({ on, isWhole, extractions: entry.extract_response_for ?? [], place });
  }
}

/** Runs an actionable after what it depends on; null where it depends on itself. */
function visit(walk: Walk, abi: Abi, actionable: Actionable, from: string): Task | null {
  if (walk.open.includes(actionable)) {
    const circle = walk.open.slice(walk.open.indexOf(actionable)).concat(actionable);
    walk.report.fault(from, `actionables depend on each other in a circle: ${circle.map(({ id }) => id).join(" → ")}`);
    return null;
  }
  const known = walk.tasks.get(actionable);
  if (known !== undefined) return known;
  const isForeign = abi !== walk.root;
  const place = isForeign ? from : `/actionables${pointerStep(abi.actionables.indexOf(actionable))}`;
  const task: Task = { actionable, abi, place, isForeign, dependencies: [] };
  walk.open.push(actionable);
  visitDependencies(walk, task, abi);
  walk.open.pop();
  walk.tasks.set(actionable, task);
  walk.order.push(task);
  return task;
}

/** The tasks of an endpoint in execution order. Circles, unknown targets and idle `no_op`s are reported. */
export function orderTasks(abi: Abi, endpoints: Endpoints, report: Report): Task[] {
  const walk: Walk = { endpoints, report, tasks: new Map(), open: [], order: [], root: abi };
  for (const actionable of abi.actionables) {
    if (actionable.no_op !== true) visit(walk, abi, actionable, "");
  }
  for (const [index, actionable] of abi.actionables.entries()) {
    if (actionable.no_op !== true || walk.tasks.has(actionable)) continue;
    report.fault(
      `/actionables${pointerStep(index)}/no_op`,
      "nothing depends on this actionable, so it would never run",
    );
  }
  return walk.order;
}
