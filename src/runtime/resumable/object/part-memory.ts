/** The memory for parts that all uploads of one isolate share, whose 128 MB they must never take whole. */
import { Problem } from "../../../contract/problem.ts";

const MOST_BYTES = 72 * 1024 * 1024;
let lent = 0;

/** Memory that is given back once. */
export interface Loan {
  close(): void;
}

/** Null: there is not so much. Never waits. */
export function borrow(bytes: number): Loan | null {
  if (lent + bytes > MOST_BYTES) return null;
  lent += bytes;
  let isOpen = true;
  return {
    close() {
      if (isOpen) lent -= bytes;
      isOpen = false;
    },
  };
}

/** What an upload cannot do without. @throws Problem `overloaded` */
export function mustBorrow(bytes: number): Loan {
  const loan = borrow(bytes);
  if (loan === null) {
    throw new Problem("overloaded", { detail: "Try again in a few seconds.", headers: { "Retry-After": "3" } });
  }
  return loan;
}
