import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { keyOf, routeOf, snapshotOf, variantOf } from '../testing/fixtures';
import { TestServer } from '../testing/startTestServer';
import { waitFor } from '../testing/waitFor';

jest.setTimeout(60_000);

let server: TestServer;

beforeAll(async () => {
  server = await TestServer.create(
    snapshotOf(
      [routeOf('linear', [variantOf('linear-1')])],
      [keyOf('gr_all', ['*'])],
    ),
  );
  await server.start({ GREENROOM_MAX_BODY_BYTES: '1024' });
});

afterAll(() => server.close());

function open() {
  return connect(Number(new URL(server.url).port), '127.0.0.1');
}

const HEAD =
  'POST /v2/models/linear/infer HTTP/1.1\r\nHost: x\r\nX-API-Key: gr_all\r\n';

it.each([
  ['no HTTP at all', 'hello\r\n\r\n', '400 Bad Request', 'HPE_INVALID_METHOD'],
  [
    'headers without end',
    `GET /v2 HTTP/1.1\r\nHost: x\r\nX-Long: ${'x'.repeat(20_000)}\r\n\r\n`,
    '431 Request Header Fields Too Large',
    'HPE_HEADER_OVERFLOW',
  ],
])('answers %s', async (_what, bytes, status, code) => {
  const socket = open();
  socket.write(bytes);
  const answer = await text(socket);
  expect(answer.split('\r\n')[0]).toBe(`HTTP/1.1 ${status}`);
  expect(JSON.parse(answer.split('\r\n\r\n')[1])).toEqual({
    error: `the request is not valid HTTP (${code})`,
  });
});

it('refuses a long body by its header alone, and a streamed one when it gets too long', async () => {
  const announced = open();
  announced.write(`${HEAD}Content-Length: 5000\r\nConnection: close\r\n\r\n`);
  announced.write('x'.repeat(5000));
  expect(await text(announced)).toMatch(/^HTTP\/1.1 413 .*1024 bytes/s);

  const streamed = open();
  streamed.write(
    `${HEAD}Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n`,
  );
  const chunk = `400\r\n${'x'.repeat(1024)}\r\n`;
  streamed.write(`${chunk}${chunk}${chunk}0\r\n\r\n`);
  expect(await text(streamed)).toMatch(/^HTTP\/1.1 413 .*1024 bytes/s);
});

it('reads a body that comes in pieces', async () => {
  const body = JSON.stringify({
    inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 3], data: [1, 2, 3] }],
  });
  const socket = open();
  socket.write(
    `${HEAD}Content-Length: ${body.length}\r\nConnection: close\r\n\r\n`,
  );
  const sent = (part: string) =>
    new Promise(resolve => {
      socket.write(part, resolve);
    });
  await sent(body.slice(0, 20));
  await new Promise(setImmediate);
  await sent(body.slice(20));
  expect(await text(socket)).toContain('"data":[21.8]');
});

it('takes down that a caller left in the middle of the body', async () => {
  const socket = open();
  socket.write(`${HEAD}Content-Length: 500\r\n\r\n{"inputs":`);
  await new Promise(resolve => {
    setTimeout(resolve, 50);
  });
  socket.destroy();
  await waitFor(async () =>
    (
      await server.metrics()
    ).includes(
      'greenroom_requests_total{model="linear",version="0",status="499"} 1',
    ),
  );
  const { status } = await server.send('/v2/health/live');
  expect(status).toBe(200);
});
