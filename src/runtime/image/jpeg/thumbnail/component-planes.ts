/**
 * The planes of one component for all thumbnails of a picture. Large ones are resampled from the component's samples, and
 * small ones from these.
 */
import type { StoredSize } from "../../sampler.ts";
import { createPlane, type Plane, type PlaneSource } from "../../thumbnail/plane.ts";

/** How much larger a plane is than one that is made of it, at least: from nearly the same size it would be blurred. */
const leastReduction = 1.5;

export interface ComponentPlanes {
  /** In the order of the sizes. */
  readonly all: readonly Plane[];
  /** Those that take the component's samples. */
  readonly fed: readonly Plane[];
  /** The others, each behind the one that it is made of. */
  readonly derived: readonly (readonly [from: Plane, to: Plane])[];
}

/**
 * @param every pixels of a thumbnail that a pixel of these planes covers, on each axis
 * @param like those of a component that has the same
 */
export function createComponentPlanes(
  sizes: readonly StoredSize[],
  every: 1 | 2,
  source: PlaneSource,
  like: ComponentPlanes | null,
): ComponentPlanes {
  const planes = new Map<StoredSize, Plane>();
  const fed: Plane[] = [];
  const derived: [Plane, Plane][] = [];
  for (const size of sizes.toSorted((one, other) => other.width - one.width)) {
    const larger = [...planes].findLast(([{ width }]) => width >= size.width * leastReduction);
    const [{ width, height }, from] = larger ?? [size, null];
    const plane = createPlane(
      size,
      every,
      from === null
        ? source
        : { samples: from.width, rows: from.height, lengthX: width / every, lengthY: height / every },
      like?.all[sizes.indexOf(size)] ?? null,
    );
    planes.set(size, plane);
    if (from === null) fed.push(plane);
    else derived.push([from, plane]);
  }
  return { all: sizes.flatMap((size) => planes.get(size) ?? []), fed, derived };
}

/** Makes `to` of `from`, which is complete. */
export function derivePlane(from: Plane, to: Plane): void {
  for (let row = 0; row < from.height; row++) to.addRow(from.values, row * from.width, row, 1);
  to.end();
}
