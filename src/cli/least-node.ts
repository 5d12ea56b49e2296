/** The oldest Node.js that runs the command: wrangler's own, without which most of it can do nothing. */
export const LEAST_NODE = 22;
