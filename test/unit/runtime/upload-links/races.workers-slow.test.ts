import { useFreshStorage } from "../../../support/database.ts";
import { onD1 } from "./harness.ts";
import { describeRaces } from "./races.ts";

useFreshStorage();
describeRaces(onD1);
