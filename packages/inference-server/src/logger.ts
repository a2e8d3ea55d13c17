const LEVELS = ['debug', 'info', 'warn', 'error'] as const;

export type LogLevel = (typeof LEVELS)[number];
export type LogFields = Record<string, unknown>;

/** Writes what operators should know. Never given keys, tokens or rows. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

/** A logger that writes one JSON object a line. */
export function createLogger(options: {
  level: LogLevel;
  /** What is said with each line. */
  always?: LogFields;
  write?: (line: string) => void;
}): Logger {
  const write =
    options.write ?? ((line: string) => process.stdout.write(`${line}\n`));
  const { always } = options;
  const lowest = LEVELS.indexOf(options.level);
  const at = (level: LogLevel) => (message: string, fields?: LogFields) => {
    if (LEVELS.indexOf(level) < lowest) return;
    const time = new Date().toISOString();
    write(JSON.stringify({ time, level, message, ...always, ...fields }));
  };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
  };
}
