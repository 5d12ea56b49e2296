/** Names that mean something to JavaScript or to an ABI: as fields, members, parameters, claims and routes they are names. */
import { env } from "cloudflare:workers";
import { expect } from "vitest";
import { token } from "../../support/app.ts";
import {
  type Door,
  fieldsOf,
  fileRoutes,
  formOf,
  jsonOf,
  listDoor,
  pictureParts,
  queryDoors,
  uploadDoors,
} from "./support/doors.ts";
import { across, named, suite } from "./support/suite.ts";
import { expectRefused, readStoredFile } from "./support/verdicts.ts";
import { carry, identify, knock, newCaller, openWorld } from "./support/world.ts";

const world = openWorld();

const names: readonly string[] = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "valueOf",
  "hasOwnProperty",
  "isPrototypeOf",
  "__defineGetter__",
  "__lookupSetter__",
  "then",
  "toJSON",
  "length",
  "0",
  "-1",
  "__proto__.polluted",
  "__proto__[polluted]",
  "constructor.prototype.polluted",
  "constructor[prototype][polluted]",
  "$PROTECTED",
  "$PROTECTED.id",
  "$ENV",
  "$ENV.JWT_SECRET_KEY",
  "$HEADER",
  "storage_key",
  "user_id",
  "id",
  "url",
  "file_size",
];

function expectClean(): void {
  const fresh: Record<string, unknown> = {};
  expect(fresh["polluted"]).toBeUndefined();
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(Object.keys(Array.prototype)).toEqual([]);
}

suite(
  "20 names of form fields beside a file",
  across(uploadDoors("narrow"), named(names), async (door, name) => {
    const caller = newCaller();
    const body = formOf([{ name, body: "an evil value" }, { name, body: "twice" }, ...pictureParts]);
    const answer = await knock(world, door, await identify(door.tokenIn, caller), { body });
    const file = await readStoredFile(world, door, caller, answer);
    expect(file.key).not.toContain("an evil value");
    expect(answer.text).not.toContain("an evil value");
    expectClean();
  }),
);

suite(
  "20 names of file fields",
  across(uploadDoors("narrow"), named(names), async (door, name) => {
    const caller = newCaller();
    const body = formOf(pictureParts.map((part) => ({ ...part, name })));
    const answer = await knock(world, door, await identify(door.tokenIn, caller), { body });
    expect((await readStoredFile(world, door, caller, answer)).type).toBe("image/png");
    expectClean();
  }),
);

/** `{"<name>": …}` as text: a literal's `__proto__` would be no member. */
const memberOf = (name: string, value: string) => ({
  type: "application/json",
  bytes: `{"key":"none",${JSON.stringify(name)}:${value}}`,
});
const payloads = ['"x"', '{"polluted":true}', "[1]"];
suite(
  "20 names of payload members",
  [queryDoors.find, queryDoors.findDocument].flatMap((door) =>
    names.flatMap((name) =>
      payloads.map((value) => ({
        door: door.name,
        variant: `${name}: ${value}`,
        run: async () => {
          const answer = await knock(world, door, await identify("x-access-token", "ben"), {
            body: memberOf(name, value),
          });
          expect(answer.status, answer.text).toBe(200);
          expect(answer.json["data"]).toEqual([]);
          expectClean();
        },
      })),
    ),
  ),
  { leavesNothing: true },
);

const terms = fileRoutes.flatMap(({ door }) => (door.name.endsWith("issue link") ? [door] : []));
suite(
  "20 names of link terms",
  across(terms, named(names), async (door, name) => {
    const body = { type: "application/json", bytes: `{${JSON.stringify(name)}:60}` };
    expectRefused(door, await knock(world, door, await identify(door.tokenIn, "ann"), { body }), "payload_invalid");
    expectClean();
  }),
  { leavesNothing: true },
);

suite(
  "20 names of query parameters",
  across(
    [listDoor, ...fileRoutes.filter(({ door }) => door.name.endsWith(", link")).map(({ door }) => door)],
    named(names),
    async (door, name) => {
      const path = `${door.path(world.target)}?${encodeURIComponent(name)}=1`;
      const answer = await knock(world, door, await identify(door.tokenIn, "ann"), { path });
      expectRefused(door, answer, "parameter_invalid");
    },
  ),
  { leavesNothing: true },
);

const otherMethods = (doors: readonly Door[], methods: readonly string[]) =>
  across(
    doors,
    methods.map((name) => [name, name]),
    async (door, method) => {
      const proof = await identify(door.tokenIn, "ann");
      const answer = await world.ask(door.path(world.target), { method, headers: proof });
      expectRefused(door, answer, "method_not_allowed");
    },
  );
const allRoutes = [listDoor, ...fileRoutes.map(({ door }) => door)];
suite("20 names of methods", otherMethods(allRoutes, ["PUT", "PROPPATCH", "PROPFIND", "LOCK", "SEARCH", "PURGE"]), {
  leavesNothing: true,
});
/** A file's own address takes PATCH, for its name. */
const unpatched = fileRoutes.filter(({ pathOf }) => pathOf("id") !== "/v1/upload/id").map(({ door }) => door);
suite("20 PATCH where nothing has a name", otherMethods([listDoor, ...unpatched], ["PATCH"]), { leavesNothing: true });

const routes = [
  "/__proto__",
  "/constructor",
  "/toString",
  "/hasOwnProperty",
  "/narrow/__proto__",
  "/$ENV",
  "/.env",
  "/.dev.vars",
  "/wrangler.toml",
  "/package.json",
  "/.git/config",
  "/src/app.ts",
  "/admin",
  "/files",
  "/jobs",
  "/jobs/",
  "/v1/uploads",
  "/v1",
  "/narrow",
  "/narrow/",
  "/narrow/plain/",
  "/NARROW/plain",
  "/narrow%2fplain",
  "//narrow/plain",
  "/narrow/plain?x",
  "/healthz/x",
];
suite(
  "20 names of routes",
  ["GET", "POST"].flatMap((method) =>
    routes.map((path) => ({
      door: "an unknown route",
      variant: `${method} ${path}`,
      run: async () => {
        const proof = { ...(await identify("x-access-token", "ann")), ...(await identify("authorization", "ann")) };
        const answer = await world.ask(path, { method, headers: proof });
        const codes = path.endsWith("?x")
          ? (["method_not_allowed", "content_type_unsupported"] as const)
          : (["resource_not_found", "job_not_found", "method_not_allowed", "file_not_found"] as const);
        expectRefused({ envelope: "abi" }, answer, ...codes);
      },
    })),
  ),
  { leavesNothing: true },
);

suite(
  "20 claims with names of a prototype",
  across(
    uploadDoors("narrow").filter(({ tokenIn }) => tokenIn !== null),
    named(names.slice(0, 13)),
    async (door, name) => {
      const claims = JSON.parse(`{"id":${JSON.stringify(newCaller())},${JSON.stringify(name)}:{"id":"ann"}}`) as {
        id: string;
      };
      const answer = await knock(world, door, carry(door.tokenIn, await token(claims)));
      expect((await readStoredFile(world, door, claims.id, answer)).key).toContain(`/${claims.id}/`);
      expectClean();
    },
  ),
);

const accessors = [
  "$ENV.JWT_SECRET_KEY",
  "$ENV.LINK_SECRET",
  "$PROTECTED.exp",
  "$PROTECTED.__proto__",
  "$HEADER.cookie",
  "$DATETIME",
  "$GENERATOR.UUID",
];
suite(
  "20 accessors in a payload are text",
  [queryDoors.noteJson, queryDoors.noteForm].flatMap((door) =>
    accessors.map((text) => ({
      door: door.name,
      variant: text,
      run: async () => {
        const key = newCaller();
        const body = door === queryDoors.noteForm ? fieldsOf({ key, text }) : jsonOf({ key, text });
        const answer = await knock(world, door, await identify("x-access-token", key), { body });
        expect(answer.json["data"]).toMatchObject({ url: text });
        expect(answer.text).not.toContain(env.JWT_SECRET_KEY);
      },
    })),
  ),
);
