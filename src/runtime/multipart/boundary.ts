/** Finds the boundary of a multipart/form-data body in its Content-Type. */
import { parseParameters, trimBlanks } from "./parameters.ts";
import { malformed } from "./refusals.ts";

/**
 * RFC 2046 §5.1.1: 1 to 70 characters, the last one not a space. Besides its own, those of a token (RFC 9110 §5.6.2):
 * `*****` is in many a Java program.
 */
const BOUNDARY = /^[0-9A-Za-z'()+_,\-./:=?!#$%&*^`|~ ]{0,69}[0-9A-Za-z'()+_,\-./:=?!#$%&*^`|~]$/;

/**
 * The boundary of a Content-Type header value; null when the value is not multipart/form-data (in any case). The value
 * may be quoted or bare; other parameters are ignored. Throws Problem("body_malformed") when the parameters cannot be
 * read, when one is repeated, or when the boundary is missing or not 1 to 70 allowed characters.
 */
export function parseBoundary(contentType: string): string | null {
  const semicolon = contentType.indexOf(";");
  const mediaType = semicolon === -1 ? contentType : contentType.slice(0, semicolon);
  if (trimBlanks(mediaType).toLowerCase() !== "multipart/form-data") return null;
  const parameters = parseParameters(contentType, mediaType.length, true);
  if (parameters === null) throw malformed("The parameters of the Content-Type header cannot be read.");
  const boundary = parameters.get("boundary");
  if (boundary === undefined) throw malformed("The Content-Type header has no boundary parameter.");
  if (!BOUNDARY.test(boundary)) throw malformed("The boundary must be 1 to 70 of the characters that RFC 2046 allows.");
  return boundary;
}
