import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { CONTROL_PLANE_TOKEN } from './testing/FakeControlPlane';
import {
  fixtureFile,
  keyOf,
  routeOf,
  SIGNATURES,
  snapshotOf,
  UNSERVABLE_SIGNATURES,
  variantOf,
} from './testing/fixtures';
import { TestServer } from './testing/startTestServer';
import { waitFor } from './testing/waitFor';

jest.setTimeout(60_000);

const PACKAGE = join(__dirname, '..');
const MAIN = join(PACKAGE, 'dist/main.cjs');

/** The bundle as it is run in production, in a process of its own. */
function run(
  env: Record<string, string>,
  operands: string[] = [],
): ChildProcess {
  return spawn(process.execPath, [MAIN, ...operands], {
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
  const directory = await mkdtemp(join(tmpdir(), 'taken-'));
  const child = run({
    GREENROOM_PORT: String(port),
    GREENROOM_DATA_DIR: directory,
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
  await rm(directory, { recursive: true });
});

it('leaves the folder of another data plane alone, and takes that of one that was killed', async () => {
  const server = await TestServer.create(
    snapshotOf(
      [routeOf('linear', [variantOf('linear-1')])],
      [keyOf('gr_all', ['*'])],
    ),
  );
  const start = (more: Record<string, string> = {}) =>
    run({
      GREENROOM_CONTROL_PLANE_URL: server.controlPlane.url,
      GREENROOM_CONTROL_PLANE_TOKEN: CONTROL_PLANE_TOKEN,
      GREENROOM_DATA_DIR: server.dataDirectory,
      GREENROOM_PORT: '0',
      GREENROOM_ADMIN_PORT: '0',
      GREENROOM_LAME_DUCK_SECONDS: '0',
      ...more,
    });
  const untilLoaded = async (child: ChildProcess) => {
    let output = '';
    child.stdout!.on('data', chunk => {
      output += chunk;
    });
    await waitFor(() => output.includes('"message":"model loaded"'));
  };
  const first = start();
  await untilLoaded(first);
  const filesOf = () => readdir(server.environmentDirectory);
  await waitFor(async () => {
    const names = await filesOf();
    return names.includes('access.json') && names.includes('routes.json');
  });
  const files = await filesOf();
  for (const processes of ['1', '2']) {
    const second = start({ GREENROOM_PROCESSES: processes });
    const [output, [code]] = await Promise.all([
      text(second.stdout!),
      once(second, 'exit'),
    ]);
    expect(code).toBe(1);
    expect(output).toContain(
      `the folder ${server.environmentDirectory} belongs to the data plane with the process id ${first.pid}`,
    );
    expect(await filesOf()).toEqual(files);
  }
  first.kill('SIGKILL');
  await once(first, 'exit');
  const third = start();
  await untilLoaded(third);
  // One that stops is waited for.
  third.kill('SIGTERM');
  const fourth = start();
  await untilLoaded(fourth);
  fourth.kill('SIGTERM');
  expect(await once(fourth, 'exit')).toEqual([0, null]);
  await server.close();
});

it('serves also where its folder cannot be written', async () => {
  const server = await TestServer.create(
    snapshotOf(
      [routeOf('linear', [variantOf('linear-1')])],
      [keyOf('gr_all', ['*'])],
    ),
  );
  const file = join(server.dataDirectory, 'file');
  await writeFile(file, '');
  const child = run({
    GREENROOM_CONTROL_PLANE_URL: server.controlPlane.url,
    GREENROOM_CONTROL_PLANE_TOKEN: CONTROL_PLANE_TOKEN,
    GREENROOM_DATA_DIR: file,
    GREENROOM_PORT: '0',
    GREENROOM_ADMIN_PORT: '0',
    GREENROOM_LAME_DUCK_SECONDS: '0',
  });
  let output = '';
  child.stdout!.on('data', chunk => {
    output += chunk;
  });
  await waitFor(() => output.includes('"message":"listening"'));
  expect(output).toContain('nobody else is kept from the folder');
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
  await server.close();
});

it('goes on when its log cannot be written', async () => {
  const full = await open('/dev/full', 'w');
  const finder = createServer().listen(0, '127.0.0.1');
  await once(finder, 'listening');
  const { port } = finder.address() as AddressInfo;
  finder.close();
  await once(finder, 'close');
  const directory = await mkdtemp(join(tmpdir(), 'unlogged-'));
  const child = spawn(process.execPath, [MAIN], {
    env: {
      PATH: process.env.PATH ?? '',
      GREENROOM_PORT: String(port),
      GREENROOM_ADMIN_PORT: '0',
      GREENROOM_DATA_DIR: directory,
      GREENROOM_CONTROL_PLANE_TOKEN: CONTROL_PLANE_TOKEN,
    },
    stdio: ['ignore', full.fd, full.fd],
  });
  const ended = once(child, 'exit');
  await waitFor(async () => {
    if (child.exitCode !== null) throw new Error('it has ended');
    const url = `http://127.0.0.1:${port}/v2/health/live`;
    return (await fetch(url).catch(() => undefined))?.ok === true;
  });
  child.kill();
  expect(await ended).toEqual([0, null]);
  await full.close();
  await rm(directory, { recursive: true });
});

it('tries a model, and says in one line whether it could be served', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'trial-'));
  const request = join(directory, 'request.json');
  const tryOut = async (content: unknown) => {
    await writeFile(request, JSON.stringify(content));
    const child = run({}, ['trial', request]);
    const [output, errors, [code]] = await Promise.all([
      text(child.stdout!),
      text(child.stderr!),
      once(child, 'exit'),
    ]);
    return { code, output, errors };
  };
  const good = { file: fixtureFile('loose'), signature: SIGNATURES.loose };
  const servable = await tryOut(good);
  expect([servable.code, servable.errors]).toEqual([0, '']);
  expect(servable.output.split('\n')).toEqual([expect.anything(), '']);
  expect(JSON.parse(servable.output).servable).toBe(true);
  const unservable = await tryOut({
    file: fixtureFile('unknown-operator'),
    signature: UNSERVABLE_SIGNATURES['unknown-operator'],
  });
  expect(unservable.code).toBe(0);
  expect(JSON.parse(unservable.output)).toMatchObject({ servable: false });
  const unclear = await tryOut({ file: 'relative.onnx' });
  expect([unclear.code, unclear.output]).toEqual([64, '']);
  expect(unclear.errors).toContain('expected an absolute path');
  await rm(directory, { recursive: true });
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
    GREENROOM_ADMIN_PORT: '0',
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

describe('with GREENROOM_STOP_WITH_PARENT', () => {
  let server: TestServer;
  beforeEach(async () => {
    server = await TestServer.create(
      snapshotOf(
        [routeOf('linear', [variantOf('linear-1')])],
        [keyOf('gr_all', ['*'])],
      ),
    );
  });
  afterEach(() => server.close());

  const environment = () => ({
    PATH: process.env.PATH ?? '',
    GREENROOM_CONTROL_PLANE_URL: server.controlPlane.url,
    GREENROOM_CONTROL_PLANE_TOKEN: CONTROL_PLANE_TOKEN,
    GREENROOM_DATA_DIR: server.dataDirectory,
    GREENROOM_PORT: '0',
    GREENROOM_ADMIN_PORT: '0',
    GREENROOM_LAME_DUCK_SECONDS: '0',
    GREENROOM_RECORDS_INTERVAL_MILLIS: '60000',
    GREENROOM_STOP_WITH_PARENT: 'true',
  });
  const answers = async () => {
    const live = await fetch(`${server.url}/v2/health/live`).catch(() => {});
    return live !== undefined;
  };
  const ask = async () => {
    await waitFor(
      async () => (await server.send('/v2/health/ready')).status === 200,
    );
    const { status } = await server.infer('linear', {
      inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 3], data: [1, 2, 3] }],
    });
    expect(status).toBe(200);
    await server.closeConnections();
  };

  it('tells where it serves, that it is alive, and ends cleanly when the channel closes', async () => {
    const child = spawn(process.execPath, [MAIN], {
      env: environment(),
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const [message] = await once(child, 'message');
    expect(message).toEqual({
      type: 'serving',
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:[0-9]+$/),
    });
    expect(await once(child, 'message')).toMatchObject([{ type: 'alive' }]);
    server.url = (message as { url: string }).url;
    await ask();
    child.disconnect();
    expect(await once(child, 'exit')).toEqual([0, null]);
    expect(server.controlPlane.countRecords()).toBe(1);
    expect(server.controlPlane.farewells).toHaveLength(1);
  });

  it('does not outlive a parent that is killed', async () => {
    const parent = spawn(
      process.execPath,
      [
        '-e',
        `const child = require('node:child_process').spawn(process.execPath, [${JSON.stringify(
          MAIN,
        )}], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
        child.on('message', ({ type, url }) => type === 'serving' && console.log(url));`,
      ],
      { env: environment(), stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const [url] = await once(parent.stdout!, 'data');
    server.url = String(url).trim();
    await ask();
    parent.kill('SIGKILL');
    await waitFor(async () => !(await answers()));
    await waitFor(() => server.controlPlane.countRecords() > 0);
    expect(server.controlPlane.countRecords()).toBe(1);
  });

  it('ends with a sentence when nobody holds the other end of a channel', async () => {
    const child = run({ ...environment(), GREENROOM_STOP_WITH_PARENT: 'true' });
    const [errors, [code]] = await Promise.all([
      text(child.stderr!),
      once(child, 'exit'),
    ]);
    expect(code).toBe(78);
    expect(errors).toBe(
      'GREENROOM_STOP_WITH_PARENT is "true": expected to be started with an IPC channel, as the control plane does it.\n',
    );
  });
});
