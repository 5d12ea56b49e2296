import { env } from "cloudflare:workers";
import { beforeEach, inject } from "vitest";
import { as, callerOf, upload } from "../../../../support/app.ts";
import { buildOf } from "../../../../support/build.ts";
import { useFreshStorage } from "../../../../support/database.ts";
import { describeCombining } from "./combining.ts";
import { tableOf } from "./endpoints.ts";
import { describeReturning, type Ask } from "./returning.ts";

useFreshStorage();
beforeEach(() => env.DB.exec(`DROP TABLE IF EXISTS shelves; ${tableOf("d1")}`));

const call = callerOf(buildOf(inject("compiled").answers));
const ask: Ask = async (path, payload) => {
  const headers = await as("ann", { "content-type": "application/json" });
  return call(path, { method: "POST", headers, body: JSON.stringify(payload) });
};

const look = async () => call("/look", { headers: await as("ann") });
const store = async () => upload(call, "/store-and-put", await as("ann"), [{ fileName: "a.txt", body: "hello" }]);

describeReturning(ask);
describeCombining(ask, look, store);
