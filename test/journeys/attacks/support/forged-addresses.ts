/** Headers by which a caller may say where it comes from, and is not to be believed. */
export const forgedAddresses = [
  "X-Forwarded-For",
  "X-Real-IP",
  "Forwarded",
  "True-Client-IP",
  "Client-IP",
  "X-Client-IP",
  "X-Cluster-Client-IP",
  "Fastly-Client-IP",
  "CF-Connecting-IPv6",
  "CF-Pseudo-IPv4",
];
