import type { LogPart } from '../backends/TrainingBackend';

const PART_BYTES = 1024 * 1024;
/** Of a log that is longer, what comes after is not looked at: it would take too long. */
const MOST_PARTS = 64;
const NEW_LINE = 0x0a;

/** What an agent reads of a log. */
export interface LastLines {
  attempt: number;
  text: string;
  /** Byte of the log that the text begins with. */
  fromByte: number;
  /** Where to go on. */
  nextByte: number;
  /** Whether nothing comes any more. */
  isEnd: boolean;
}

/** The end of a log as it is now, by whole lines where one is not longer than what is asked for. */
export async function readLastLines(
  read: (part: {
    fromByte: number;
    mostBytes: number;
  }) => Promise<LogPart & { attempt: number }>,
  { mostBytes }: { mostBytes: number },
): Promise<LastLines> {
  let tail: Buffer = Buffer.alloc(0);
  let nextByte = 0;
  let attempt = 0;
  let isEnd = false;
  for (let parts = 0; parts < MOST_PARTS && !isEnd; parts++) {
    const part = await read({ fromByte: nextByte, mostBytes: PART_BYTES });
    ({ attempt, isEnd } = part);
    if (part.bytes.length === 0) break;
    nextByte = part.fromByte + part.bytes.length;
    tail = Buffer.concat([tail, part.bytes]).subarray(-mostBytes);
  }
  const fromByte = nextByte - tail.length;
  const start = fromByte === 0 ? 0 : tail.indexOf(NEW_LINE) + 1;
  return {
    attempt,
    text: tail.subarray(start).toString(),
    fromByte: fromByte + start,
    nextByte,
    isEnd,
  };
}
