/**
 * The memory for parts that all uploads of one isolate share. Where the Worker is in it too, what its calls hold is not
 * there for parts, nor the other way round: `MAX_MEMORY_BYTES` bounds both together.
 */
import { Problem } from "../../../contract/problem.ts";
import { isolateMemory } from "../../admission/isolate-memory.ts";

/** Of the whole; the rest is left for calls. */
const SHARE_OF_PARTS = 0.8;

/** Memory that is given back once. */
export interface Loan {
  close(): void;
}

export interface PartMemory {
  /** Null: there is not so much. Never waits. */
  borrow(bytes: number): Loan | null;
  /** What an upload cannot do without. @throws Problem `overloaded` */
  mustBorrow(bytes: number): Loan;
}

/** @param maxBytes for calls and parts of one isolate */
export function createPartMemory(maxBytes: number): PartMemory {
  const borrow = (bytes: number): Loan | null => {
    const others = isolateMemory.bytesOf("parts");
    const parts = others + bytes;
    const isThere = parts <= SHARE_OF_PARTS * maxBytes && parts + isolateMemory.bytesOf("calls") <= maxBytes;
    // One upload goes on, however many calls there are.
    if (!isThere && others > 0 && bytes > 0) return null;
    isolateMemory.add("parts", bytes);
    let isOpen = true;
    return {
      close() {
        if (isOpen) isolateMemory.add("parts", -bytes);
        isOpen = false;
      },
    };
  };
  return {
    borrow,
    mustBorrow(bytes) {
      const loan = borrow(bytes);
      if (loan === null) {
        throw new Problem("overloaded", { detail: "Try again in a few seconds.", headers: { "Retry-After": "3" } });
      }
      return loan;
    },
  };
}
