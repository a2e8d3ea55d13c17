import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { CONTROL_PLANE_TOKEN } from './testing/FakeControlPlane';
import { keyOf, routeOf, snapshotOf, variantOf } from './testing/fixtures';
import { TestServer } from './testing/startTestServer';
import { waitFor } from './testing/waitFor';

jest.setTimeout(60_000);

const PACKAGE = join(__dirname, '..');
const MAIN = join(PACKAGE, 'dist/main.cjs');

/** The bundle as it is run in production, in a process of its own. */
function run(env: Record<string, string>): ChildProcess {
  return spawn(process.execPath, [MAIN], {
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

beforeAll(() => {
  execFileSync(process.execPath, [join(PACKAGE, 'build.mjs')]);
});

it('ends with a sentence when a setting is wrong', async () => {
  const child = run({
    GREENROOM_PORT: 'x',
    GREENROOM_CONTROL_PLANE_TOKEN: CONTROL_PLANE_TOKEN,
  });
  const [errors, [code]] = await Promise.all([
    text(child.stderr!),
    once(child, 'exit'),
  ]);
  expect(code).toBe(78);
  expect(errors).toBe(
    'GREENROOM_PORT is "x": expected a port number from 0 to 65535.\n',
  );
});

it('ends with a sentence when its port is taken', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const child = run({
    GREENROOM_PORT: String(port),
    GREENROOM_CONTROL_PLANE_TOKEN: CONTROL_PLANE_TOKEN,
  });
  const [output, [code]] = await Promise.all([
    text(child.stdout!),
    once(child, 'exit'),
  ]);
  other.close();
  expect(code).toBe(1);
  expect(output).toContain(
    `port ${port} is taken: stop what listens there, or set GREENROOM_PORT`,
  );
});

it('serves, and ends cleanly at SIGTERM with its records handed over', async () => {
  const server = await TestServer.create(
    snapshotOf(
      [routeOf('linear', [variantOf('linear-1')])],
      [keyOf('gr_all', ['*'])],
    ),
  );
  const child = run({
    GREENROOM_CONTROL_PLANE_URL: server.controlPlane.url,
    GREENROOM_CONTROL_PLANE_TOKEN: CONTROL_PLANE_TOKEN,
    GREENROOM_DATA_DIR: server.dataDirectory,
    GREENROOM_PORT: '0',
    GREENROOM_RECORDS_INTERVAL_MILLIS: '60000',
  });
  let output = '';
  child.stdout!.on('data', chunk => {
    output += chunk;
  });
  await waitFor(() => output.includes('"message":"model loaded"'));
  server.url = /"url":"([^"]+)"/.exec(output)?.[1] ?? '';
  await waitFor(
    async () => (await server.send('/v2/health/ready')).status === 200,
  );
  const { status, json } = await server.infer('linear', {
    inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 3], data: [1, 2, 3] }],
  });
  expect([status, json.outputs[0].data]).toEqual([200, [21.8]]);
  child.kill('SIGTERM');
  const [code] = await once(child, 'exit');
  expect(code).toBe(0);
  expect(server.controlPlane.countRecords()).toBe(1);
  await server.close();
});
