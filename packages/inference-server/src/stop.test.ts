import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { errorCode } from './errors';
import { CONTROL_PLANE_TOKEN } from './testing/FakeControlPlane';
import { linear, row, v1 } from './testing/linear';
import { askOnNewConnection } from './testing/askOnNewConnection';
import { TestServer } from './testing/startTestServer';
import { waitFor } from './testing/waitFor';

jest.setTimeout(60_000);

const PACKAGE = join(__dirname, '..');
const BODY = JSON.stringify(row);
const HEADERS = { authorization: 'Bearer gr_all' };

let server: TestServer;
let child: ChildProcess | undefined;
const agent = new Agent({ connections: 64 });

beforeAll(() => {
  execFileSync(process.execPath, [join(PACKAGE, 'build.mjs')]);
});

afterAll(() => agent.destroy());

afterEach(async () => {
  child?.kill('SIGKILL');
  await server.close();
});

/** A data plane in a process of its own. */
async function launch(env: Record<string, string> = {}): Promise<ChildProcess> {
  server = await TestServer.create(linear(v1()));
  const launched = spawn(process.execPath, [join(PACKAGE, 'dist/main.cjs')], {
    env: {
      PATH: process.env.PATH ?? '',
      GREENROOM_CONTROL_PLANE_URL: server.controlPlane.url,
      GREENROOM_CONTROL_PLANE_TOKEN: CONTROL_PLANE_TOKEN,
      GREENROOM_DATA_DIR: server.dataDirectory,
      GREENROOM_PORT: '0',
      GREENROOM_ADMIN_PORT: '0',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  launched.stdout.on('data', chunk => {
    output += chunk;
  });
  await waitFor(() => output.includes('"message":"model loaded"'));
  server.url = /"url":"([^"]+)"/.exec(output)?.[1] ?? '';
  server.adminUrl = /"adminUrl":"([^"]+)"/.exec(output)?.[1] ?? '';
  await waitFor(
    async () => (await server.send('/v2/health/ready')).status === 200,
  );
  child = launched;
  return launched;
}

async function askKeepingAlive(): Promise<number> {
  const { statusCode, body } = await request(
    `${server.url}/v2/models/linear/infer`,
    { method: 'POST', headers: HEADERS, body: BODY, dispatcher: agent },
  );
  await body.dump();
  return statusCode;
}

const askAnew = () =>
  askOnNewConnection(`${server.url}/v2/models/linear/infer`, {
    headers: HEADERS,
    body: BODY,
  });

/** Whether the connection was reset before it was open: the listening socket closed just then. */
function isOfConnecting(error: unknown): boolean {
  return (
    typeof error === 'object' &&
    error !== null &&
    'syscall' in error &&
    error.syscall === 'connect'
  );
}

/** Asks until nobody listens any more. */
async function askUntilGone(
  ask: () => Promise<number>,
  seen: { answered: number; lost: string[] },
): Promise<void> {
  for (;;) {
    try {
      const status = await ask();
      if (status === 200) seen.answered++;
      else seen.lost.push(`status ${status}`);
    } catch (error) {
      if (errorCode(error) === 'ECONNREFUSED') return;
      // What was not accepted is not lost: nothing was sent, its caller goes elsewhere.
      if (isOfConnecting(error)) continue;
      seen.lost.push(`${errorCode(error)}: ${error}`);
    }
  }
}

it('loses no request at SIGTERM under load, and counts each that it answered', async () => {
  await launch();
  const { controlPlane } = server;
  const seen = { answered: 0, lost: [] as string[] };
  const callers = [
    ...Array.from({ length: 24 }, () => askUntilGone(askKeepingAlive, seen)),
    ...Array.from({ length: 8 }, () => askUntilGone(askAnew, seen)),
  ];
  await waitFor(() => seen.answered > 500);
  const before = seen.answered;
  child?.kill('SIGTERM');
  // It says that it is not ready to whoever balances the load, and answers all the same.
  await waitFor(
    async () => (await server.send('/v2/health/ready')).status === 503,
  );
  const probe = await server.send('/v2/health/ready', { url: server.adminUrl });
  expect(probe.status).toBe(503);
  const late = await server.infer('linear', row);
  expect([late.status, late.headers.connection]).toEqual([200, 'close']);
  const [code] = await once(child!, 'exit');
  await Promise.all(callers);
  expect([code, seen.lost]).toEqual([0, []]);
  expect(seen.answered).toBeGreaterThan(before);
  expect(controlPlane.countRecords()).toBe(seen.answered + 1);
});

it('does not wait for anybody when nobody calls', async () => {
  await launch({ GREENROOM_LAME_DUCK_SECONDS: '30' });
  await server.closeConnections();
  await new Promise(resolve => {
    setTimeout(resolve, 1_500);
  });
  const startedMillis = Date.now();
  child?.kill('SIGTERM');
  const [code] = await once(child!, 'exit');
  expect(code).toBe(0);
  expect(Date.now() - startedMillis).toBeLessThan(5_000);
});

it('does not wait for connections that nobody uses', async () => {
  await launch({
    GREENROOM_LAME_DUCK_SECONDS: '0',
    GREENROOM_DRAIN_SECONDS: '60',
  });
  const { hostname, port } = new URL(server.url);
  const idle = connect(Number(port), hostname);
  await once(idle, 'connect');
  idle.on('error', () => {});
  const closed = once(idle, 'close');
  const startedMillis = Date.now();
  child?.kill('SIGTERM');
  await Promise.all([once(child!, 'exit'), closed]);
  expect(Date.now() - startedMillis).toBeLessThan(10_000);
});
