import type { ArtifactStore } from '@greenroom/artifact-store';
import type {
  AttemptEnd,
  JobResources,
} from '@greenroom/plugin-ai-training-common';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { create as pack } from 'tar';
import type {
  AttemptId,
  LogPart,
  ObservedAttempt,
  TrainingBackend,
  WantedAttempt,
} from '../TrainingBackend';

const LOOK_AGAIN_MILLIS = 100;
const PATIENCE_MILLIS = 50_000;
const MEBIBYTE = 1024 ** 2;
const MANY = 50;

/** One backend under test. Programs of it can run `node` with the files of their source. */
export interface TrainingBackendHarness {
  backend: TrainingBackend;
  /** That the backend reads sources and datasets from. */
  artifacts: ArtifactStore;
  /** The control plane dies, and another one begins over the same state; `backend` is the new one from then on. */
  restart(): Promise<TrainingBackend>;
  /** The control plane is gone: nobody calls the backend any more, and nothing of it is tidied up. */
  abandon(): Promise<void>;
  /** Whether a process of this machine is there, by the number that the program itself knows it by. */
  isThere(pid: number): boolean;
  /** Image that programs are named with, where a backend needs one. */
  image?: string;
  /** Ends what still runs. */
  dispose(): Promise<void>;
  /** How many are started at once; {@link MANY} where it is left out. */
  many?: number;
}

/** A program under test: its files by path. */
export type ProgramFiles = Record<string, string>;

/** Packs files as a template's folder is packed, and stores them. */
export async function storeSource(
  artifacts: Pick<ArtifactStore, 'put'>,
  files: ProgramFiles,
): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'source-'));
  try {
    for (const [path, content] of Object.entries(files)) {
      await writeFile(join(folder, path), content, { mode: 0o755 });
    }
    const packed = pack({ cwd: folder, gzip: true, portable: true }, ['.']);
    const { digest } = await artifacts.put(packed);
    return digest;
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** Stores bytes as an artifact. */
async function storeBytes(
  artifacts: Pick<ArtifactStore, 'put'>,
  text: string,
): Promise<{
  digest: WantedAttempt['datasets'][number]['files'][number]['digest'];
  sizeBytes: number;
}> {
  return artifacts.put(Readable.from([Buffer.from(text)]));
}

/** An attempt that runs `node program.mjs` of a source. */
export function wantedAttempt(
  sourceDigest: string,
  changes: Partial<WantedAttempt> = {},
): WantedAttempt {
  const resources: JobResources = { count: 1, nodes: 1 };
  return {
    job: randomUUID(),
    number: 1,
    program: { command: ['node', 'program.mjs'] },
    sourceDigest,
    parameters: {},
    datasets: [],
    resources,
    deadlineSeconds: 600,
    priority: 'normal',
    checkpoints: false,
    environment: {},
    run: 'run-1',
    team: 'group:default/team-a',
    template: 'digits',
    ...changes,
  };
}

/** Looks again and again until it is so. */
export async function until<T>(
  look: () => Promise<T | undefined>,
  what: string,
): Promise<T> {
  const endMillis = performance.now() + PATIENCE_MILLIS;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (performance.now() > endMillis) throw new Error(`no ${what} in time`);
    await new Promise(resolve => setTimeout(resolve, LOOK_AGAIN_MILLIS));
  }
}

/** What each adapter of {@link TrainingBackend} must do. */
export function trainingBackendConformance(
  create: () => Promise<TrainingBackendHarness>,
): void {
  let harness: TrainingBackendHarness;

  beforeEach(async () => {
    harness = await create();
  });
  afterEach(() => harness.dispose());

  const wanting = async (
    program: string,
    changes: Partial<WantedAttempt> = {},
  ): Promise<WantedAttempt> => {
    const digest = await storeSource(harness.artifacts, {
      'program.mjs': program,
    });
    const wanted = wantedAttempt(digest, changes);
    const { image } = harness;
    return {
      ...wanted,
      program: { ...wanted.program, ...(image && { image }) },
    };
  };
  const start = async (
    program: string,
    changes: Partial<WantedAttempt> = {},
  ): Promise<WantedAttempt> => {
    const wanted = await wanting(program, changes);
    await harness.backend.start(wanted, `token-of-${wanted.job}`);
    return wanted;
  };
  const find = async (id: AttemptId): Promise<ObservedAttempt | undefined> =>
    (await harness.backend.observe()).find(
      ({ job, number }) => job === id.job && number === id.number,
    );
  const running = (id: AttemptId) =>
    until(async () => {
      const state = (await find(id))?.state;
      if (state?.phase === 'ended') {
        throw new Error(`it has ended: ${JSON.stringify(state.end)}`);
      }
      return state?.phase === 'running' ? state : undefined;
    }, 'running program');
  const ended = (id: AttemptId): Promise<AttemptEnd> =>
    until(async () => {
      const state = (await find(id))?.state;
      return state?.phase === 'ended' ? state.end : undefined;
    }, 'end');
  const readAll = async (id: AttemptId, mostBytes = 100_000) => {
    const parts: LogPart[] = [];
    for (let fromByte = 0; ; ) {
      const part = await harness.backend.readLog(id, { fromByte, mostBytes });
      parts.push(part);
      fromByte = part.fromByte + part.bytes.length;
      if (part.isEnd) return parts;
      if (part.bytes.length === 0) {
        await new Promise(resolve => setTimeout(resolve, LOOK_AGAIN_MILLIS));
      }
    }
  };
  const textOf = async (id: AttemptId) =>
    Buffer.concat((await readAll(id)).map(({ bytes }) => bytes)).toString();
  /** Waits until the log has something, and gives what the pattern finds in it. */
  const said = (id: AttemptId, pattern: RegExp) =>
    until(async () => {
      const { bytes } = await harness.backend.readLog(id, {
        fromByte: 0,
        mostBytes: MEBIBYTE,
      });
      return pattern.exec(bytes.toString()) ?? undefined;
    }, `${pattern} in the log`);

  it('runs a program with its parameters, data, run and token, and nothing of the control plane', async () => {
    process.env.SECRET_OF_THE_BACKEND = 'hunter2';
    const file = await storeBytes(harness.artifacts, 'a,b\n1,2\n');
    const wanted = await start(
      `import { readFileSync } from 'node:fs';
       const { env, argv } = process;
       console.log(JSON.stringify({
         arguments: argv.slice(2),
         rate: env.GREENROOM_PARAM_LEARNING_RATE,
         isQuick: env.GREENROOM_PARAM_QUICK,
         rows: readFileSync(env.GREENROOM_DATASET_TRAIN + '/deep/rows.csv', 'utf8'),
         run: env.MLFLOW_RUN_ID,
         token: env.MLFLOW_TRACKING_TOKEN.length,
         status: readFileSync(env.KUBEFLOW_TRAINER_SERVER_TOKEN, 'utf8').trim() === env.MLFLOW_TRACKING_TOKEN,
         older: env.KUBEFLOW_TRAINER_STATUS_TOKEN === env.KUBEFLOW_TRAINER_SERVER_TOKEN,
         url: env.KUBEFLOW_TRAINER_SERVER_URL,
         secret: env.SECRET_OF_THE_BACKEND,
         checkpoints: env.GREENROOM_CHECKPOINTS,
       }));`,
      {
        program: {
          command: [
            'node',
            'program.mjs',
            '--rate={{ learning_rate }}',
            '{{title}}',
          ],
        },
        parameters: {
          learning_rate: 0.01,
          quick: true,
          title: '$(touch /tmp/never); "a b" \'',
        },
        datasets: [
          {
            name: 'train',
            digest: 'sha256:of-the-bundle',
            files: [{ path: 'deep/rows.csv', ...file }],
          },
        ],
        environment: {
          MLFLOW_RUN_ID: 'run-1',
          KUBEFLOW_TRAINER_STATUS_URL: 'http://127.0.0.1:9/status',
        },
      },
    );
    expect(await ended(wanted)).toEqual({ kind: 'succeeded' });
    expect(JSON.parse(await textOf(wanted))).toEqual({
      arguments: ['--rate=0.01', '$(touch /tmp/never); "a b" \''],
      rate: '0.01',
      isQuick: 'true',
      rows: 'a,b\n1,2\n',
      run: 'run-1',
      token: `token-of-${wanted.job}`.length,
      status: true,
      older: true,
      // Pods may reach the control plane elsewhere than it says.
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/.*status$/),
    });
  });

  it('says how a program failed, with its last lines', async () => {
    const wanted = await start(
      `for (let i = 0; i < 100; i++) console.log('line ' + i);
       await new Promise(resolve => setTimeout(resolve, 200));
       console.error('no such column: price');
       process.exitCode = 3;`,
    );
    const end = await ended(wanted);
    expect(end).toMatchObject({ kind: 'program-failed', exitCode: 3 });
    const { lastLines } = end as Extract<AttemptEnd, { lastLines: string }>;
    expect(lastLines).toMatch(/line 99\nno such column: price$/);
    expect(lastLines.length).toBeLessThan(10_000);
  });

  it('ends a program that needs more memory than it may have, with all that it began', async () => {
    const wanted = await start(
      `import { spawn } from 'node:child_process';
       const grow = 'const kept = []; setInterval(() => kept.push(Buffer.alloc(20 * ${MEBIBYTE}, 1)), 50)';
       const child = spawn(process.execPath, ['-e', grow], { stdio: 'ignore' });
       console.log('pid', child.pid);
       setInterval(() => {}, 1000);`,
      { resources: { count: 1, nodes: 1, memory: '250Mi' } },
    );
    const end = await ended(wanted);
    expect(end).toEqual({
      kind: 'out-of-memory',
      limitBytes: 250 * MEBIBYTE,
    });
    const [, pid] = await said(wanted, /pid (\d+)/);
    expect(harness.isThere(Number(pid))).toBe(false);
  });

  it('tells a program to stop, and gives it time for a checkpoint', async () => {
    const wanted = await start(
      `process.on('SIGTERM', () => setTimeout(() => { console.log('saved'); process.exit(0); }, 500));
       console.log('ready');
       setInterval(() => {}, 1000);`,
    );
    await said(wanted, /ready/);
    await harness.backend.stop(wanted, { graceSeconds: 30 });
    await harness.backend.stop(wanted, { graceSeconds: 30 });
    await ended(wanted);
    expect(await textOf(wanted)).toContain('saved');
  });

  it('kills what does not stop in time, and all that it has begun', async () => {
    const wanted = await start(
      `import { spawn } from 'node:child_process';
       process.on('SIGTERM', () => console.log('told'));
       const deaf = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('deaf')";
       const child = spawn(process.execPath, ['-e', deaf], { stdio: ['ignore', 'pipe', 'ignore'] });
       child.stdout.once('data', () => console.log('pids', process.pid, child.pid, 'ready'));
       setInterval(() => {}, 1000);`,
    );
    const [, ...pids] = await said(wanted, /pids (\d+) (\d+) ready/);
    const beganMillis = performance.now();
    await harness.backend.stop(wanted, { graceSeconds: 2 });
    const end = await ended(wanted);
    expect(end.kind).not.toBe('succeeded');
    expect(performance.now() - beganMillis).toBeGreaterThan(1_500);
    expect(await textOf(wanted)).toContain('told');
    await until(
      async () =>
        pids.every(pid => !harness.isThere(Number(pid))) ? true : undefined,
      'end of all processes',
    );
  });

  it('runs an attempt that is started twice once', async () => {
    const wanted = await wanting(
      `console.log('began'); setTimeout(() => {}, 2000);`,
    );
    await Promise.all([
      harness.backend.start(wanted, 'token-1'),
      harness.backend.start(wanted, 'token-1'),
    ]);
    await running(wanted);
    await harness.backend.start(wanted, 'token-1');
    expect(await ended(wanted)).toEqual({ kind: 'succeeded' });
    await harness.backend.start(wanted, 'token-1');
    expect(await ended(wanted)).toEqual({ kind: 'succeeded' });
    expect(await textOf(wanted)).toBe('began\n');
  });

  it('goes on with what runs after the control plane was started again', async () => {
    const wanted = await start(
      `console.log('pid', process.pid);
       process.on('SIGTERM', () => process.exit(7));
       setInterval(() => {}, 1000);`,
    );
    await running(wanted);
    const [, pid] = await said(wanted, /pid (\d+)/);
    await harness.restart();
    const seen = await find(wanted);
    if (seen?.state.phase === 'running') {
      await harness.backend.start(wanted, 'token-2');
      await harness.backend.stop(wanted, { graceSeconds: 30 });
    }
    // Adopted or lost, but never running for ever.
    const end = await ended(wanted);
    expect(['program-failed', 'lost', 'stopped']).toContain(end.kind);
    expect(harness.isThere(Number(pid))).toBe(false);
    expect((await textOf(wanted)).match(/pid/g)).toHaveLength(1);
  });

  it('begins what a control plane had begun to prepare when it died', async () => {
    const wanted = await wanting(`console.log('began')`);
    await harness.backend.start(wanted, 'token-1');
    await harness.restart();
    await until(async () => {
      if (await find(wanted)) return true;
      await harness.backend.start(wanted, 'token-1');
      return undefined;
    }, 'attempt');
    expect(await ended(wanted)).toEqual({ kind: 'succeeded' });
    expect(await textOf(wanted)).toBe('began\n');
  });

  it('shows what has ended until it is released, and nothing of it afterwards', async () => {
    const wanted = await start(`console.log('done')`);
    await ended(wanted);
    await harness.restart();
    expect((await find(wanted))?.state).toMatchObject({
      phase: 'ended',
      end: { kind: 'succeeded' },
      startedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
    });
    await harness.backend.release(wanted);
    await until(
      async () => ((await find(wanted)) ? undefined : true),
      'release',
    );
    await harness.backend.release(wanted);
  });

  it('does nothing about attempts and jobs that there are not', async () => {
    const nobody = { job: randomUUID(), number: 1 };
    await harness.backend.stop(nobody, { graceSeconds: 0 });
    await harness.backend.release(nobody);
    await harness.backend.forget(nobody.job);
    const { bytes, isEnd } = await harness.backend.readLog(nobody, {
      fromByte: 0,
      mostBytes: 100,
    });
    expect(bytes).toHaveLength(0);
    expect(isEnd).toBe(true);
    expect(await find(nobody)).toBeUndefined();
  });

  it('gives the log from any byte on, while it is written and afterwards', async () => {
    const text = 'Zürich 🚆 '.repeat(100);
    const wanted = await start(
      `for (let i = 0; i < 20; i++) {
         process.stdout.write(i + ': ${text}\\n');
         await new Promise(resolve => setTimeout(resolve, 50));
       }`,
    );
    // Pieces that end within letters.
    const parts = await readAll(wanted, 97);
    const whole = Array.from({ length: 20 }, (_, i) => `${i}: ${text}\n`);
    expect(Buffer.concat(parts.map(({ bytes }) => bytes)).toString()).toBe(
      whole.join(''),
    );
    await ended(wanted);
    const expected = Buffer.from(whole.join(''));
    const { bytes, fromByte, isEnd } = await harness.backend.readLog(wanted, {
      fromByte: 1_234,
      mostBytes: 500,
    });
    expect({ fromByte, isEnd }).toEqual({ fromByte: 1_234, isEnd: false });
    expect(bytes.equals(expected.subarray(1_234, 1_734))).toBe(true);
    const after = await harness.backend.readLog(wanted, {
      fromByte: expected.length,
      mostBytes: 500,
    });
    expect(after).toMatchObject({ fromByte: expected.length, isEnd: true });
  });

  it('keeps the newest of a log without an end, and tells what it left out', async () => {
    const line = `${'x'.repeat(1023)}\n`;
    const megabytes = 40;
    const wanted = await start(
      `import { once } from 'node:events';
       const line = ${JSON.stringify(line)}.repeat(64);
       for (let i = 0; i < ${(megabytes * MEBIBYTE) / 65_536}; i++) {
         if (!process.stdout.write(line)) await once(process.stdout, 'drain');
       }
       process.stdout.write('the end\\n');`,
    );
    expect(await ended(wanted)).toEqual({ kind: 'succeeded' });
    // Whoever reads as fast as it is written, may have all of it.
    await until(async () => {
      const fromByte = megabytes * MEBIBYTE + 'the end\n'.length;
      const part = await harness.backend.readLog(wanted, {
        fromByte,
        mostBytes: 1,
      });
      return part.isEnd ? true : undefined;
    }, 'end of the log');
    const parts = await readAll(wanted, MEBIBYTE);
    const kept = parts.reduce((sum, { bytes }) => sum + bytes.length, 0);
    expect(kept).toBeLessThan(20 * MEBIBYTE);
    expect(kept).toBeGreaterThan(MEBIBYTE / 2);
    const last = parts.filter(({ bytes }) => bytes.length > 0).at(-1);
    expect(last?.bytes.toString().endsWith('the end\n')).toBe(true);
    // Where the last part ends is how much there was.
    expect(Number(last?.fromByte) + Number(last?.bytes.length)).toBe(
      megabytes * MEBIBYTE + 'the end\n'.length,
    );
  });

  it('has the checkpoints of earlier attempts, and of the job that it goes on from', async () => {
    const program = `
      import { existsSync, readFileSync, writeFileSync } from 'node:fs';
      const file = process.env.GREENROOM_CHECKPOINTS + '/epoch';
      const epoch = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
      console.log('epoch', epoch);
      writeFileSync(file, String(epoch + 1));`;
    const first = await start(program, { checkpoints: true });
    await ended(first);
    await harness.backend.release(first);
    const second = { ...first, number: 2 };
    await harness.backend.start(second, 'token-2');
    await ended(second);
    expect(await textOf(second)).toBe('epoch 1\n');
    const other = { ...first, job: randomUUID(), resumeOf: first.job };
    await harness.backend.start(other, 'token-3');
    await ended(other);
    expect(await textOf(other)).toBe('epoch 2\n');
    // What another one has done with them is its own.
    const third = { ...first, number: 3 };
    await harness.backend.start(third, 'token-2');
    await ended(third);
    expect(await textOf(third)).toBe('epoch 2\n');
    await harness.backend.release(third);
    await harness.backend.forget(first.job);
    const anew = { ...first, number: 4 };
    await harness.backend.start(anew, 'token-2');
    await ended(anew);
    expect(await textOf(anew)).toBe('epoch 0\n');
  });

  it('ends a program at its deadline, also when the control plane is gone', async () => {
    const wanted = await start(
      `console.log('pid', process.pid); setInterval(() => {}, 1000);`,
      { deadlineSeconds: 6 },
    );
    const [, pid] = await said(wanted, /pid (\d+)/);
    await harness.abandon();
    await until(
      async () => (harness.isThere(Number(pid)) ? undefined : true),
      'end of the program',
    );
    await harness.restart();
    const end = await ended(wanted);
    expect(end).toMatchObject({ kind: 'stopped', why: { kind: 'deadline' } });
  });

  it('says what is missing of what cannot begin, and runs its neighbours', async () => {
    const missing = `sha256:${'0'.repeat(64)}`;
    const withoutSource = { ...(await wanting('')), sourceDigest: missing };
    const good = await wanting(`console.log('fine')`);
    const withoutProgram = {
      ...(await wanting('')),
      program: { ...good.program, command: ['no-such-program-9', 'x'] },
    };
    const failing = await wanting(`throw new Error('oh')`);
    for (const wanted of [withoutSource, withoutProgram, failing, good]) {
      await harness.backend.start(wanted, 'token-1');
    }
    expect(await ended(withoutSource)).toMatchObject({
      kind: 'not-started',
      message: expect.stringContaining(missing),
    });
    expect(await ended(withoutProgram)).toMatchObject({
      kind: 'not-started',
      message: expect.stringContaining('no-such-program-9'),
    });
    expect(await ended(failing)).toMatchObject({ kind: 'program-failed' });
    expect(await ended(good)).toEqual({ kind: 'succeeded' });
  });

  it('refuses a command with a parameter that there is not', async () => {
    const wanted = await wanting('', {
      program: { command: ['node', 'program.mjs', '{{ epochs }}'] },
    });
    await expect(harness.backend.start(wanted, 'token-1')).rejects.toThrow(
      'epochs',
    );
    expect(await find(wanted)).toBeUndefined();
  });

  it('stops what has not begun yet', async () => {
    const wanted = await start(`setInterval(() => {}, 1000);`);
    await harness.backend.stop(wanted, { graceSeconds: 0 });
    const end = await ended(wanted);
    expect(end.kind).not.toBe('succeeded');
  });

  it('shows many at once, each for itself', async () => {
    const count = harness.many ?? MANY;
    const digest = await storeSource(harness.artifacts, {
      'program.mjs': `process.exit(Number(process.env.GREENROOM_PARAM_CODE));`,
    });
    const { image } = harness;
    const all = Array.from({ length: count }, (_, code) =>
      wantedAttempt(digest, {
        parameters: { code: code % 5 },
        program: { command: ['node', 'program.mjs'], ...(image && { image }) },
      }),
    );
    await Promise.all(
      all.map(wanted => harness.backend.start(wanted, 'token-1')),
    );
    const observed = await until(async () => {
      const found = await harness.backend.observe();
      const over = found.filter(({ state }) => state.phase === 'ended');
      return over.length === count ? over : undefined;
    }, `ends of ${count} attempts`);
    const endOf = new Map(observed.map(({ job, state }) => [job, state]));
    all.forEach(({ job, parameters }) =>
      expect(endOf.get(job)).toMatchObject({
        end:
          parameters.code === 0
            ? { kind: 'succeeded' }
            : { kind: 'program-failed', exitCode: parameters.code },
      }),
    );
  });
}
