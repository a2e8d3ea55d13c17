import { endOfCharacters } from '@greenroom/plugin-ai-training-common';
import type express from 'express';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogPart } from '../backends/TrainingBackend';
import { NoSuchAttemptError } from './attemptOfLog';

const PART_BYTES = 256 * 1024;
/** While there is nothing new. */
const LOOK_MILLIS = 500;
/** Proxies close what says nothing. */
const KEEP_ALIVE_MILLIS = 15_000;
const NEW_LINE = 0x0a;

/**
 * Tells of a log as server-sent events: `log` with `{ attempt, fromByte, text }`, whose id is the byte after it, so
 * that a browser goes on from there by itself; and `end` when nothing comes any more.
 */
export async function streamLog(
  req: Pick<express.Request, 'get'>,
  res: express.Response,
  options: {
    attempt?: number;
    fromByte: number;
    read(part: {
      attempt?: number;
      fromByte: number;
      mostBytes: number;
    }): Promise<LogPart & { attempt: number }>;
  },
): Promise<void> {
  const { read } = options;
  const closed = new AbortController();
  res.once('close', () => closed.abort());
  const last = /^(\d+):(\d+)$/.exec(req.get('Last-Event-ID') ?? '');
  let attempt = last ? Number(last[1]) : options.attempt;
  let fromByte = last ? Number(last[2]) : options.fromByte;
  // What is refused is refused before the stream begins. A browser that has been told of an attempt gets its end.
  let part = await (last ? readToEnd : readLines)(read, { attempt, fromByte });
  res.set({
    'Content-Type': 'text/event-stream; charset=utf-8',
    'Cache-Control': 'no-store, no-transform',
    'X-Accel-Buffering': 'no',
  });
  res.flushHeaders();
  let saidMillis = performance.now();
  while (!closed.signal.aborted) {
    attempt = part.attempt || attempt;
    const { bytes } = part;
    if (bytes.length > 0) {
      fromByte = part.fromByte + bytes.length;
      const data = { attempt, fromByte: part.fromByte, text: bytes.toString() };
      const goesOn = res.write(
        `id: ${attempt}:${fromByte}\nevent: log\ndata: ${JSON.stringify(
          data,
        )}\n\n`,
      );
      saidMillis = performance.now();
      if (!goesOn) await drained(res, closed.signal);
    } else if (part.isEnd) {
      res.write('event: end\ndata: {}\n\n');
      break;
    } else {
      if (performance.now() - saidMillis > KEEP_ALIVE_MILLIS) {
        res.write(': still here\n\n');
        saidMillis = performance.now();
      }
      await sleep(LOOK_MILLIS, undefined, { signal: closed.signal }).catch(
        () => {},
      );
    }
    if (closed.signal.aborted) break;
    try {
      part = await readToEnd(read, { attempt, fromByte });
    } catch {
      // The browser comes again, and goes on from there.
      break;
    }
  }
  res.end();
}

type Read = Parameters<typeof streamLog>[2]['read'];

/** As `readLines`; of an attempt that was waited for and does not come any more, the end. */
async function readToEnd(
  read: Read,
  from: { attempt: number | undefined; fromByte: number },
): ReturnType<Read> {
  try {
    return await readLines(read, from);
  } catch (error) {
    if (!(error instanceof NoSuchAttemptError)) throw error;
    const { attempt = 0, fromByte } = from;
    return { attempt, fromByte, bytes: Buffer.alloc(0), isEnd: true };
  }
}

/**
 * Up to the end of a line, where there is one. A backend may keep a line in two places, and may have thrown away what came
 * after the first: what is left of it then comes as it is.
 */
async function readLines(
  read: Read,
  { attempt, fromByte }: { attempt: number | undefined; fromByte: number },
): ReturnType<Read> {
  const part = await read({ attempt, fromByte, mostBytes: PART_BYTES });
  if (part.isEnd) return part;
  const bytes = wholeLines(part.bytes);
  if (bytes.length > 0 || part.bytes.length === 0) return { ...part, bytes };
  const toByte = part.fromByte + part.bytes.length;
  const next = await read({
    attempt: part.attempt || attempt,
    fromByte: toByte,
    mostBytes: PART_BYTES,
  });
  if (next.fromByte !== toByte) return part;
  const both = Buffer.concat([part.bytes, next.bytes]);
  return {
    ...part,
    bytes: next.isEnd ? both : wholeLines(both),
    isEnd: next.isEnd,
  };
}

/** A character is not cut in two; a line that is longer than a part is told in parts. */
function wholeLines(bytes: Buffer): Buffer {
  const end = bytes.lastIndexOf(NEW_LINE) + 1;
  if (end > 0) return bytes.subarray(0, end);
  return bytes.length < PART_BYTES
    ? bytes.subarray(0, 0)
    : bytes.subarray(0, endOfCharacters(bytes));
}

function drained(res: express.Response, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const done = () => {
      res.off('drain', done);
      signal.removeEventListener('abort', done);
      resolve();
    };
    res.once('drain', done);
    signal.addEventListener('abort', done);
  });
}
