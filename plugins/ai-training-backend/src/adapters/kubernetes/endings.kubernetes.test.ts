import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Flavor } from '@greenroom/plugin-ai-registry-common';
import {
  FOR_EVER,
  isEnded,
  isRunning,
  MISSING_IMAGE,
  NAMESPACE,
  TrainingCluster,
  untilState,
  wholeLog,
} from './__testUtils__/TrainingCluster';
import { attemptName } from './objects/labels';

jest.setTimeout(120_000);

const GPU: Flavor = {
  name: 'gpu',
  title: 'GPU',
  resources: { 'nvidia.com/gpu': '1' },
};
/** Saves something when it is told to end. */
const SAVES = `process.on('SIGTERM', () => {
  console.log('saved');
  process.exit(0);
});
console.log('ready');
${FOR_EVER}`;

describe('How attempts end on Kubernetes', () => {
  let training: TrainingCluster;

  beforeAll(async () => {
    training = await TrainingCluster.start();
  });
  afterAll(async () => {
    await training?.stop();
  });

  /** Starts it, and gives how it ended and what it wrote. */
  const runToEnd = async (
    ...[program, changes]: Parameters<TrainingCluster['attempt']>
  ) => {
    const backend = training.backend();
    const { wanted, token } = training.attempt(program, changes);
    await backend.start(wanted, token);
    const state = await untilState(backend, wanted, isEnded);
    const log = await wholeLog(backend, wanted);
    await backend.release(wanted);
    return { end: 'end' in state ? state.end : undefined, log };
  };

  const podOf = async ({ job }: { job: string }) => {
    const { items } = await training.core.listNamespacedPod({
      namespace: NAMESPACE,
      labelSelector: `greenroom.dev/training-job=${job}`,
    });
    return items[0].metadata?.name ?? '';
  };

  const untilLog = async (
    backend: ReturnType<TrainingCluster['backend']>,
    id: { job: string; number: number },
    text: string,
  ) => {
    for (let tries = 0; tries < 400; tries++) {
      await backend.observe();
      const part = await backend.readLog(id, { fromByte: 0, mostBytes: 1e6 });
      if (part.bytes.toString().startsWith(text)) return;
      await sleep(50);
    }
    throw new Error(`it has not written ${text}`);
  };

  it('tells exit code and last lines of a program that fails', async () => {
    const { end, log } = await runToEnd(
      `console.log('epoch 1'); console.error('loss is NaN'); process.exit(42);`,
    );
    expect(end).toEqual({
      kind: 'program-failed',
      exitCode: 42,
      lastLines: 'epoch 1\nloss is NaN',
    });
    expect(log).toBe('epoch 1\nloss is NaN\n');
  });

  it('tells the signal that has ended a program', async () => {
    const { end } = await runToEnd(`process.kill(process.pid, 'SIGSEGV');`);
    expect(end).toMatchObject({ kind: 'program-failed', signal: 'SIGSEGV' });
  });

  it('tells that memory was too little, and how much there was', async () => {
    const { end } = await runToEnd(
      `const all = []; setInterval(() => all.push(Buffer.alloc(2e7, 1)), 5);`,
      { resources: { count: 1, nodes: 1, memory: '200Mi' } },
    );
    expect(end).toEqual({
      kind: 'out-of-memory',
      limitBytes: 200 * 1024 ** 2,
    });
  });

  it('tells why code could not be fetched, and does not run the program', async () => {
    const { end, log } = await runToEnd(`console.log('never');`, {
      sourceDigest: `sha256:${'0'.repeat(64)}`,
    });
    expect(end).toEqual({
      kind: 'not-started',
      message: expect.stringMatching(
        /^code and data could not be fetched: the template's folder sha256:0+: the artifact's digest is sha256:\w+, expected sha256:0000/,
      ),
    });
    expect(log).toBe('');
  });

  it('tries an image for a while, and gives it up', async () => {
    const backend = training.backend({ imageSeconds: 2 });
    const { wanted, token } = training.attempt('', {
      program: { image: MISSING_IMAGE, command: ['node'] },
    });
    await backend.start(wanted, token);
    const message = `its image cannot be pulled: there is no image "${MISSING_IMAGE}"`;
    expect(
      await untilState(
        backend,
        wanted,
        state =>
          state.phase === 'starting' &&
          state.reason.kind !== 'creating' &&
          state.reason.kind !== 'pulling-image',
      ),
    ).toEqual({
      phase: 'starting',
      reason: { kind: 'image-not-pulled', message },
    });
    expect(await untilState(backend, wanted, isEnded)).toEqual({
      phase: 'ended',
      end: { kind: 'image-not-pulled', message },
    });
  });

  it('says that no node has room, and ends without having run when it is stopped', async () => {
    const backend = training.backend({}, { flavors: [GPU] });
    const { wanted, token } = training.attempt('', {
      resources: { flavor: 'gpu', count: 2, nodes: 1 },
    });
    await backend.start(wanted, token);
    expect(
      await untilState(
        backend,
        wanted,
        state =>
          state.phase === 'starting' && state.reason.kind === 'unschedulable',
      ),
    ).toMatchObject({
      reason: {
        message: expect.stringMatching(
          /^no node has room: 0\/1 nodes are available: 1 Insufficient nvidia.com\/gpu/,
        ),
      },
    });
    await backend.stop(wanted, { graceSeconds: 30 });
    expect(await untilState(backend, wanted, isEnded)).toEqual({
      phase: 'ended',
      end: {
        kind: 'not-started',
        message: 'it was stopped before its program ran',
      },
    });
    await backend.release(wanted);
  });

  it('lets a program save what it has when it is stopped, and keeps what it says then', async () => {
    const backend = training.backend();
    const { wanted, token } = training.attempt(SAVES);
    await backend.start(wanted, token);
    await untilState(backend, wanted, isRunning);
    await untilLog(backend, wanted, 'ready\n');
    await backend.stop(wanted, { graceSeconds: 30 });
    await backend.stop(wanted, { graceSeconds: 30 });
    expect(await untilState(backend, wanted, isEnded)).toMatchObject({
      end: { kind: 'program-failed', signal: 'SIGTERM' },
    });
    // Another one, that has followed nothing, finds all of it.
    expect(await wholeLog(training.backend(), wanted)).toBe('ready\nsaved\n');
    const { items } = await training.core.listNamespacedPod({
      namespace: NAMESPACE,
      labelSelector: `greenroom.dev/training-job=${wanted.job}`,
    });
    expect(items.map(({ status }) => status?.phase)).toEqual(['Failed']);
    await backend.release(wanted);
    await backend.stop(wanted, { graceSeconds: 30 });
  });

  it('ends a program that does not end when its time is over', async () => {
    const backend = training.backend({ graceSeconds: 600 });
    const { wanted, token } = training.attempt(
      `process.on('SIGTERM', () => console.log('no')); console.log('ready'); ${FOR_EVER}`,
    );
    await backend.start(wanted, token);
    await untilState(backend, wanted, isRunning);
    await untilLog(backend, wanted, 'ready\n');
    await backend.stop(wanted, { graceSeconds: 1 });
    expect(await untilState(backend, wanted, isEnded)).toMatchObject({
      end: { kind: 'program-failed', signal: 'SIGKILL' },
    });
    expect(await wholeLog(backend, wanted)).toMatch(/^ready\n(no\n)+$/);
  });

  it('ends a program that runs for longer than it may', async () => {
    const { end, log } = await runToEnd(SAVES, { deadlineSeconds: 2 });
    expect(end).toEqual({
      kind: 'stopped',
      why: { kind: 'deadline', minutes: 1 },
    });
    expect(log).toBe('ready\nsaved\n');
  });

  it('tells that its node was drained', async () => {
    const backend = training.backend();
    const { wanted, token } = training.attempt(SAVES);
    await backend.start(wanted, token);
    await untilState(backend, wanted, isRunning);
    await untilLog(backend, wanted, 'ready\n');
    const name = await podOf(wanted);
    await training.core.createNamespacedPodEviction({
      name,
      namespace: NAMESPACE,
      body: { metadata: { name, namespace: NAMESPACE } },
    });
    expect(await untilState(backend, wanted, isEnded)).toMatchObject({
      end: { kind: 'evicted', message: expect.stringMatching(/.+/) },
    });
    expect(await wholeLog(backend, wanted)).toBe('ready\nsaved\n');
    // Also for who has not seen its pod.
    expect(await untilState(training.backend(), wanted, isEnded)).toMatchObject(
      { end: { kind: 'evicted' } },
    );
    await backend.release(wanted);
  });

  it.each([10, -10])(
    'does not take a program for lost that is ending, where our clock is %i minutes off',
    async minutes => {
      const folder = await mkdtemp(join(tmpdir(), 'training-clock-'));
      const gone = join(folder, 'gone');
      const backend = training.backend();
      const { wanted, token } = training.attempt(
        `import { writeFileSync } from 'node:fs';
        process.on('SIGTERM', () => setTimeout(() => {
          writeFileSync(${JSON.stringify(gone)}, '');
          process.exit(0);
        }, 3_000));
        console.log('ready');
        ${FOR_EVER}`,
      );
      await backend.start(wanted, token);
      await untilState(backend, wanted, isRunning);
      await untilLog(backend, wanted, 'ready\n');
      const { now } = Date;
      const clock = jest
        .spyOn(Date, 'now')
        .mockImplementation(() => now() + minutes * 60_000);
      try {
        const name = await podOf(wanted);
        await training.core.createNamespacedPodEviction({
          name,
          namespace: NAMESPACE,
          body: { metadata: { name, namespace: NAMESPACE } },
        });
        expect(await untilState(backend, wanted, isEnded)).toMatchObject({
          end: { kind: 'evicted' },
        });
        expect(existsSync(gone)).toBe(true);
      } finally {
        clock.mockRestore();
        await backend.release(wanted);
        await rm(folder, { recursive: true });
      }
    },
  );

  it('tells that somebody has removed its Job, once its program has ended', async () => {
    const backend = training.backend();
    const { wanted, token } = training.attempt(SAVES);
    await backend.start(wanted, token);
    await untilState(backend, wanted, isRunning);
    await untilLog(backend, wanted, 'ready\n');
    await training.batch.deleteNamespacedJob({
      name: attemptName(wanted),
      namespace: NAMESPACE,
      propagationPolicy: 'Background',
    });
    expect(await untilState(backend, wanted, isEnded)).toMatchObject({
      end: {
        kind: 'lost',
        message: `somebody has removed its Job ${attemptName(wanted)}`,
      },
    });
    expect(await wholeLog(backend, wanted)).toBe('ready\nsaved\n');
    await backend.release(wanted);
    expect(await backend.observe()).not.toContainEqual(
      expect.objectContaining({ job: wanted.job }),
    );
  });

  it('says why the cluster makes no pod', async () => {
    await training.core.createNamespacedResourceQuota({
      namespace: NAMESPACE,
      body: {
        metadata: { name: 'small' },
        spec: { hard: { 'requests.memory': '1Gi' } },
      },
    });
    const backend = training.backend();
    const { wanted, token } = training.attempt('', {
      resources: { count: 1, nodes: 1, memory: '4Gi' },
    });
    await backend.start(wanted, token);
    expect(
      await untilState(
        backend,
        wanted,
        state => state.phase === 'starting' && state.reason.kind === 'waiting',
      ),
    ).toMatchObject({
      reason: {
        message: expect.stringMatching(
          /^the cluster makes no pod: .*exceeded quota: small/,
        ),
      },
    });
    await training.core.deleteNamespacedResourceQuota({
      name: 'small',
      namespace: NAMESPACE,
    });
    await backend.stop(wanted, { graceSeconds: 1 });
    await untilState(backend, wanted, isEnded);
    await backend.release(wanted);
  });
});
