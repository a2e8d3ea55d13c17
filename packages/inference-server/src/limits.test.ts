import { connect, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { x } from './testing/allModels';
import { keyOf, routeOf, snapshotOf, variantOf } from './testing/fixtures';
import { addRemoteLinear, HeldEndpoint } from './testing/remoteLinear';
import { TestServer } from './testing/startTestServer';
import { waitFor } from './testing/waitFor';

jest.setTimeout(120_000);

const MEBIBYTE = 1024 * 1024;
const row = JSON.stringify({ inputs: [x([1, 2, 3])] });

let server: TestServer;
/** Requests stay in flight there until a test lets them go. */
let held: HeldEndpoint;

beforeEach(async () => {
  held = new HeldEndpoint();
  await held.start();
  server = await TestServer.create();
  const { controlPlane } = server;
  controlPlane.snapshot = snapshotOf(
    [
      routeOf('slow', [variantOf('linear-1')]),
      routeOf('other', [variantOf('linear-1')]),
      routeOf('held', [addRemoteLinear(controlPlane, held)]),
      routeOf('held-too', [addRemoteLinear(controlPlane, held)]),
      routeOf('long', [variantOf('identity-int64')]),
      routeOf('heavy', [variantOf('heavy')]),
      routeOf('text', [variantOf('identity-bytes')]),
    ],
    [keyOf('gr_all', ['*'])],
  );
});

afterEach(async () => {
  held.letGo();
  await server.close();
  await held.stop();
});

const statusesOf = (model: string, count: number) =>
  Array.from({ length: count }, async () => {
    const { status, json, headers } = await server.infer(model, row);
    if (status === 503) expect(headers['retry-after']).toBe('1');
    return status === 503 ? json.error : status;
  });

/** The answers to what is asked together: none of a model comes before so many were refused. */
async function answersOf(asked: Promise<unknown>[], refused: number) {
  let answered = 0;
  const count = () => {
    answered++;
  };
  for (const one of asked) one.then(count, count);
  await waitFor(() => answered === refused);
  held.letGo();
  return Promise.all(asked);
}

it('lets in so many requests of a model', async () => {
  await server.start({ GREENROOM_MAX_MODEL_REQUESTS_IN_FLIGHT: '3' });
  const asked = [...statusesOf('held', 5), ...statusesOf('held-too', 3)];
  const answers = await answersOf(asked, 2);
  const full =
    '3 requests to model "held" are being answered already: try again later';
  expect(answers.slice(0, 5).sort()).toEqual([200, 200, 200, full, full]);
  expect(answers.slice(5)).toEqual([200, 200, 200]);
  expect(await Promise.all(statusesOf('held', 3))).toEqual([200, 200, 200]);
});

it('lets in so many requests of all models', async () => {
  await server.start({ GREENROOM_MAX_REQUESTS_IN_FLIGHT: '3' });
  const asked = [...statusesOf('held', 2), ...statusesOf('held-too', 2)];
  const answers = await answersOf(asked, 1);
  expect(answers.sort()).toEqual([
    200,
    200,
    200,
    '3 requests are being answered already: try again later',
  ]);
  expect(await server.metrics()).toContain(
    '\ngreenroom_requests_in_flight 0\n',
  );
});

/** Sends a part of a body and keeps the rest back. */
function hold(model: string, bytes: number): Socket {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(
    `POST /v2/models/${model}/infer HTTP/1.1\r\nHost: x\r\nX-API-Key: gr_all\r\nContent-Length: ${
      2 * bytes
    }\r\n\r\n`,
  );
  socket.write(Buffer.alloc(bytes, ' '));
  return socket;
}

const bytesInFlight = async () =>
  Number(
    /^greenroom_request_bytes_in_flight (\d+)$/m.exec(
      await server.metrics(),
    )?.[1],
  );

it.each([
  [
    'GREENROOM_MAX_MODEL_BYTES_IN_FLIGHT',
    `${MEBIBYTE} bytes of requests to model "slow"`,
    200,
  ],
  ['GREENROOM_MAX_BYTES_IN_FLIGHT', `${MEBIBYTE} bytes of requests`, 503],
])(
  'holds so many bytes at a time: %s',
  async (setting, what, statusOfOther) => {
    await server.start({ [setting]: String(MEBIBYTE) });
    const socket = hold('slow', MEBIBYTE);
    await waitFor(async () => (await bytesInFlight()) === MEBIBYTE);
    const refused = await server.infer('slow', row);
    expect([
      refused.status,
      refused.headers['retry-after'],
      refused.json,
    ]).toEqual([
      503,
      '1',
      { error: `${what} are being answered already: try again later` },
    ]);
    expect((await server.infer('other', row)).status).toBe(statusOfOther);
    socket.destroy();
    await waitFor(async () => (await bytesInFlight()) === 0);
    expect((await server.infer('slow', row)).status).toBe(200);
  },
);

it('counts bodies as they are unpacked', async () => {
  await server.start({
    GREENROOM_MAX_MODEL_BYTES_IN_FLIGHT: String(MEBIBYTE),
  });
  const packed = gzipSync(row.padEnd(2 * MEBIBYTE));
  const { status } = await server.infer('slow', packed, {
    headers: { 'content-encoding': 'gzip' },
  });
  expect(status).toBe(503);
  expect(await bytesInFlight()).toBe(0);
});

it('unpacks no more bodies at a time than there is room for', async () => {
  await server.start({
    GREENROOM_MAX_MODEL_BYTES_IN_FLIGHT: String(4 * 16 * MEBIBYTE),
  });
  const bomb = gzipSync(' '.repeat(15 * MEBIBYTE));
  let mostBytes = 0;
  const look = setInterval(() => {
    mostBytes = Math.max(mostBytes, process.memoryUsage().arrayBuffers);
  }, 5);
  const before = process.memoryUsage().arrayBuffers;
  const answers = await Promise.all(
    Array.from({ length: 60 }, () =>
      server.infer('slow', bomb, { headers: { 'content-encoding': 'gzip' } }),
    ),
  );
  clearInterval(look);
  expect(answers.some(({ status }) => status === 503)).toBe(true);
  // All of them unpacked are 900 MiB.
  expect(mostBytes - before).toBeLessThan(450 * MEBIBYTE);
  expect(await bytesInFlight()).toBe(0);
});

it('refuses more headers than it reads', async () => {
  await server.start();
  const headers = Object.fromEntries(
    Array.from({ length: 101 }, (_, i) => [`x-${i}`, 'a']),
  );
  const { status, json } = await server.send('/v2', { headers });
  expect([status, json]).toEqual([
    431,
    { error: 'the request has more than 100 headers' },
  ]);
});

const FIFTEEN_MEBIBYTES = 15 * MEBIBYTE;
const filled = (piece: string, around: (filling: string) => string) =>
  around(piece.repeat(Math.floor(FIFTEEN_MEBIBYTES / piece.length)));
const tensor = (data: string) =>
  `{"inputs":[{"name":"x","datatype":"INT64","shape":[1,2],"data":${data}}]}`;

const BODIES: [
  what: string,
  model: string,
  status: number,
  message: RegExp,
  body: string,
][] = [
  [
    'arrays',
    'slow',
    413,
    /more than 1000000 values \(/,
    filled('[],', all => `[${all}[]]`),
  ],
  [
    'numbers',
    'slow',
    413,
    /more than 1000000 values \(/,
    filled('0,', all => `[${all}0]`),
  ],
  [
    'objects in each other',
    'slow',
    400,
    /nested deeper than 64 levels at byte 320$/,
    filled('{"a":', all => all),
  ],
  [
    'arrays in each other',
    'slow',
    400,
    /nested deeper than 64 levels at byte 64$/,
    filled('[', all => all),
  ],
  [
    'digits',
    'long',
    400,
    /element 1 of "data" is Infinity/,
    filled('9', all => tensor(`[1,${all}]`)),
  ],
  [
    'digits in many numbers',
    'long',
    413,
    /more than 100000 values with integers of 16 digits/,
    filled('9007199254740993,', all => tensor(`[${all}1]`)),
  ],
  [
    'one string without an end',
    'slow',
    400,
    /^the body is not JSON$/,
    filled('a', all => `{"a":"${all}`),
  ],
  [
    'escapes',
    'slow',
    400,
    /^the body is not JSON$/,
    filled('\\"', all => `{"a":"${all}`),
  ],
  [
    'lines',
    'slow',
    400,
    /^the body is not JSON$/,
    filled('\n', all => `${all}]`),
  ],
  [
    'a value where none belongs',
    'slow',
    400,
    /^the body is not JSON$/,
    filled('a', all => `["${all}" 1]`),
  ],
];

// How long each takes would depend on the machine; that it is cut short is in what it says: more
// than so many values were not read, and the place of an error was not looked for.
it.each(BODIES)(
  'answers probes while it gets 15 MiB of %s, and looks no closer than it says',
  async (_what, model, status, message, body) => {
    await server.start();
    const bytes = Buffer.from(body);
    let sending = true;
    const sent = Promise.all(
      Array.from({ length: 3 }, () => server.infer(model, bytes)),
    ).finally(() => {
      sending = false;
    });
    while (sending) {
      expect((await server.send('/v2/health/live')).status).toBe(200);
    }
    for (const answer of await sent) {
      expect([answer.status, answer.json.error]).toEqual([
        status,
        expect.stringMatching(message),
      ]);
      expect(answer.json.error.length).toBeLessThan(400);
    }
  },
);

it('answers probes while many runs of a heavy model wait', async () => {
  await server.start();
  const body = JSON.stringify({ inputs: [x([1], [1])] });
  const count = 40;
  let answered = 0;
  const sent = Promise.all(
    Array.from({ length: count }, async () => {
      const { status } = await server.infer('heavy', body);
      answered++;
      return status;
    }),
  );
  // Runs that end while a probe waits say how long that is, on whatever machine.
  let mostRuns = 0;
  while (answered < count) {
    const before = answered;
    await server.send('/v2/health/live');
    mostRuns = Math.max(mostRuns, answered - before);
  }
  expect(new Set(await sent)).toEqual(new Set([200]));
  // Without turns a probe would wait for all of them.
  expect(mostRuns).toBeLessThan(count / 2);
});

it('carries a text of 15 MiB', async () => {
  await server.start();
  const long = 'a'.repeat(FIFTEEN_MEBIBYTES);
  const { status, json } = await server.infer('text', {
    inputs: [{ name: 'x', datatype: 'BYTES', shape: [1, 2], data: ['', long] }],
  });
  expect(status).toBe(200);
  expect(json.outputs[0].data[1]).toBe(long);
});
