import { env } from "cloudflare:workers";
import { beforeEach, inject } from "vitest";
import { createCaller } from "../../../../support/app.ts";
import { useFreshStorage } from "../../../../support/database.ts";
import { tableOf } from "./endpoints.ts";
import { describeOwnRows } from "./own-rows.ts";

useFreshStorage();
beforeEach(async () => {
  await env.DB.exec(tableOf("d1"));
});

describeOwnRows({ engine: "d1", call: createCaller(inject("compiled").ownRows), secret: env.JWT_SECRET_KEY });
