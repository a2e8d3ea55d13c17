import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir, stat } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { Agent, request } from 'undici';
import { readConfig } from './config';
import { errorCode } from './errors';
import { createLogger } from './logger';
import { Supervisor } from './processes/Supervisor';
import { CONTROL_PLANE_TOKEN } from './testing/FakeControlPlane';
import { GrpcTestClient, readProtocol } from './testing/grpcClient';
import { linear, row, v1, v2 } from './testing/linear';
import { askOnNewConnection } from './testing/askOnNewConnection';
import { TestServer } from './testing/startTestServer';
import { waitFor } from './testing/waitFor';

jest.setTimeout(90_000);

const PACKAGE = join(__dirname, '..');
const MAIN = join(PACKAGE, 'dist/main.cjs');
const BODY = JSON.stringify(row);
const HEADERS = { authorization: 'Bearer gr_all' };
const PROCESSES = 2;

let server: TestServer;
let child: ChildProcess | undefined;
let output = '';
/** Process ids of all serving processes that there were. */
const pids = () =>
  [
    ...output.matchAll(/"a serving process serves","process":\d+,"pid":(\d+)/g),
  ].map(([, pid]) => Number(pid));
const pidOf = (slot: number) =>
  Number(
    [
      ...output.matchAll(
        /"a serving process serves","process":(\d+),"pid":(\d+)/g,
      ),
    ].findLast(([, process]) => Number(process) === slot)?.[2],
  );

beforeAll(() => {
  execFileSync(process.execPath, [join(PACKAGE, 'build.mjs')]);
});

beforeEach(async () => {
  server = await TestServer.create(linear(v1()));
});

afterEach(async () => {
  child?.kill('SIGKILL');
  await waitFor(() => pids().every(pid => !isAlive(pid)), 40_000);
  child = undefined;
  output = '';
  await server.close();
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

const environment = (env: Record<string, string> = {}) => ({
  PATH: process.env.PATH ?? '',
  GREENROOM_CONTROL_PLANE_URL: server.controlPlane.url,
  GREENROOM_CONTROL_PLANE_TOKEN: CONTROL_PLANE_TOKEN,
  GREENROOM_DATA_DIR: server.dataDirectory,
  GREENROOM_PORT: '0',
  GREENROOM_ADMIN_PORT: '0',
  GREENROOM_GRPC_PORT: '0',
  GREENROOM_LAME_DUCK_SECONDS: '0',
  GREENROOM_PROCESSES: String(PROCESSES),
  ...env,
});

async function launch(
  env: Record<string, string> = {},
  options: { detached?: boolean; ipc?: boolean } = {},
): Promise<ChildProcess> {
  const launched = spawn(process.execPath, [MAIN], {
    env: environment(env),
    stdio: [
      'ignore',
      'pipe',
      'inherit',
      ...(options.ipc ? ['ipc' as const] : []),
    ],
    detached: options.detached,
  });
  child = launched;
  launched.stdout!.on('data', chunk => {
    output += chunk;
  });
  await untilAllServe();
  return launched;
}

/** Until each of the places has a process that serves. */
async function untilAllServe(): Promise<void> {
  await waitFor(() => output.includes('"adminUrl"'));
  server.url = /"url":"([^"]+)"/.exec(output)?.[1] ?? '';
  server.adminUrl = /"adminUrl":"([^"]+)"/.exec(output)?.[1] ?? '';
  server.grpcAddress = /"grpcAddress":"([^"]+)"/.exec(output)?.[1];
  await waitFor(async () =>
    (
      await server.metrics()
    ).includes(`greenroom_processes{state="ready"} ${PROCESSES}\n`),
  );
}

/** How many requests each process has answered, by its page. */
async function answeredBy(): Promise<Map<string, number>> {
  const page = await server.metrics();
  const answered = new Map<string, number>();
  for (const [, by, count] of page.matchAll(
    /^greenroom_requests_total\{process="(\d+)",[^}]*status="200"[^}]*\} (\d+)$/gm,
  )) {
    answered.set(by, (answered.get(by) ?? 0) + Number(count));
  }
  return answered;
}

/** The rules of the text format that a merged page could break. */
function checkPage(page: string): void {
  const declared = new Set<string>();
  let family = '';
  for (const line of page.trimEnd().split('\n')) {
    const [, name] =
      /^# TYPE (\S+) (?:counter|gauge|histogram)$/.exec(line) ?? [];
    if (name !== undefined) {
      expect(declared.has(name)).toBe(false);
      declared.add(name);
      family = name;
    } else if (!line.startsWith('# HELP ')) {
      expect(line).toMatch(/^\w+(?:\{\w+="[^"]*"(?:,\w+="[^"]*")*\})? \S+$/);
      const [sample] = /^\w+/.exec(line)!;
      expect([sample, sample.replace(/_(?:bucket|sum|count)$/, '')]).toContain(
        family,
      );
    }
  }
  expect(declared.size).toBeGreaterThan(10);
}

function sum(counts: Map<string, number>): number {
  return [...counts.values()].reduce((total, count) => total + count, 0);
}

const askAnew = () =>
  askOnNewConnection(`${server.url}/v2/models/linear/infer`, {
    headers: HEADERS,
    body: BODY,
  });

/** Callers that keep a connection each, and ask again and again until they are told to stop. */
class Callers {
  answered = 0;
  readonly failures: string[] = [];
  /** Whose they are. */
  readonly failed: Agent[] = [];
  readonly #agents: Agent[];
  readonly #running: Promise<void>[];
  #stopped = false;

  constructor(count: number) {
    this.#agents = Array.from(
      { length: count },
      () => new Agent({ connections: 1 }),
    );
    this.#running = this.#agents.map(agent => this.#ask(agent));
  }

  /** Asks until it is told to stop, or nobody listens any more. */
  async #ask(dispatcher: Agent): Promise<void> {
    while (!this.#stopped) {
      try {
        const { statusCode, body } = await request(
          `${server.url}/v2/models/linear/infer`,
          { method: 'POST', headers: HEADERS, body: BODY, dispatcher },
        );
        await body.dump();
        if (statusCode === 200) this.answered++;
        else this.failures.push(`status ${statusCode}`);
      } catch (error) {
        if (errorCode(error) === 'ECONNREFUSED') return;
        // What was not accepted is not lost: its caller goes elsewhere.
        if (Object(error).syscall === 'connect') continue;
        this.failures.push(`${errorCode(error)}: ${error}`);
        this.failed.push(dispatcher);
      }
    }
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.ended();
  }

  async ended(): Promise<void> {
    await Promise.all(this.#running);
    await Promise.all(this.#agents.map(agent => agent.destroy()));
  }
}

it('answers by each process, over REST and gRPC, as whole data planes that share their files', async () => {
  const running = await launch();
  for (let i = 0; i < 20; i++) expect(await askAnew()).toBe(200);
  const before = await answeredBy();
  // In turn, but for what was just closed.
  expect(Math.min(...before.values())).toBeGreaterThanOrEqual(5);
  expect([before.size, sum(before)]).toEqual([2, 20]);

  const root = readProtocol('proto/grpc_service.proto');
  const clients = Array.from(
    { length: PROCESSES },
    () =>
      new GrpcTestClient({ root, address: server.grpcAddress!, key: 'gr_all' }),
  );
  for (const client of clients) {
    const asked = {
      model_name: 'linear',
      inputs: [
        {
          name: 'x',
          datatype: 'FP32',
          shape: [1, 3],
          contents: { fp32_contents: [1, 2, 3] },
        },
      ],
    };
    expect(await client.call('ModelInfer', asked)).toMatchObject({
      model_name: 'linear',
    });
  }
  checkPage(await server.metrics());
  const after = await answeredBy();
  expect(['1', '2'].map(by => after.get(by)! - before.get(by)!)).toEqual([
    1, 1,
  ]);
  clients.forEach(client => client.close());

  // Fetched once, and one file under two names.
  expect(server.controlPlane.artifactRequests).toBe(1);
  const inodes = await Promise.all(
    [1, 2].map(async slot => {
      const folder = join(
        server.environmentDirectory,
        `process-${slot}`,
        'artifacts',
      );
      const [name] = (await readdir(folder)).filter(each => each !== 'bundles');
      return (await stat(join(folder, name))).ino;
    }),
  );
  expect(new Set(inodes).size).toBe(1);
  const { controlPlane } = server;
  // Also what both hear of at once.
  controlPlane.snapshot = linear(v2());
  await waitFor(() => output.split('"message":"model loaded"').length === 5);
  expect(controlPlane.artifactRequests).toBe(2);
  const producers = new Set(
    controlPlane.reports.map(({ producer }) => producer),
  );
  const urls = new Set(controlPlane.reports.map(({ publicUrl }) => publicUrl));
  expect([producers.size, [...urls]]).toEqual([2, [server.url]]);
  expect(output).toMatch(/"message":"model loaded","process":2,/);

  running.kill('SIGTERM');
  expect(await once(running, 'exit')).toEqual([0, null]);
  expect(controlPlane.countRecords()).toBe(22);
  expect(new Set(controlPlane.farewells).size).toBe(2);
  expect(pids().some(isAlive)).toBe(false);
});

it('loses only what is in a process that is killed, and replaces it', async () => {
  await launch();
  const callers = new Callers(8);
  await waitFor(() => callers.answered > 500);
  const had = Number(
    /greenroom_process_connections\{process="1",entrance="http"\} (\d+)/.exec(
      await server.metrics(),
    )?.[1],
  );
  process.kill(pidOf(1), 'SIGKILL');
  await waitFor(() => pids().length === PROCESSES + 1);
  const before = callers.answered;
  await waitFor(() => callers.answered > before + 500);
  await untilAllServe();
  await callers.stop();
  // At most one for each connection that it had: its share of them.
  expect(callers.failures.length).toBeGreaterThanOrEqual(1);
  expect(callers.failures.length).toBeLessThanOrEqual(had);
  expect(had).toBeLessThan(8);
  expect(new Set(callers.failed).size).toBe(callers.failures.length);
  expect(
    callers.failures.filter(why => !/SOCKET|ECONNRESET/.test(why)),
  ).toEqual([]);
  expect(output).toMatch(
    /"a serving process has ended and is replaced","process":1,"code":null,"signal":"SIGKILL"/,
  );
  expect(await server.metrics()).toContain(
    'greenroom_process_restarts_total 1\n',
  );
  // New connections go to the one that has none.
  const counts = await answeredBy();
  for (let i = 0; i < 4; i++) expect(await askAnew()).toBe(200);
  expect((await answeredBy()).get('1')).toBeGreaterThan(counts.get('1') ?? 0);
});

it('replaces a process that hangs, and gives what it had not taken to another one', async () => {
  const logs: string[] = [];
  const supervisor = new Supervisor({
    config: readConfig({ ...environment(), GREENROOM_DRAIN_SECONDS: '5' }),
    logger: createLogger({ level: 'info', write: line => logs.push(line) }),
    program: MAIN,
    environment: { ...environment(), GREENROOM_LOG_LEVEL: 'error' },
    lookMillis: 600,
  });
  ({ url: server.url, adminUrl: server.adminUrl } = await supervisor.start());
  await untilReady(supervisor);
  const [hung] = supervisor.pids;
  process.kill(hung!, 'SIGSTOP');
  // One of them is given to it, and waits until it is gone; all are answered.
  const statuses = await Promise.all(
    Array.from({ length: 10 }, () => askAnew()),
  );
  expect(statuses).toEqual(Array(10).fill(200));
  expect(logs.join('\n')).toContain('a serving process hangs and is ended');
  // It is not asked for its page for ever.
  await untilReady(supervisor);
  expect(supervisor.pids[0]).not.toBe(hung);
  await server.closeConnections();
  await supervisor.stop();
});

async function untilReady(supervisor: Supervisor): Promise<void> {
  const { adminUrl } = server;
  await waitFor(async () => {
    const page = await (await fetch(`${adminUrl}/metrics`)).text();
    return page.includes(
      `greenroom_processes{state="ready"} ${supervisor.pids.length}\n`,
    );
  });
}

it('loses no request at SIGTERM under load, and counts each that it answered', async () => {
  const running = await launch({ GREENROOM_LAME_DUCK_SECONDS: '2' });
  const callers = new Callers(16);
  const knocking: Promise<void>[] = [];
  const seen = { answered: 0, lost: [] as string[] };
  const knock = async () => {
    for (;;) {
      try {
        const status = await askAnew();
        if (status === 200) seen.answered++;
        else seen.lost.push(`status ${status}`);
      } catch (error) {
        if (errorCode(error) === 'ECONNREFUSED') return;
        if (Object(error).syscall === 'connect') continue;
        seen.lost.push(`${errorCode(error)}: ${error}`);
      }
    }
  };
  for (let i = 0; i < 8; i++) knocking.push(knock());
  await waitFor(() => callers.answered > 500 && seen.answered > 100);
  running.kill('SIGTERM');
  await waitFor(
    async () => (await server.send('/v2/health/ready')).status === 503,
  );
  const probe = await server.send('/v2/health/ready', { url: server.adminUrl });
  expect(probe.status).toBe(503);
  expect(await once(running, 'exit')).toEqual([0, null]);
  await Promise.all([callers.ended(), ...knocking]);
  expect([callers.failures, seen.lost]).toEqual([[], []]);
  expect(server.controlPlane.countRecords()).toBe(
    callers.answered + seen.answered,
  );
});

it('leaves no process behind when the supervisor is killed, and no record', async () => {
  const running = await launch({ GREENROOM_RECORDS_INTERVAL_MILLIS: '60000' });
  for (let i = 0; i < 4; i++) expect(await askAnew()).toBe(200);
  running.kill('SIGKILL');
  await waitFor(() => pids().every(pid => !isAlive(pid)));
  expect(server.controlPlane.countRecords()).toBe(4);
});

it('takes the Ctrl-C of a terminal, which reaches all processes, as one, and waits for no idle connection', async () => {
  const running = await launch(
    { GREENROOM_DRAIN_SECONDS: '300' },
    { detached: true },
  );
  await server.send('/v2/health/live');
  const { hostname, port } = new URL(server.url);
  const silent = connect(Number(port), hostname);
  silent.on('error', () => {});
  await once(silent, 'connect');
  for (let i = 0; i < 4; i++) expect(await askAnew()).toBe(200);
  process.kill(-running.pid!, 'SIGINT');
  expect(await once(running, 'exit')).toEqual([0, null]);
  expect(server.controlPlane.countRecords()).toBe(4);
});

it('ends at once when it is asked a second time', async () => {
  const running = await launch({ GREENROOM_LAME_DUCK_SECONDS: '60' });
  const { hostname, port } = new URL(server.url);
  const sockets = Array.from({ length: 4 }, () =>
    connect(Number(port), hostname),
  );
  await Promise.all(sockets.map(socket => once(socket, 'connect')));
  sockets.forEach(socket => socket.on('error', () => {}));
  running.kill('SIGTERM');
  await waitFor(() => output.includes('"stopping"'));
  running.kill('SIGTERM');
  expect(await once(running, 'exit')).toEqual([1, null]);
  await waitFor(() => !pids().some(isAlive));
});

it('tells the one that started it where it serves and that it is alive, and stops with it', async () => {
  const running = spawn(process.execPath, [MAIN], {
    env: environment({ GREENROOM_STOP_WITH_PARENT: 'true' }),
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const [message] = await once(running, 'message');
  expect(message).toEqual({
    type: 'serving',
    url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:[0-9]+$/),
  });
  expect(await once(running, 'message')).toMatchObject([{ type: 'alive' }]);
  server.url = (message as { url: string }).url;
  expect(await askAnew()).toBe(200);
  running.disconnect();
  expect(await once(running, 'exit')).toEqual([0, null]);
  expect(server.controlPlane.countRecords()).toBe(1);
});

it('sends the records of processes that there are no more, and fetches nothing again', async () => {
  const running = await launch();
  server.controlPlane.failsWith = 503;
  for (let i = 0; i < 6; i++) expect(await askAnew()).toBe(200);
  running.kill('SIGTERM');
  expect(await once(running, 'exit')).toEqual([0, null]);
  expect(await readdir(server.environmentDirectory)).toEqual([
    'process-1',
    'process-2',
  ]);
  // One process alone, and the control plane is still away.
  const alone = spawn(process.execPath, [MAIN], {
    env: environment({
      GREENROOM_PROCESSES: '1',
      GREENROOM_RECORDS_INTERVAL_MILLIS: '100',
    }),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child = alone;
  alone.stdout!.on('data', chunk => {
    output += chunk;
  });
  await waitFor(() => output.split('"model loaded"').length > PROCESSES + 1);
  server.controlPlane.failsWith = undefined;
  await waitFor(() => server.controlPlane.countRecords() === 6);
  expect(server.controlPlane.artifactRequests).toBe(1);
  alone.kill('SIGTERM');
  expect(await once(alone, 'exit')).toEqual([0, null]);
  const left = await readdir(server.environmentDirectory);
  expect(left.filter(name => name.startsWith('process-'))).toEqual([]);
});

it('ends with one sentence when a port is taken, or a share would be nothing', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const { port } = other.address() as AddressInfo;
  const ended = async (env: Record<string, string>) => {
    const run = spawn(process.execPath, [MAIN], { env: environment(env) });
    const [out, errors, [code]] = await Promise.all([
      text(run.stdout!),
      text(run.stderr!),
      once(run, 'exit'),
    ]);
    return { code, said: out + errors };
  };
  const taken = await ended({ GREENROOM_PORT: String(port) });
  other.close();
  expect(taken.code).toBe(1);
  expect(taken.said.split(`port ${port} is taken`)).toHaveLength(2);
  const small = await ended({ GREENROOM_MAX_REQUESTS_IN_FLIGHT: '1' });
  expect([small.code, small.said]).toEqual([
    78,
    'GREENROOM_MAX_REQUESTS_IN_FLIGHT is 1: expected at least 2, 1 for each of the processes (GREENROOM_PROCESSES).\n',
  ]);
});
