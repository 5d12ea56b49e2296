/** The port for structured log lines. They never contain a secret, a token or a bound value. */

export type LogLevel = "info" | "warn" | "error";

export type Log = (level: LogLevel, event: string, details?: object) => void;

/** One line of JSON on the console, which Workers Logs parses again. */
export const consoleLog: Log = (level, event, details) => {
  const write = level === "info" ? console.log : console[level];
  write(JSON.stringify({ event, ...details }));
};

/** The same with these details in every line. */
export function withDetails(log: Log, common: object): Log {
  return (level, event, details) => log(level, event, { ...common, ...details });
}
