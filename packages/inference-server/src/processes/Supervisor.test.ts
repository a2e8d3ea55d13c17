import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../config';
import { createLogger } from '../logger';
import { waitFor } from '../testing/waitFor';
import { Supervisor } from './Supervisor';

let folder: string;
let logs: string[];
let supervisor: Supervisor;
let adminUrl: string;
let url: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'supervisor-'));
  logs = [];
});
afterEach(async () => {
  supervisor.kill();
  await supervisor.stop().catch(() => {});
  await rm(folder, { recursive: true, force: true });
});

/**
 * Supervises a small program in the place of the data plane's.
 *
 * @param program - knows its `slot`, how to `tell` the supervisor, and how to `hear` it
 */
async function supervise(
  program: string,
  settings: Record<string, string> = {},
  lookMillis?: number,
): Promise<void> {
  const file = join(folder, 'program.cjs');
  await writeFile(
    file,
    `const { slot } = JSON.parse(process.argv[3]);
    const tell = message => process.send(message);
    const hear = (type, listener) => process.on('message', (message, handle) => message.type === type && listener(message, handle));
    process.on('disconnect', () => process.exit());
    hear('stop', () => process.exit());
    ${program}`,
  );
  supervisor = new Supervisor({
    config: readConfig({
      GREENROOM_CONTROL_PLANE_TOKEN: 'a-token-for-tests',
      GREENROOM_DATA_DIR: folder,
      GREENROOM_PORT: '0',
      GREENROOM_ADMIN_PORT: '0',
      GREENROOM_PROCESSES: '2',
      ...settings,
    }),
    logger: createLogger({ level: 'info', write: line => logs.push(line) }),
    program: file,
    environment: process.env,
    lookMillis,
  });
  void supervisor.start();
  await waitFor(() => logs.some(line => line.includes('"listening"')));
  const listening = JSON.parse(
    logs.find(line => line.includes('"listening"'))!,
  );
  ({ adminUrl, url } = listening);
}

const SERVE = `tell({ type: 'open' }); tell({ type: 'serving', isReady: true });
  hear('metrics', ({ id }) => tell({ type: 'metrics', id, page: 'a_total ' + slot + '\\n' }));
  hear('connection', ({ id }, socket) => {
    tell({ type: 'taken', id });
    socket.end('HTTP/1.1 200 OK\\r\\nConnection: close\\r\\nContent-Length: 1\\r\\n\\r\\n' + slot);
  });`;

const page = async () => (await fetch(`${adminUrl}/metrics`)).text();
const isReady = async () => (await fetch(`${adminUrl}/v2/health/ready`)).ok;
const ask = async () => (await fetch(url)).text();

it('begins the others when the first one serves', async () => {
  await supervise(`setTimeout(() => { ${SERVE} }, slot === 1 ? 300 : 0);`);
  await waitFor(async () =>
    (await page()).includes('greenroom_processes{state="ready"} 2\n'),
  );
  const order = logs.filter(line => line.includes('process serves'));
  expect(order.map(line => JSON.parse(line).process)).toEqual([1, 2]);
});

it('begins the others also when the first one cannot serve, and goes on trying that', async () => {
  await supervise(`if (slot === 1) process.exit(3); ${SERVE}`);
  await waitFor(isReady);
  expect(await ask()).toBe('2');
  await waitFor(async () =>
    (await page()).includes('greenroom_process_restarts_total 2\n'),
  );
  const ends = logs.filter(line => line.includes('is replaced'));
  expect(ends.slice(0, 2).map(line => JSON.parse(line))).toMatchObject([
    { level: 'error', process: 1, code: 3, pauseMillis: 1_000 },
    { level: 'error', process: 1, code: 3, pauseMillis: 2_000 },
  ]);
});

it('keeps what callers open until somebody takes it', async () => {
  const go = join(folder, 'go');
  await supervise(`const timer = setInterval(() => {
    if (!require('node:fs').existsSync(${JSON.stringify(go)})) return;
    clearInterval(timer);
    ${SERVE}
  }, 10);`);
  const answer = ask();
  await waitFor(async () =>
    (
      await page()
    ).includes('greenroom_connections_waiting{entrance="http"} 1\n'),
  );
  await writeFile(go, '');
  expect(await answer).toBe('1');
  expect(await page()).toContain(
    'greenroom_connections_waiting{entrance="http"} 0\n',
  );
});

it('gives a connection that a process did not take before its end to another one', async () => {
  await supervise(
    `${SERVE} if (slot === 1) { process.removeAllListeners('message'); hear('connection', () => process.exit(4)); }`,
  );
  await waitFor(async () =>
    (await page()).includes('greenroom_processes{state="ready"} 2\n'),
  );
  const answers = await Promise.all([ask(), ask(), ask()]);
  expect(answers).toEqual(['2', '2', '2']);
  expect(await page()).toContain('greenroom_process_restarts_total 1\n');
});

it('replaces a process that lives and takes nothing, as one that can open no more files', async () => {
  await supervise(
    `${SERVE} setInterval(() => tell({ type: 'alive', isReady: true }), 10);
    if (slot === 1) process.removeAllListeners('message');`,
    {},
    100,
  );
  await waitFor(async () =>
    (await page()).includes('greenroom_processes{state="ready"} 2\n'),
  );
  const answers = await Promise.all([ask(), ask(), ask()]);
  expect(answers).toEqual(['2', '2', '2']);
  expect(logs.some(line => line.includes('takes no connections'))).toBe(true);
});

it('shows the pages of those that answer, and counts the others', async () => {
  await supervise(
    `${SERVE} if (slot === 2) process.removeAllListeners('message');`,
  );
  await waitFor(async () =>
    logs.some(line => line.includes('serves","process":2')),
  );
  const merged = await page();
  expect(merged).toMatch(/^a_total\{process="1"\} 1$/m);
  expect(merged).not.toContain('process="2"} 2');
  expect(merged).toMatch(/^greenroom_process_pages_missing_total 1$/m);
});

it.each([
  ['false', true],
  ['true', false],
])(
  'with strict readiness %s it is ready while one process is not: %s',
  async (strict, expected) => {
    await supervise(SERVE.replace('isReady: true', 'isReady: slot === 1'), {
      GREENROOM_STRICT_READINESS: strict,
    });
    await waitFor(async () =>
      (await page()).includes('greenroom_processes{state="not-ready"} 1\n'),
    );
    expect(await isReady()).toBe(expected);
    // Callers are sent to the one that is.
    expect(await Promise.all([ask(), ask(), ask()])).toEqual(['1', '1', '1']);
  },
);

it('says it when a process did not stop in order', async () => {
  await supervise(
    `process.removeAllListeners('message'); hear('stop', () => process.exit(5)); ${SERVE}`,
  );
  await waitFor(isReady);
  await expect(supervisor.stop()).rejects.toThrow(
    'serving processes did not stop in order: 1',
  );
});
