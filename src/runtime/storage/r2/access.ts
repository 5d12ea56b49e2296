/** What an S3 client needs to reach R2. */

/** A bucket behind the S3 API and a token that may read it. */
export interface R2Access {
  /** Scheme, host and any path before the bucket, without a trailing slash. */
  readonly endpoint: string;
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secret: string;
}
