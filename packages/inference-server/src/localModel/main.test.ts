import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { OpenAI } from 'openai';
import { addExternalModel } from '../testing/externalModel';
import { CONTROL_PLANE_TOKEN } from '../testing/FakeControlPlane';
import { keyOf, routeOf, snapshotOf } from '../testing/fixtures';
import { TestServer } from '../testing/startTestServer';
import { waitFor } from '../testing/waitFor';
import { MANIFEST_FILE } from './manifest';

jest.setTimeout(60_000);

const PACKAGE = join(__dirname, '../..');

let programs: string;
/** Local models whose runtime says what it is told. */
let models: string;
let server: TestServer;
let client: OpenAI;

beforeAll(async () => {
  // Within the package, where the program finds what is not bundled.
  await mkdir(join(PACKAGE, 'dist'), { recursive: true });
  programs = await mkdtemp(join(PACKAGE, 'dist/test-'));
  execFileSync(process.execPath, [
    join(PACKAGE, 'build.mjs'),
    '--out',
    programs,
  ]);
  models = await mkdtemp(join(tmpdir(), 'local-models-'));
  await cp(join(PACKAGE, 'fixtures/local-model'), models, { recursive: true });
  const manifest = {
    formatVersion: 1,
    runtime: 'runtime.mjs',
    models: [
      { name: 'small', weights: 'small.gguf' },
      { name: 'broken', weights: 'broken.bin' },
    ],
  };
  await writeFile(join(models, MANIFEST_FILE), JSON.stringify(manifest));
});
afterAll(async () => {
  await rm(programs, { recursive: true, force: true });
  await rm(models, { recursive: true, force: true });
});

beforeEach(async () => {
  server = await TestServer.create();
});
afterEach(() => server.close());

/** Puts the model `bot` into the control plane. */
function wantBot(settings: Record<string, unknown> = {}) {
  const variant = addExternalModel(server.controlPlane, {
    descriptor: { tasks: ['chat', 'completions'], model: 'small' },
    connection: {
      name: 'llm',
      kind: 'local',
      settings: JSON.parse(JSON.stringify(settings)),
    },
  });
  server.controlPlane.snapshot = snapshotOf(
    [routeOf('bot', [variant])],
    [keyOf('gr_all', ['*'])],
  );
}

async function connect(): Promise<void> {
  await waitFor(async () => {
    const { json } = await server.send('/v1/models', { key: 'gr_all' });
    return json?.data?.length === 1;
  });
  client = new OpenAI({
    baseURL: `${server.url}/v1`,
    apiKey: 'gr_all',
    maxRetries: 0,
  });
}

async function start(
  settings: Record<string, unknown> = {},
  environment: Record<string, string> = { GREENROOM_LOCAL_MODELS_DIR: models },
): Promise<void> {
  wantBot(settings);
  const localModelProgram = join(programs, 'localModel.cjs');
  await server.start(environment, { localModelProgram });
  await connect();
}

const chat = (content: string, more: Record<string, unknown> = {}) =>
  client.chat.completions.create({
    model: 'bot',
    messages: [{ role: 'user', content }],
    ...more,
    stream: false,
  });
const failure = async (call: Promise<unknown>) => {
  const error = await call.then(
    () => new Error('it was answered'),
    (thrown: unknown) => thrown,
  );
  return error as InstanceType<typeof OpenAI.APIError>;
};
/** Processes that were started, as the log tells. */
const pids = () =>
  server.logs
    .map(line => JSON.parse(line))
    .filter(({ message }) => message === 'a local model runs')
    .map(({ pid }) => Number(pid));
const lives = (pid: number) => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

it('is there when it is called, and ends with the data plane', async () => {
  await start();
  expect(pids()).toEqual([]);
  const answer = await chat('Say this again.');
  expect(answer.choices[0].message.content).toBe('Say this again. ');
  expect(answer.usage).toMatchObject({
    prompt_tokens: 3,
    completion_tokens: 3,
  });
  const json = await chat('As JSON', {
    response_format: { type: 'json_object' },
  });
  expect(json.choices[0].message.content).toBe('{"answer": 42}');
  const { choices } = await client.completions.create({
    model: 'bot',
    prompt: 'Once upon a time',
    max_tokens: 2,
  });
  expect(choices[0]).toMatchObject({
    text: 'Once upon ',
    finish_reason: 'length',
  });
  const [pid, ...others] = pids();
  expect(others).toEqual([]);
  await server.stop();
  expect(lives(pid)).toBe(false);
});

it('stops when nobody calls, and is there again for the next call', async () => {
  await start({ idleSeconds: 1 });
  await chat('Hello');
  const [first] = pids();
  await waitFor(() => !lives(first));
  await chat('Hello again');
  expect(pids()).toHaveLength(2);
});

it('says that it broke off when it crashes, rests, and runs again', async () => {
  await start();
  await chat('Hello');
  const crash = await failure(chat('crash'));
  expect(crash.status).toBe(502);
  await waitFor(() =>
    server.logs.some(line => line.includes('a local model does not run')),
  );
  const resting = await failure(chat('Hello'));
  expect(resting.status).toBe(503);
  expect(resting.message).toMatch(/ended by itself \(killed by SIGSEGV\)/);
  await sleep(Number(resting.headers?.get('retry-after')) * 1_000);
  await chat('Hello');
  expect(pids()).toHaveLength(2);
});

it('refuses more than may wait', async () => {
  await start({ maxWaiting: 1 });
  const gone = new AbortController();
  const call = () =>
    failure(
      client.chat.completions.create(
        {
          model: 'bot',
          messages: [{ role: 'user', content: 'slowly' }],
        },
        { signal: gone.signal },
      ),
    );
  const answers = [call(), call(), call()];
  const refused = await Promise.race(answers);
  expect(refused.status).toBe(429);
  expect(refused.message).toMatch(/one request is answered at a time/);
  gone.abort();
  await Promise.all(answers);
  // Who went away holds nobody up, as soon as the process has heard of it.
  await waitFor(async () => {
    const answer = await chat('Hello').catch(() => undefined);
    return answer?.choices[0].message.content === 'Hello ';
  });
});

it('stops writing when the caller goes away', async () => {
  await start();
  const stream = await client.chat.completions.create({
    model: 'bot',
    messages: [{ role: 'user', content: 'slowly and on and on' }],
    max_tokens: 2_000,
    stream: true,
  });
  for await (const chunk of stream) {
    if (chunk.choices[0].delta.content) break;
  }
  const leftMillis = performance.now();
  await chat('Hello');
  // All that it would have written takes 40 s.
  expect(performance.now() - leftMillis).toBeLessThan(5_000);
});

it('says what to do where none is installed', async () => {
  await start({}, {});
  const error = await failure(chat('Hello'));
  expect(error.status).toBe(503);
  expect(error.message).toMatch(
    /"llm": no local model is installed: `npm run llm:local` installs one/,
  );
});

it('says why it does not start', async () => {
  await start({ model: 'broken' });
  const error = await failure(chat('Hello'));
  expect(error.status).toBe(503);
  expect(error.message).toMatch(/does not start: no GGUF file/);
});

it('does not outlive a data plane that is killed', async () => {
  wantBot();
  const child: ChildProcess = spawn(
    process.execPath,
    [join(programs, 'main.cjs')],
    {
      env: {
        PATH: process.env.PATH,
        GREENROOM_CONTROL_PLANE_URL: server.controlPlane.url,
        GREENROOM_CONTROL_PLANE_TOKEN: CONTROL_PLANE_TOKEN,
        GREENROOM_DATA_DIR: server.dataDirectory,
        GREENROOM_LOCAL_MODELS_DIR: models,
        GREENROOM_PORT: '0',
        GREENROOM_ADMIN_PORT: '0',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  child.stdout!.on('data', chunk =>
    server.logs.push(...String(chunk).trimEnd().split('\n')),
  );
  await waitFor(() => server.logs.some(line => line.includes('"listening"')));
  const line = server.logs.find(one => one.includes('"listening"'));
  server.url = JSON.parse(line ?? '').url;
  await connect();
  await chat('Hello');
  const [pid] = pids();
  expect(lives(pid)).toBe(true);
  // While it writes, too.
  const broken = failure(chat('slowly', { max_tokens: 2_000 }));
  await sleep(100);
  child.kill('SIGKILL');
  await Promise.all([once(child, 'exit'), broken]);
  await waitFor(() => !lives(pid));
  expect(lives(pid)).toBe(false);
});
