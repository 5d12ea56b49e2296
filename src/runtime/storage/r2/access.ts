/** What an S3 client of R2 has to know. Knows nothing of what is asked with it. */

/** A bucket behind the S3 API and a token that may read it. */
export interface R2Access {
  /** Scheme, host and any path before the bucket, without a trailing slash. */
  readonly endpoint: string;
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secret: string;
}
