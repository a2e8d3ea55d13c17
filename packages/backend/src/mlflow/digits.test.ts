import { TestDatabases } from '@backstage/backend-test-utils';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import request from 'supertest';
import { parse } from 'yaml';
import { headerOf } from '../__testUtils__/roles';
import { startBackend } from '../__testUtils__/startBackend';

jest.setTimeout(600_000);

const EXAMPLE = path.resolve(__dirname, '../../../../examples/digits');
const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

/** The program of `examples/digits/greenroom/train.yaml`, as a job runs it. */
describe('training of the digits', () => {
  let backend: Awaited<ReturnType<typeof startBackend>>;
  let folder: string;
  let listener: Server;
  const told: { authorization?: string; body: any }[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'digits-'));
    await cp(EXAMPLE, path.join(folder, 'source'), { recursive: true });
    await mkdir(path.join(folder, 'checkpoints'));
    await cp(
      path.join(EXAMPLE, 'data/held-out.csv'),
      path.join(folder, 'held-out/held-out.csv'),
      { recursive: true },
    );
    await writeFile(path.join(folder, 'token'), 'token-of-the-job\n');
    listener = createServer(async (req, res) => {
      const chunks: Buffer[] = [];
      for await (const chunk of req) chunks.push(chunk);
      const body = JSON.parse(Buffer.concat(chunks).toString());
      told.push({ authorization: req.headers.authorization, body });
      res.end();
    }).listen(0, '127.0.0.1');
    await once(listener, 'listening');
    backend = await startBackend(databases);
  });
  afterAll(async () => {
    await backend?.stop();
    listener?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const ask = (
    method: 'get' | 'post',
    plugin: 'ai-training' | 'ai-registry',
    address: string,
  ) =>
    request(backend.server)
      [method](`/api/${plugin}${address}`)
      .set('Authorization', headerOf('owner', plugin)!);

  /** Runs it to its end; told to stop as soon as it has printed what is looked for. */
  async function train(run: string, stopAt?: RegExp) {
    // `npm test` makes it, and leaves this test out where it cannot.
    const python = process.env.GREENROOM_TEST_MLFLOW;
    if (!python) throw new Error('run this test by npm test -- jest');
    const text = await readFile(
      path.join(EXAMPLE, 'greenroom/train.yaml'),
      'utf8',
    );
    const { command } = parse(text).spec.program;
    const values: Record<string, string> = {
      epochs: '30',
      units: '64',
      rate: '0.003',
      seed: '7',
    };
    const [, ...words] = (command as string[]).map(word =>
      word.replace(/\{\{ (\w+) \}\}/, (_, name) => values[name]),
    );
    const { port } = listener.address() as AddressInfo;
    const child = spawn(python, words, {
      cwd: path.join(folder, 'source'),
      env: {
        PATH: process.env.PATH,
        HOME: folder,
        PYTHONUNBUFFERED: '1',
        GREENROOM_CHECKPOINTS: path.join(folder, 'checkpoints'),
        GREENROOM_DATASET_HELD_OUT: path.join(folder, 'held-out'),
        KUBEFLOW_TRAINER_SERVER_URL: `http://127.0.0.1:${port}/status`,
        KUBEFLOW_TRAINER_SERVER_TOKEN: path.join(folder, 'token'),
        MLFLOW_TRACKING_URI: `http://127.0.0.1:${backend.server.port()}/api/ai-training/mlflow`,
        MLFLOW_TRACKING_TOKEN: headerOf('owner', 'ai-training')!.replace(
          'Bearer ',
          '',
        ),
        MLFLOW_RUN_ID: run,
      },
    });
    let output = '';
    [child.stdout, child.stderr].forEach(stream =>
      stream.on('data', chunk => {
        output += chunk;
        if (stopAt?.test(output)) child.kill('SIGTERM');
      }),
    );
    const [code] = await once(child, 'close');
    return { code, output };
  }

  it('goes on after it was stopped, and registers a version that names its run', async () => {
    await ask('post', 'ai-registry', '/models')
      .send({
        name: 'digits',
        owner: 'group:default/vision',
        task: 'classification',
      })
      .expect(201);
    const mlflow = '/mlflow/api/2.0/mlflow';
    const experiment = await ask(
      'post',
      'ai-training',
      `${mlflow}/experiments/create`,
    )
      .send({ name: 'digits' })
      .expect(200);
    const made = await ask('post', 'ai-training', `${mlflow}/runs/create`)
      .send({ experiment_id: experiment.body.experiment_id })
      .expect(200);
    const run: string = made.body.run.info.run_id;

    const first = await train(run, /epoch 3:/);
    expect(first).toMatchObject({
      code: 143,
      output: expect.stringMatching(/stopped after epoch \d+/),
    });
    const [, done] = /stopped after epoch (\d+)/.exec(first.output)!;
    const second = await train(run);
    expect(second).toMatchObject({
      code: 0,
      output: expect.stringContaining(`goes on after epoch ${done}`),
    });
    expect(second.output).not.toContain('epoch 1:');

    const { body } = await ask('get', 'ai-training', `/runs/${run}`).expect(
      200,
    );
    expect(body).toMatchObject({
      status: 'FINISHED',
      params: { epochs: '30', units: '64', rate: '0.003', seed: '7' },
    });
    const accuracy = body.metrics.find(
      ({ key }: { key: string }) => key === 'accuracy',
    );
    expect(accuracy.value).toBeGreaterThan(0.95);
    const history = await ask(
      'get',
      'ai-training',
      `${mlflow}/metrics/get-history?run_id=${run}&metric_key=held_out_accuracy`,
    );
    expect(
      history.body.metrics.map(({ step }: { step: unknown }) => Number(step)),
    ).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
    const version = await ask(
      'get',
      'ai-registry',
      '/models/digits/versions/1',
    ).expect(200);
    // So that it can be measured, compared with others, and watched for drift.
    expect(version.body).toMatchObject({
      source: { run },
      format: 'onnx',
      schema: { task: 'classification', prediction: { tensor: 'label' } },
      evaluation: {
        dataset: { name: 'digits held-out', rows: 899 },
        metrics: { accuracy: accuracy.value },
      },
      baseline: { rows: 899 },
    });
    expect(told.at(-1)).toMatchObject({
      authorization: 'Bearer token-of-the-job',
      body: { trainerStatus: { progressPercentage: 100 } },
    });
  });

  it('names each package of its lock file with its hashes', async () => {
    const lock = await readFile(
      path.join(EXAMPLE, 'requirements.lock'),
      'utf8',
    );
    const wanted = await readFile(
      path.join(EXAMPLE, 'requirements.txt'),
      'utf8',
    );
    for (const line of wanted.trim().split('\n')) {
      expect(lock).toMatch(
        new RegExp(
          `^${line.replaceAll('.', '\\.')} \\\\\\n +--hash=sha256:`,
          'm',
        ),
      );
    }
  });
});
