const MOST_LINES = 3;
const MOST_CHARACTERS = 500;

/** Around the one line of a crash that says what happened: where it did, and under which Node. */
const NOISE = /^\s*(?:at |\^+\s*$|Node\.js v|$)/;

/** One line of a data plane's log: an object as JSON, or text of the runtime. */
export interface LogLine {
  level: 'debug' | 'info' | 'warn' | 'error';
  message: string;
  fields: Record<string, unknown>;
}

/** Reads a line of the log; what is no object is told as a warning. */
export function parseLogLine(line: string): LogLine {
  try {
    const { time: _time, level, message, ...fields } = JSON.parse(line);
    if (
      typeof message === 'string' &&
      ['debug', 'info', 'warn', 'error'].includes(level)
    ) {
      return { level, message, fields };
    }
  } catch {
    // Not one of its own lines: the runtime's, or a library's.
  }
  return { level: 'warn', message: line, fields: {} };
}

/** The last lines of a log that say what went wrong, or the last ones of all. */
export class OutputTail {
  #lines: string[] = [];
  #hasTrouble = false;

  add({ level, message, fields }: LogLine): void {
    if (NOISE.test(message)) return;
    const isTrouble = level === 'error' || level === 'warn';
    if (isTrouble && !this.#hasTrouble) {
      this.#hasTrouble = true;
      this.#lines = [];
    }
    if (this.#hasTrouble && !isTrouble) return;
    const { error } = fields;
    this.#lines = [
      ...this.#lines.slice(1 - MOST_LINES),
      typeof error === 'string' ? `${message}: ${error}` : message,
    ];
  }

  /** Empty when it said nothing. */
  toString(): string {
    return this.#lines
      .map(line => line.trim())
      .join(' | ')
      .slice(-MOST_CHARACTERS);
  }
}
