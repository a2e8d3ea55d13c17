import { setTimeout as sleep } from 'node:timers/promises';
import { BackendAwayError } from '../../backends/TrainingBackend';
import {
  MISSING_IMAGE,
  NAMESPACE,
  TrainingCluster,
  untilState,
  wholeLog,
} from './__testUtils__/TrainingCluster';
import { attemptName } from './trainingObjects';

jest.setTimeout(120_000);

const FOR_EVER = 'setInterval(() => {}, 1000);';
const isEnded = ({ phase }: { phase: string }) => phase === 'ended';
const isRunning = ({ phase }: { phase: string }) => phase === 'running';

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
      status: `${training.portalUrl}/api/ai-training/jobs/${wanted.job}/status`,
      rank: null,
      run: 'run-1',
    });
    expect(last).toBe('done');
    await backend.release(wanted);
    expect(await backend.observe()).toEqual([]);
    await untilClear();
  });
});
