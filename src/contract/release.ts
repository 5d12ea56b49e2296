/**
 * The part of the package's version that a breaking change raises: `0.1` of 0.1.5, `2` of 2.3.0. A Worker is only made of
 * generated files that the same one wrote. `npm run package` fills it in; in this repository, files are always of one tree.
 */
export const majorVersion: string = "source";
