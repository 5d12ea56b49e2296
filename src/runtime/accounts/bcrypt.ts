/** bcrypt: passwords of at most 72 bytes, for behind them it reads nothing. */
import { compareSync, hashSync } from "bcryptjs";
import { maxBcryptCost } from "../../contract/limits.ts";
import type { PasswordHasher } from "../call/features.ts";

const form = /^\$2[aby]\$(\d\d)\$[./A-Za-z\d]{53}$/;
const MIN_COST = 4;

export const bcrypt: PasswordHasher = {
  maxBytes: 72,
  memoryBytes: 0,
  hash: hashSync,
  read(stored) {
    const cost = Number(form.exec(stored)?.[1]);
    if (!(cost >= MIN_COST && cost <= maxBcryptCost)) return null;
    return { memoryBytes: 0, isOf: (password) => compareSync(password, stored) };
  },
};
