/** What the tests use of upng-js, which has no types. */
declare module "upng-js" {
  interface DecodedPng {
    readonly width: number;
    readonly height: number;
  }
  const upng: {
    decode(file: ArrayBuffer): DecodedPng;
    toRGBA8(picture: DecodedPng): ArrayBuffer[];
  };
  export default upng;
}
