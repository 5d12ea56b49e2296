import { useFreshStorage } from "../../../support/database.ts";
import { onD1 } from "./harness.ts";
import { describeResumable } from "./resumable.ts";

useFreshStorage();

describeResumable(onD1);
