/** What must hold when no job is left to run, whatever was killed on the way. */

interface JobRow {
  readonly id: string;
  readonly endpoint: string;
  readonly state: string;
  readonly attempts: number;
  /** JSON. */
  readonly files: string;
  /** JSON. */
  readonly problem: string | null;
}

export interface Dump {
  readonly jobs: readonly JobRow[];
  readonly files: readonly { readonly storage_key: string; readonly status: string }[];
  readonly photos: readonly { readonly album: string | null; readonly storage_key: string }[];
  readonly albums: readonly { readonly id: string }[];
  readonly steps: readonly { readonly job_id: string }[];
  readonly total: number;
  readonly objects: readonly string[];
}

/** One sentence for everything that is wrong. */
export function findFaults(dump: Dump): string[] {
  const faults: string[] = [];
  const expect = (holds: boolean, sentence: string) => {
    if (!holds) faults.push(sentence);
  };
  const photosOf = Map.groupBy(dump.photos, ({ storage_key: key }) => key);
  const objects = new Set(dump.objects);
  const stored = new Set(dump.files.filter(({ status }) => status === "stored").map((file) => file.storage_key));
  const albums = new Set(dump.albums.map(({ id }) => id));
  const withSteps = new Set(dump.steps.map(({ job_id: id }) => id));

  for (const { id, endpoint, state, files } of dump.jobs) {
    const keys = JSON.parse(files) as string[];
    expect(state === "done" || state === "dead", `job ${id} is ${state}`);
    // An album that was written before its job died keeps the file.
    const isKept = state === "done" || withSteps.has(id);
    expect(state !== "done" || !withSteps.has(id), `job ${id} is done and still has notes of its steps`);
    for (const key of keys) {
      const rows = photosOf.get(key)?.length ?? 0;
      expect(rows === (state === "done" ? 1 : 0), `job ${id} (${endpoint}) is ${state} with ${rows} rows for ${key}`);
      expect(stored.has(key) === isKept, `job ${id} is ${state}, and ${key} is ${isKept ? "not " : ""}stored`);
    }
  }
  const done = (endpoint: string) => dump.jobs.filter((job) => job.endpoint === endpoint && job.state === "done");
  expect(dump.total === done("batch").length, `${done("batch").length} jobs counted ${dump.total} times`);
  const begun = dump.jobs.filter((job) => job.endpoint === "chain" && (job.state === "done" || withSteps.has(job.id)));
  expect(albums.size === begun.length, `${begun.length} jobs wrote ${albums.size} albums`);
  for (const { album, storage_key: key } of dump.photos) {
    expect(objects.has(key) && stored.has(key), `a row names ${key}, which is not stored`);
    expect(album === null || albums.has(album), `a photo is in no album`);
  }
  for (const { storage_key: key, status } of dump.files) expect(status === "stored", `${key} is left ${status}`);
  expect(
    objects.size === stored.size && [...objects].every((key) => stored.has(key)),
    `${objects.size} objects and ${stored.size} stored files`,
  );
  return faults;
}

/** The totals in one line each. */
export function summarise(dump: Dump): string[] {
  const count = (values: readonly string[]) =>
    [...Map.groupBy(values, (value) => value)].map(([name, { length }]) => `${length} ${name}`).sort();
  const codes = dump.jobs.flatMap(({ state, problem }) =>
    state === "dead" && problem !== null ? [(JSON.parse(problem) as { code: string }).code] : [],
  );
  const attempts = dump.jobs.reduce((sum, job) => sum + job.attempts, 0);
  return [
    `jobs: ${count(dump.jobs.map(({ state }) => state)).join(", ")}; attempts: ${attempts}`,
    `dead of: ${count(codes).join(", ") || "nothing"}`,
    `rows: ${dump.photos.length} photos, ${dump.albums.length} albums; files: ${dump.files.length}; objects: ${dump.objects.length}`,
  ];
}
