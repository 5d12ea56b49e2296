/** Networks as plans list them: the leading bits of their addresses, behind the version of the protocol. */

/** @param address in its one spelling, as the URL standard writes it: the runtime's `readAddress` */
export function bitsOfAddress(address: string): string {
  if (!address.includes(":")) return `4:${bitsOf(address.split(".").map(Number), 8)}`;
  const [head = "", tail = ""] = address.split("::");
  const [first, last] = [head, tail].map((part) => (part === "" ? [] : part.split(":")));
  const given = [...(first ?? []), ...(last ?? [])].length;
  const zeros = Array.from({ length: 8 - given }, () => "0");
  const groups = [...(first ?? []), ...zeros, ...(last ?? [])].map((group) => Number.parseInt(group, 16));
  return `6:${bitsOf(groups, 16)}`;
}

const bitsOf = (numbers: readonly number[], width: number): string =>
  numbers.map((number) => number.toString(2).padStart(width, "0")).join("");
