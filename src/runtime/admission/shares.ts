/** Fair shares of one scarce resource: who holds how much, and who may have more. */

export interface Shares {
  /**
   * True when the owner may take this much more. A third is reserved for owners that hold nothing, or less than another
   * owner: whoever comes first cannot take everything.
   * @param ofCall how much the asking call itself holds
   */
  admits(owner: string, amount: number, ofCall: number): boolean;
  /** True when so much is free beyond what is reserved for others. */
  spares(amount: number): boolean;
  /** A negative amount gives back. */
  add(owner: string, amount: number): void;
  held(owner: string): number;
}

const KEPT_SHARE = 1 / 3;

/** @param elsewhere what of the total is held by nobody's share */
export function createShares(total: number, elsewhere: () => number = () => 0): Shares {
  const holdings = new Map<string, number>();
  const kept = Math.floor(total * KEPT_SHARE);
  let used = 0;
  const freeNow = () => total - used - elsewhere();
  const held = (owner: string) => holdings.get(owner) ?? 0;
  const mostOfOthers = (owner: string) =>
    Math.max(0, ...[...holdings].map(([other, amount]) => (other === owner ? 0 : amount)));
  return {
    admits(owner, amount, ofCall) {
      const free = freeNow();
      if (amount > free) return false;
      // An owner's only call goes on, whatever it takes.
      if (free - amount >= kept || held(owner) === ofCall) return true;
      return held(owner) + amount <= mostOfOthers(owner);
    },
    spares: (amount) => freeNow() - amount >= kept,
    add(owner, amount) {
      used += amount;
      const now = held(owner) + amount;
      if (now === 0) holdings.delete(owner);
      else holdings.set(owner, now);
    },
    held,
  };
}
