import { ClusterClient } from '@greenroom/cluster-client';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AttemptRefusedError,
  BackendAwayError,
} from '../../backends/TrainingBackend';
import {
  FOR_EVER,
  isEnded,
  isRunning,
  NAMESPACE,
  TrainingCluster,
  untilState,
  wholeLog,
} from './__testUtils__/TrainingCluster';
import { attemptName } from './objects/labels';

jest.setTimeout(120_000);

/** Is told of Jobs, and of no change of pods. */
class Deaf extends ClusterClient {
  watch(options: Parameters<ClusterClient['watch']>[0]): () => void {
    return options.path.endsWith('/pods') ? () => {} : super.watch(options);
  }
}

describe('KubernetesTrainingBackend', () => {
  let training: TrainingCluster;

  beforeAll(async () => {
    training = await TrainingCluster.start();
  });
  afterAll(async () => {
    await training?.stop();
  });

  const untilClear = async () => {
    for (let tries = 0; tries < 200; tries++) {
      const lists = await Promise.all([
        training.batch.listNamespacedJob({ namespace: NAMESPACE }),
        training.core.listNamespacedPod({ namespace: NAMESPACE }),
        training.core.listNamespacedSecret({ namespace: NAMESPACE }),
      ]);
      if (lists.every(({ items }) => items.length === 0)) return;
      await sleep(100);
    }
    throw new Error('something is left');
  };

  it('runs a program with its code, data, parameters and token, keeps its log, and leaves nothing', async () => {
    const backend = training.backend();
    const { wanted, token } = training.attempt(
      `import { readFileSync } from 'node:fs';
       const { env, argv } = process;
       console.log(JSON.stringify({
         arguments: argv.slice(2),
         param: env.GREENROOM_PARAM_LR,
         money: env.MONEY,
         rows: readFileSync(env.GREENROOM_DATASET_TRAIN + '/parts/a.csv', 'utf8'),
         helper: readFileSync('lib/helper.txt', 'utf8'),
         token: env.MLFLOW_TRACKING_TOKEN,
         tokenFile: readFileSync(env.KUBEFLOW_TRAINER_SERVER_TOKEN, 'utf8'),
         status: env.KUBEFLOW_TRAINER_SERVER_URL,
         rank: env.RANK ?? null,
         run: env.MLFLOW_RUN_ID,
       }));
       console.error('done');`,
      {
        files: { 'lib/helper.txt': 'a helper' },
        parameters: { lr: 0.1, epochs: 3 },
        environment: { MLFLOW_RUN_ID: 'run-1', MONEY: '$(HOME) costs $5' },
        datasets: [
          {
            name: 'train',
            digest: 'sha256:any',
            files: [training.file('parts/a.csv', 'a,b\n1,2\n')],
          },
        ],
      },
    );
    wanted.program.command.push('--epochs={{ epochs }}');
    await backend.start(wanted, token);
    const ended = await untilState(backend, wanted, isEnded);
    expect(ended).toEqual({
      phase: 'ended',
      end: { kind: 'succeeded' },
      startedAt: expect.any(String),
    });
    const [line, last] = (await wholeLog(backend, wanted)).split('\n');
    expect(JSON.parse(line)).toEqual({
      arguments: ['--epochs=3'],
      param: '0.1',
      money: '$(HOME) costs $5',
      rows: 'a,b\n1,2\n',
      helper: 'a helper',
      token,
      tokenFile: token,
      status: `${training.portalUrl}/api/ai-training/jobs/${wanted.job}/trainer-status`,
      rank: null,
      run: 'run-1',
    });
    expect(last).toBe('done');
    await backend.release(wanted);
    expect(await backend.observe()).toEqual([]);
    await untilClear();
  });

  const untilBack = async (backend: ReturnType<TrainingCluster['backend']>) => {
    for (let tries = 0; tries < 300; tries++) {
      try {
        return await backend.observe();
      } catch (error) {
        if (!(error instanceof BackendAwayError)) throw error;
        await sleep(100);
      }
    }
    throw new Error('it does not come back');
  };

  const job = async (id: { job: string; number: number }) =>
    training.batch.readNamespacedJob({
      name: attemptName(id),
      namespace: NAMESPACE,
    });

  it('makes an attempt once, and another control plane goes on with it', async () => {
    const first = training.backend();
    const { wanted, token } = training.attempt(
      `console.log('ready'); ${FOR_EVER}`,
    );
    await first.start(wanted, token);
    expect(await first.observe()).toMatchObject([
      { job: wanted.job, number: 1, state: { phase: 'starting' } },
    ]);
    const { uid } = (await job(wanted)).metadata ?? {};
    await first.start(wanted, token);
    await untilState(first, wanted, isRunning);
    await first.close();

    const second = training.backend();
    expect(await second.observe()).toMatchObject([
      { job: wanted.job, number: 1, state: { phase: 'running' } },
    ]);
    training.tokens.add('grt_anew');
    await second.start(wanted, 'grt_anew');
    expect((await job(wanted)).metadata?.uid).toBe(uid);
    const secret = await training.core.readNamespacedSecret({
      name: attemptName(wanted),
      namespace: NAMESPACE,
    });
    expect(Buffer.from(secret.data?.token ?? '', 'base64').toString()).toBe(
      'grt_anew',
    );
    expect(secret.metadata?.ownerReferences).toMatchObject([{ uid }]);
    await second.stop(wanted, { graceSeconds: 1 });
    await untilState(second, wanted, isEnded);
    expect(await wholeLog(second, wanted)).toBe('ready\n');
    await second.release(wanted);
    await untilClear();
  });

  it('makes it once, however many ask at the same time', async () => {
    const { wanted, token } = training.attempt('console.log(1)');
    const backends = [1, 2, 3].map(() => training.backend());
    await Promise.all(backends.map(one => one.start(wanted, token)));
    await untilState(backends[0], wanted, isEnded);
    // Also when it has ended, and what belongs to it is not made again.
    await backends[1].start(wanted, token);
    expect(await wholeLog(backends[2], wanted)).toBe('1\n');
    const { items } = await training.core.listNamespacedPod({
      namespace: NAMESPACE,
    });
    expect(items).toHaveLength(1);
    await Promise.all(backends.map(one => one.release(wanted)));
    await untilClear();
  });

  it('refuses what it cannot run, and leaves alone what is not its own', async () => {
    const backend = training.backend();
    const { wanted, token } = training.attempt('', {
      program: { image: 'example/train:latest', command: ['node'] },
    });
    await expect(backend.start(wanted, token)).rejects.toThrow(
      /the image 'example\/train:latest' may be another one tomorrow: name it with its digest/,
    );
    const resuming = training.attempt('', { resumeOf: 'other' });
    await expect(backend.start(resuming.wanted, token)).rejects.toThrow(
      'it is to begin with checkpoints, and test keeps none',
    );
    const other = training.attempt('');
    await training.batch.createNamespacedJob({
      namespace: NAMESPACE,
      body: {
        metadata: { name: attemptName(other.wanted) },
        spec: {
          suspend: true,
          template: {
            spec: {
              restartPolicy: 'Never',
              containers: [{ name: 'a', image: 'a' }],
            },
          },
        },
      },
    });
    await expect(backend.start(other.wanted, token)).rejects.toThrow(
      AttemptRefusedError,
    );
    expect(await backend.observe()).toEqual([]);
    await training.batch.deleteNamespacedJob({
      name: attemptName(other.wanted),
      namespace: NAMESPACE,
    });
    const invalid = training.attempt('', {
      resources: { count: 1, nodes: 200_000 },
    });
    await expect(backend.start(invalid.wanted, token)).rejects.toThrow(
      /^the cluster refuses it: .*parallelism/,
    );
    await untilClear();
  });

  it('knows nothing of a namespace that it has no right to', async () => {
    const backend = training.backend({ namespace: 'elsewhere' });
    const { wanted, token } = training.attempt('');
    await expect(backend.start(wanted, token)).rejects.toThrow(
      BackendAwayError,
    );
    await expect(backend.observe()).rejects.toThrow(/forbidden/);
  });

  it('loses no byte of a log and doubles none, however often the connection is cut', async () => {
    const backend = training.backend();
    const { wanted, token } = training.attempt(
      `let line = 0;
       const write = () => {
         for (let many = 0; many < 7; many++) console.log('line ' + line++ + 'x'.repeat(line % 300));
         if (line > 3000) { process.stdout.write('no end'); return; }
         setTimeout(write, 5);
       };
       write();`,
    );
    await backend.start(wanted, token);
    await untilState(backend, wanted, isRunning);
    for (let cuts = 0; cuts < 8; cuts++) {
      training.kubelet.cutLogs();
      await sleep(200);
      await backend.observe();
    }
    await untilState(backend, wanted, isEnded);
    const log = await wholeLog(backend, wanted);
    const lines = log.split('\n');
    expect(lines.pop()).toBe('no end');
    expect(lines.length).toBeGreaterThan(3_000);
    expect(
      lines.findIndex(
        (line, at) => line !== `line ${at}${'x'.repeat((at + 1) % 300)}`,
      ),
    ).toBe(-1);
    await backend.release(wanted);
  });

  it('goes on when the cluster was away, and says meanwhile that it knows nothing', async () => {
    const backend = training.backend({}, { awayMillis: 1_000 });
    const { wanted, token } = training.attempt(
      `let line = 0; setInterval(() => console.log('line ' + line++), 20);`,
    );
    await backend.start(wanted, token);
    await untilState(backend, wanted, isRunning);
    await training.cluster.stopApi();
    await sleep(2_500);
    await expect(backend.observe()).rejects.toThrow(BackendAwayError);
    await expect(backend.stop(wanted, { graceSeconds: 1 })).rejects.toThrow(
      BackendAwayError,
    );
    await training.cluster.startApi();
    const state = await untilBack(backend);
    expect(state).toMatchObject([{ state: { phase: 'running' } }]);
    await backend.stop(wanted, { graceSeconds: 5 });
    await untilState(backend, wanted, isEnded);
    const lines = (await wholeLog(backend, wanted)).trim().split('\n');
    expect(lines).toEqual(lines.map((_, at) => `line ${at}`));
    expect(lines.length).toBeGreaterThan(120);
    await backend.release(wanted);
    await untilClear();
  });

  it('knows how an attempt ended, and what it wrote, where the cluster has told of its Job and not of its pods yet', async () => {
    const backend = training.backend({}, { client: training.client(Deaf) });
    await backend.observe();
    const good = training.attempt(`console.log('all is well');`);
    const bad = training.attempt(
      `console.log('before'); throw new Error('no such column');`,
    );
    for (const { wanted, token } of [good, bad]) {
      await backend.start(wanted, token);
    }
    expect(await untilState(backend, good.wanted, isEnded)).toEqual({
      phase: 'ended',
      end: { kind: 'succeeded' },
      startedAt: expect.any(String),
    });
    expect(await wholeLog(backend, good.wanted)).toBe('all is well\n');
    expect(await untilState(backend, bad.wanted, isEnded)).toMatchObject({
      end: {
        kind: 'program-failed',
        exitCode: 1,
        lastLines: expect.stringContaining('no such column'),
      },
      startedAt: expect.any(String),
    });
    expect(await wholeLog(backend, bad.wanted)).toMatch(
      /^before\n[^]*no such column/,
    );
    await backend.release(good.wanted);
    await backend.release(bad.wanted);
    await untilClear();
  });
});
