/** The port for structured lines. What goes through it is never a secret, a token or a bound value. */

export type LogLevel = "info" | "warn" | "error";

export type Log = (level: LogLevel, event: string, details?: object) => void;

/** One line of JSON on the console, which Workers Logs takes apart again. */
export const consoleLog: Log = (level, event, details) => {
  const write = level === "info" ? console.log : console[level];
  write(JSON.stringify({ event, ...details }));
};

/** The same with these details in every line. */
export function withDetails(log: Log, common: object): Log {
  return (level, event, details) => log(level, event, { ...common, ...details });
}
