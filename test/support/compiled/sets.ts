/** The ABIs that tests run on each engine, with the tables that they write to. */
import { abis as accounts, tableOf as accountsTable } from "../../unit/runtime/accounts/endpoints.ts";
import { abis as fileFields, tableOf as fileFieldsTable } from "../../unit/runtime/upload/fields/endpoints.ts";
import { abis as ownRows, tableOf as ownRowsTable } from "../../unit/runtime/database/own-rows/endpoints.ts";

import { abis as answerLinks, tableOf as answerLinksTable } from "../../unit/runtime/links/answers/endpoints.ts";
import { abis as addresses, tableOf as addressesTable } from "../../unit/runtime/routes/addresses/endpoints.ts";
import { abis as answers, tableOf as answersTable } from "../../unit/runtime/pipeline/answers/endpoints.ts";
import { abis as deleting, tableOf as deletingTable } from "../../unit/runtime/pipeline/deleting/endpoints.ts";
import { abis as manners, tableOf as mannersTable } from "../../unit/runtime/pipeline/manners.ts";
import { abis as quotas, tableOf as quotasTable } from "../../unit/runtime/quotas/endpoints.ts";
import { abis as rateLimits, tableOf as rateLimitsTable } from "../../unit/runtime/rate-limits/endpoints.ts";
import { abis as rawBodies, tableOf as rawBodiesTable } from "../../unit/runtime/upload/raw/endpoints.ts";
import { abis as replacing, tableOf as replacingTable } from "../../unit/runtime/upload/replacing/endpoints.ts";
import { abis as resumable, tableOf as resumableTable } from "../../unit/runtime/resumable/endpoints.ts";
import { abis as thumbnails, tableOf as thumbnailsTable } from "../../unit/runtime/upload/thumbnails/endpoints.ts";
import { abis as uploadLinks, tableOf as uploadLinksTable } from "../../unit/runtime/upload-links/endpoints.ts";
import { abis as webhooks, tableOf as webhooksTable } from "../../unit/runtime/webhooks/endpoints.ts";

export type EngineName = "d1" | "postgres";

interface Endpoints {
  readonly abis: readonly { readonly id: string }[];
  /** The statement that makes their table. */
  readonly tableOf: (engine: EngineName) => string;
}

export const sets = {
  accounts: { abis: accounts, tableOf: accountsTable },
  ownRows: { abis: ownRows, tableOf: ownRowsTable },
  answers: { abis: answers, tableOf: answersTable },
  answerLinks: { abis: answerLinks, tableOf: answerLinksTable },
  addresses: { abis: addresses, tableOf: addressesTable },
  deleting: { abis: deleting, tableOf: deletingTable },
  manners: { abis: manners, tableOf: mannersTable },
  quotas: { abis: quotas, tableOf: quotasTable },
  rateLimits: { abis: rateLimits, tableOf: rateLimitsTable },
  rawBodies: { abis: rawBodies, tableOf: rawBodiesTable },
  replacing: { abis: replacing, tableOf: replacingTable },
  resumable: { abis: resumable, tableOf: resumableTable },
  thumbnails: { abis: thumbnails, tableOf: thumbnailsTable },
  uploadLinks: { abis: uploadLinks, tableOf: uploadLinksTable },
  webhooks: { abis: webhooks, tableOf: webhooksTable },
  fileFields: { abis: fileFields, tableOf: fileFieldsTable },
} as const satisfies Readonly<Record<string, Endpoints>>;

export type SetName = keyof typeof sets;
