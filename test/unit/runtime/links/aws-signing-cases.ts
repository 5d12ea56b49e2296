/**
 * Facts of the query-string cases of AWS's published test suite for SigV4 signers (aws-c-auth,
 * tests/aws-signing-test-suite/v4): what is signed in its canonical parts, and the signature that AWS states for it. Paths
 * are as the suite's normalisation leaves them: S3 normalises none, and neither do links.
 */

export const credentials = { accessKeyId: "AKIDEXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY" };
export const region = "us-east-1";
export const service = "service";
export const host = "example.amazonaws.com";
export const datetime = "20150830T123600Z";
export const expires = "3600";

export interface SigningCase {
  readonly name: string;
  /** GET where nothing else is said. */
  readonly method?: string;
  /** Canonical; `/` where nothing else is said. */
  readonly path?: string;
  /** Decoded, besides those that every presigned request has. */
  readonly parameters?: Readonly<Record<string, string>>;
  /** Signed besides the host; values trimmed. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Of no body where nothing else is said. */
  readonly payloadHash?: string;
  readonly signature: string;
}

export const signingCases: readonly SigningCase[] = [
  {
    name: "get-header-key-duplicate",
    headers: {
      "my-header1": "value2,value2,value1",
    },
    signature: "3349ee0b81b4b589da0ff28a395c3591e04de515651dd74f298fa992d1507a97",
  },
  {
    name: "get-header-value-multiline",
    headers: {
      "my-header1": "value1 value2 value3",
    },
    signature: "e6f5def831211aca02987a44b96826706278c7bc078112ae0263659c5b2f2d56",
  },
  {
    name: "get-header-value-order",
    headers: {
      "my-header1": "value4,value1,value3,value2",
    },
    signature: "313720e71ca6202fdcfa9b20f88de01a4eb0638a83c833b1c184359a4eda864e",
  },
  {
    name: "get-header-value-trim",
    headers: {
      "my-header1": "value1",
      "my-header2": '"a b c"',
    },
    signature: "e7bb0fd515e125e1aec2ecc4c0c17484fb06f6846b927c35e46005dd3df3acd4",
  },
  {
    name: "get-relative-normalized",
    signature: "e93c787ed7f371d5c6b165c1b38ede9550f4dce4144713e844b25b7192d3865d",
  },
  {
    name: "get-relative-relative-normalized",
    signature: "e93c787ed7f371d5c6b165c1b38ede9550f4dce4144713e844b25b7192d3865d",
  },
  {
    name: "get-relative-relative-unnormalized",
    path: "/example1/example2/../..",
    signature: "b45db0bfd1cf15003493b733e33aa208dd981bd0e63037a6ed953f71d2118a16",
  },
  {
    name: "get-relative-unnormalized",
    path: "/example/..",
    signature: "cbcb213b928a077e43275df47b500f1dfaa864ab3f5a18f6b95f4ff0938167ee",
  },
  {
    name: "get-slash-dot-slash-normalized",
    signature: "e93c787ed7f371d5c6b165c1b38ede9550f4dce4144713e844b25b7192d3865d",
  },
  {
    name: "get-slash-dot-slash-unnormalized",
    path: "/./",
    signature: "a9b13e8f3484d9505bf1a6f347219f8f35b0fe8f128ceea597efc146a3dfe90c",
  },
  {
    name: "get-slash-normalized",
    signature: "e93c787ed7f371d5c6b165c1b38ede9550f4dce4144713e844b25b7192d3865d",
  },
  {
    name: "get-slash-pointless-dot-normalized",
    path: "/example",
    signature: "35034b1a0bdd969f346975386daf8aedfd4976573b8348cf4f67eaa41c5857de",
  },
  {
    name: "get-slash-pointless-dot-unnormalized",
    path: "/./example",
    signature: "72b11f16d9530b18204bfb71f2d6ab085894c0ed8d352730a6e76234c58b5e10",
  },
  {
    name: "get-slash-unnormalized",
    path: "//",
    signature: "b2a9542809db687769200f56a844a03f2bd0291d6eb90232d5101c6a579446cd",
  },
  {
    name: "get-slashes-normalized",
    path: "/example/",
    signature: "c1834e8fb0307243711f0f907f6ab7311ed300d87f13792d7ee4da89ab93e082",
  },
  {
    name: "get-slashes-unnormalized",
    path: "//example//",
    signature: "822a5a9ba28072c5ab2bb4a6307d0c88276d40e49fec6b724c03fb4d4ba60fc2",
  },
  {
    name: "get-space-normalized",
    path: "/example%20space/",
    signature: "7a1f416954786484c9824d93c1f26ef64acb9b1b6c9154d08c9f07d0e394abf6",
  },
  {
    name: "get-space-unnormalized",
    path: "/example%20space/",
    signature: "7a1f416954786484c9824d93c1f26ef64acb9b1b6c9154d08c9f07d0e394abf6",
  },
  {
    name: "get-unreserved",
    path: "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    signature: "95968482db1b9e0fadef6efc1bd24689f77c77d9ef56919c96a28cc92e0d6005",
  },
  {
    name: "get-utf8",
    path: "/%E1%88%B4",
    signature: "10eae3f14a260bd3911cc6d008d3c576d143b05b62f09782a7a4b37f52178e44",
  },
  {
    name: "get-vanilla-empty-query-key",
    parameters: {
      Param1: "value1",
    },
    signature: "49096700cbbaa5753443850f40df10f904fc2fdb544dc9512203cc77c471a9de",
  },
  {
    name: "get-vanilla-query-order-encoded",
    parameters: {
      ሴ: "Value1",
      Param: "Value2",
      "Param-3": "Value3",
    },
    signature: "c5f1848ceec943ac2ca68ee720460c23aaae30a2300586597ada94c4a65e4787",
  },
  {
    name: "get-vanilla-query-order-key-case",
    parameters: {
      Param1: "value1",
      Param2: "value2",
    },
    signature: "86012e2c9ad4d77369f5d81c11f75158aae4f895a085212cc6d3f923d300bed5",
  },
  {
    name: "get-vanilla-query-unreserved",
    parameters: {
      "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz":
        "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    },
    signature: "8e76a88a7433637b12778d5592799b29ad21ecd6cf6325051c21d86f0acda2bf",
  },
  {
    name: "get-vanilla-query",
    signature: "e93c787ed7f371d5c6b165c1b38ede9550f4dce4144713e844b25b7192d3865d",
  },
  {
    name: "get-vanilla-utf8-query",
    parameters: {
      ሴ: "bar",
    },
    signature: "0bdd809b1519ac4f0c1dc3540e2cc46bd0c7f778eda408b2ebf3b913d21ff600",
  },
  {
    name: "get-vanilla-with-session-token",
    parameters: {
      "X-Amz-Security-Token": "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267",
    },
    signature: "7ff2b50b376cb4d151970630573d6291dc128cc5c2a12ffb237f73cc53f67b6c",
  },
  {
    name: "get-vanilla",
    signature: "e93c787ed7f371d5c6b165c1b38ede9550f4dce4144713e844b25b7192d3865d",
  },
  {
    name: "post-header-key-case",
    method: "POST",
    signature: "2ce6e6d2e0cf2f9d1b55fafec88cd20574c31dc2e7631979f71ba2310083e95b",
  },
  {
    name: "post-header-key-sort",
    method: "POST",
    headers: {
      "my-header1": "value1",
    },
    signature: "c09d07e0d55871f10f2a6d350d994acf6825a3cae70673d7def55616e6119dd7",
  },
  {
    name: "post-header-value-case",
    method: "POST",
    headers: {
      "my-header1": "VALUE1",
    },
    signature: "0698bc9e4f7f9139065ba2909c0e99da257e8e2a42492a097bcd46d792391fed",
  },
  {
    name: "post-sts-header-after",
    method: "POST",
    signature: "2ce6e6d2e0cf2f9d1b55fafec88cd20574c31dc2e7631979f71ba2310083e95b",
  },
  {
    name: "post-sts-header-before",
    method: "POST",
    parameters: {
      "X-Amz-Security-Token":
        "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==",
    },
    signature: "46c2e3c63c1dbe7d39f8ada16fe7f001c1f56c5791441565323677f96308871c",
  },
  {
    name: "post-vanilla-empty-query-value",
    method: "POST",
    parameters: {
      Param1: "value1",
    },
    signature: "a9ef26247f293bffe40eeff86a0480ba8c14d31503b2e0c3399e3a16bf1a3682",
  },
  {
    name: "post-vanilla-query",
    method: "POST",
    parameters: {
      Param1: "value1",
    },
    signature: "a9ef26247f293bffe40eeff86a0480ba8c14d31503b2e0c3399e3a16bf1a3682",
  },
  {
    name: "post-vanilla",
    method: "POST",
    signature: "2ce6e6d2e0cf2f9d1b55fafec88cd20574c31dc2e7631979f71ba2310083e95b",
  },
  {
    name: "post-x-www-form-urlencoded-parameters",
    method: "POST",
    headers: {
      "content-length": "13",
      "content-type": "application/x-www-form-urlencoded; charset=utf-8",
    },
    payloadHash: "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e",
    signature: "0dbeb9b026c7b6675f266b8427efec9b4fa8b1f6ef1477d717aea231106eab4d",
  },
  {
    name: "post-x-www-form-urlencoded",
    method: "POST",
    headers: {
      "content-length": "13",
      "content-type": "application/x-www-form-urlencoded",
    },
    payloadHash: "9095672bbd1f56dfc5b65f3e153adc8731a4a654192329106275f4c7b24d0b6e",
    signature: "89a40deed0f26f9461242825a082d2222717248abc7ab41f552ad84a94ad46e9",
  },
];
