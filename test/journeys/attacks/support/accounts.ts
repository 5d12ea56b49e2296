/** Who signs up and in at the suite's own endpoints. */
import { jsonOf, type Door } from "./doors.ts";
import { algorithms, type Algorithm } from "./users.ts";

export interface AccountDoor extends Door {
  readonly algorithm: Algorithm;
  readonly isSignUp: boolean;
}

const accountDoor = (algorithm: Algorithm, isSignUp: boolean): AccountDoor => {
  const what = isSignUp ? "sign-up" : "sign-in";
  return {
    name: `${what}, ${algorithm}`,
    method: "POST",
    tokenIn: null,
    envelope: "abi",
    path: () => `/${algorithm}/${what}`,
    body: () => jsonOf({ email: "ann@example.com", password: "correct horse" }),
    algorithm,
    isSignUp,
  };
};

export const accountDoors: readonly AccountDoor[] = algorithms.flatMap((algorithm) => [
  accountDoor(algorithm, true),
  accountDoor(algorithm, false),
]);

export const signOutDoor: Door = {
  name: "sign-out",
  method: "POST",
  tokenIn: "x-access-token",
  envelope: "abi",
  path: () => "/sign-out",
};
