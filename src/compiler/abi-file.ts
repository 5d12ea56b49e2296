export interface AbiFile {
  /** As diagnostics name it, such as `abis/gallery.json`. */
  readonly name: string;
  readonly text: string;
}
