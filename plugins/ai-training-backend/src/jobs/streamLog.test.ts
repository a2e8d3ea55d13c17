import express from 'express';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NoSuchAttemptError } from './attemptOfLog';
import { streamLog } from './streamLog';

/** A log that grows while somebody reads. */
async function serve(log: () => { bytes: Buffer; isEnd: boolean }) {
  const app = express();
  app.get('/', (req, res, next) =>
    streamLog(req, res, {
      fromByte: 0,
      read: async ({ attempt = 2, fromByte, mostBytes }) => {
        const { bytes, isEnd } = log();
        const part = bytes.subarray(fromByte, fromByte + mostBytes);
        return {
          attempt,
          fromByte,
          bytes: part,
          isEnd: isEnd && fromByte + part.length === bytes.length,
        };
      },
    }).catch(next),
  );
  const server = createServer(app).listen(0);
  const { port } = server.address() as AddressInfo;
  return {
    read: async (headers: Record<string, string> = {}) =>
      parse(
        await (await fetch(`http://127.0.0.1:${port}`, { headers })).text(),
      ),
    stop: () => server.close(),
  };
}

function parse(text: string) {
  return text
    .split('\n\n')
    .filter(event => event && !event.startsWith(':'))
    .map(event =>
      Object.fromEntries(
        event.split('\n').map(line => {
          const colon = line.indexOf(': ');
          return [line.slice(0, colon), line.slice(colon + 2)];
        }),
      ),
    );
}

it('tells all of it, and goes on where a browser was', async () => {
  const bytes = Buffer.from('one\ntwo\nthree');
  const { read, stop } = await serve(() => ({ bytes, isEnd: true }));
  const [all, end] = await read();
  expect(all).toMatchObject({ id: '2:13', event: 'log' });
  expect(JSON.parse(all.data)).toEqual({
    attempt: 2,
    fromByte: 0,
    text: 'one\ntwo\nthree',
  });
  expect(end.event).toBe('end');
  const [rest] = await read({ 'Last-Event-ID': '2:4' });
  expect(JSON.parse(rest.data)).toMatchObject({
    fromByte: 4,
    text: 'two\nthree',
  });
  stop();
});

it('waits for the end of a line, and never cuts a character', async () => {
  const text = `${'ü'.repeat(200_000)}\nend`;
  const whole = Buffer.from(text);
  let shown = 5;
  const { read, stop } = await serve(() => {
    const bytes = whole.subarray(0, shown);
    shown = whole.length;
    return { bytes, isEnd: bytes.length === whole.length };
  });
  const events = await read();
  const texts = events
    .filter(({ event }) => event === 'log')
    .map(({ data }) => JSON.parse(data).text);
  expect(texts.length).toBeGreaterThan(1);
  expect(texts.join('')).toBe(text);
  stop();
});

/** What is told of a log that does not end, until so many bytes of it were told or left out. */
async function tellOf(
  pieces: { fromByte: number; text: string }[],
  untilByte: number,
) {
  const app = express();
  app.get('/', (req, res, next) =>
    streamLog(req, res, {
      fromByte: 0,
      // As backends do it: of one piece at most, and from what comes next where something is gone.
      read: async ({ attempt = 1, fromByte }) => {
        const piece = pieces.find(
          one => fromByte < one.fromByte + one.text.length,
        );
        const begin = Math.max(fromByte, piece?.fromByte ?? 0);
        const text = piece?.text.slice(begin - piece.fromByte) ?? '';
        return {
          attempt,
          fromByte: begin,
          bytes: Buffer.from(text),
          isEnd: false,
        };
      },
    }).catch(next),
  );
  const server = createServer(app).listen(0);
  const { port } = server.address() as AddressInfo;
  const leaving = new AbortController();
  const told: { fromByte: number; text: string }[] = [];
  const response = await fetch(`http://127.0.0.1:${port}`, {
    signal: leaving.signal,
  });
  let rest = '';
  for await (const chunk of response.body!) {
    rest += Buffer.from(chunk).toString();
    const events = rest.split('\n\n');
    rest = events.pop()!;
    told.push(
      ...parse(events.join('\n\n')).map(({ data }) => JSON.parse(data)),
    );
    const last = told.at(-1);
    if (last && last.fromByte + last.text.length >= untilByte) break;
  }
  leaving.abort();
  server.close();
  return told.map(({ fromByte, text }) => ({ fromByte, text }));
}

it('goes on where a backend keeps a line in two places', async () => {
  const told = await tellOf(
    [
      { fromByte: 0, text: 'one\ntw' },
      { fromByte: 6, text: 'o\nthree\n' },
    ],
    14,
  );
  expect(told).toEqual([
    { fromByte: 0, text: 'one\n' },
    { fromByte: 4, text: 'two\nthree\n' },
  ]);
});

it('goes on where what came after half a line is gone', async () => {
  const told = await tellOf(
    [
      { fromByte: 0, text: 'one\ntw' },
      { fromByte: 100, text: 'e\nlast\n' },
    ],
    107,
  );
  expect(told).toEqual([
    { fromByte: 0, text: 'one\n' },
    { fromByte: 4, text: 'tw' },
    { fromByte: 100, text: 'e\nlast\n' },
  ]);
});

describe('of an attempt that does not come', () => {
  const gone = async () => {
    throw new NoSuchAttemptError('there is no attempt 2');
  };

  async function answerOf(
    read: Parameters<typeof streamLog>[2]['read'],
    headers: Record<string, string> = {},
  ) {
    const app = express();
    app.get('/', (req, res, next) =>
      streamLog(req, res, { attempt: 2, fromByte: 0, read }).catch(next),
    );
    app.use(((error, _req, res, _next) => {
      res.status(404).json(error.message);
    }) as express.ErrorRequestHandler);
    const server = createServer(app).listen(0);
    const { port } = server.address() as AddressInfo;
    const response = await fetch(`http://127.0.0.1:${port}`, {
      headers,
      signal: AbortSignal.timeout(5_000),
    });
    const text = await response.text();
    server.close();
    return { status: response.status, text };
  }

  it('refuses it', async () => {
    expect(await answerOf(gone)).toEqual({
      status: 404,
      text: '"there is no attempt 2"',
    });
  });

  it('ends for a browser that comes again', async () => {
    expect(await answerOf(gone, { 'Last-Event-ID': '99:0' })).toEqual({
      status: 200,
      text: 'event: end\ndata: {}\n\n',
    });
  });

  it('ends once its job has ended while it was waited for', async () => {
    let looks = 0;
    const read = async () => {
      looks += 1;
      if (looks > 1) return gone();
      const bytes = Buffer.alloc(0);
      return { attempt: 2, fromByte: 0, bytes, isEnd: false };
    };
    expect(await answerOf(read)).toEqual({
      status: 200,
      text: 'event: end\ndata: {}\n\n',
    });
  });
});
