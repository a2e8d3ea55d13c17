import { authServiceFactory } from '@backstage/backend-defaults/auth';
import { httpAuthServiceFactory } from '@backstage/backend-defaults/httpAuth';
import { permissionsServiceFactory } from '@backstage/backend-defaults/permissions';
import {
  coreServices,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import {
  mockServices,
  startTestBackend,
  TestDatabases,
} from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import {
  IssuedTokens,
  issuedTokensServiceRef,
  serviceTokenHandlerFactory,
} from '@greenroom/ai-node';
import aiRegistryPlugin from '@greenroom/plugin-ai-registry-backend';
import {
  AiRegistryClient,
  type ModelVersionDetail,
} from '@greenroom/plugin-ai-registry-common';
import aiTrainingFeatures from '@greenroom/plugin-ai-training-backend';
import {
  AiTrainingClient,
  type Conversion,
} from '@greenroom/plugin-ai-training-common';
import type { Knex } from 'knex';
import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

jest.setTimeout(900_000);

const INFERENCE_SERVER = path.resolve(__dirname, '../../../inference-server');
const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
const OWNER = `owner-${randomBytes(24).toString('hex')}`;
const READER = `reader-${randomBytes(24).toString('hex')}`;
/** The model's owners may change it, but run nothing. */
const WRITER = `writer-${randomBytes(24).toString('hex')}`;

const EVERYTHING_OF_MODELS = [
  'ai-registry.model.create',
  'ai-registry.model.read',
  'ai-registry.model.update',
  'ai-registry.artifact.upload',
  'ai-registry.artifact.read',
  'ai-training.experiment.create',
  'ai-training.experiment.read',
  'ai-training.run.write',
];

/**
 * Models that MLflow's own client logs become versions in ONNX by real jobs, with the tokens of those jobs, and the data
 * plane's own runtime asks them again. Only the catalog is made up.
 */
describe('conversions to ONNX', () => {
  let directory: string;
  let program: string;
  let url: string;
  let stop: () => Promise<void>;
  let registry: AiRegistryClient;
  let training: AiTrainingClient;

  beforeAll(async () => {
    // `npm test` names it, and leaves this test out where there is no Python.
    const environments = process.env.GREENROOM_TEST_CONVERTER;
    if (!environments) throw new Error('run this test by npm test -- jest');
    directory = await mkdtemp(path.join(tmpdir(), 'conversion-'));
    await mkdir(path.join(directory, 'training'));
    await mkdir(environments, { recursive: true });
    // The packages are fetched once, and kept outside of the clone.
    await symlink(environments, path.join(directory, 'training/python'));
    // Within the package, where the program finds what is not bundled.
    await mkdir(path.join(INFERENCE_SERVER, 'dist'), { recursive: true });
    program = await mkdtemp(path.join(INFERENCE_SERVER, 'dist', 'test-'));
    execFileSync(process.execPath, [
      path.join(INFERENCE_SERVER, 'build.mjs'),
      ...['--out', program, '--only', 'main'],
    ]);
    const knexes = new Map<string, Promise<Knex>>();
    const knexOf = (pluginId: string) => {
      const known = knexes.get(pluginId) ?? databases.init('POSTGRES_18');
      knexes.set(pluginId, known);
      return known;
    };
    const access = (name: string, token: string, permissions: string[]) => ({
      type: 'greenroom',
      options: {
        name,
        owner: 'group:default/vision',
        token,
        scopes: permissions.map(permission => ({ permission })),
      },
    });
    const backend = await startTestBackend({
      features: [
        aiTrainingFeatures,
        aiRegistryPlugin,
        authServiceFactory,
        httpAuthServiceFactory,
        permissionsServiceFactory,
        serviceTokenHandlerFactory,
        createServiceFactory({
          service: coreServices.database,
          deps: { plugin: coreServices.pluginMetadata },
          async factory({ plugin }) {
            const knex = await knexOf(plugin.getId());
            return { getClient: async () => knex };
          },
        }),
        createServiceFactory({
          service: issuedTokensServiceRef,
          deps: { logger: coreServices.rootLogger },
          factory: ({ logger }) =>
            new IssuedTokens({ logger, connect: () => knexOf('ai-registry') }),
        }),
        catalogServiceMock.factory({
          entities: [
            {
              apiVersion: 'backstage.io/v1alpha1',
              kind: 'Group',
              metadata: { namespace: 'default', name: 'vision' },
            },
          ],
        }),
        mockServices.rootConfig.factory({
          data: {
            backend: {
              baseUrl: 'http://127.0.0.1',
              auth: {
                externalAccess: [
                  { type: 'greenroom', options: { from: 'portal' } },
                  access('owner', OWNER, [
                    ...EVERYTHING_OF_MODELS,
                    'ai-training.job.submit',
                  ]),
                  access('writer', WRITER, EVERYTHING_OF_MODELS),
                  access('reader', READER, [
                    'ai-registry.model.read',
                    'ai-training.experiment.read',
                  ]),
                ],
              },
            },
            permission: { enabled: true },
            aiRegistry: {
              artifacts: { directory: path.join(directory, 'artifacts') },
              environments: { directory: path.join(directory, 'git') },
              trial: { program: path.join(program, 'main.cjs') },
            },
            aiTraining: {
              local: {
                enabled: true,
                slots: 2,
                directory: path.join(directory, 'training'),
              },
            },
          },
        }),
      ],
    });
    url = `http://127.0.0.1:${backend.server.port()}`;
    const discoveryApi = {
      getBaseUrl: async (plugin: string) => `${url}/api/${plugin}`,
    };
    registry = new AiRegistryClient({ discoveryApi });
    training = new AiTrainingClient({ discoveryApi });
    stop = () => backend.stop();
  });

  afterAll(async () => {
    await stop?.();
    for (const folder of [directory, program]) {
      await rm(folder, { recursive: true, force: true });
    }
  });

  const owner = { token: OWNER };

  /** To its end. */
  async function convert(model: string): Promise<Conversion> {
    const ref = { model, version: 1 };
    let conversion = await training.convertVersion(ref, owner);
    while (conversion.state.phase === 'converting') {
      await sleep(500);
      conversion = (await training.findConversion(ref, owner))!;
    }
    return conversion;
  }

  /** Once the platform has tried it. */
  async function triedVersion(model: string, version: number) {
    let found: ModelVersionDetail;
    do {
      await sleep(200);
      found = await registry.getVersion(model, version, owner);
    } while (found.servability.state === 'pending');
    return found;
  }

  /** With the packages of the converter, which its first job has made. */
  async function runPython(script: string, ...words: string[]) {
    const environments = process.env.GREENROOM_TEST_CONVERTER!;
    const [python] = readdirSync(environments)
      .filter(name => existsSync(path.join(environments, name, 'complete')))
      .map(name => path.join(environments, name, 'bin/python'));
    const { stdout } = await promisify(execFile)(
      python,
      [path.join(__dirname, 'python', script), directory, ...words],
      {
        env: {
          PATH: process.env.PATH,
          HOME: directory,
          MLFLOW_TRACKING_URI: `${url}/api/ai-training/mlflow`,
          MLFLOW_TRACKING_TOKEN: OWNER,
        },
        timeout: 240_000,
      },
    );
    return stdout.trim().split('\n').at(-1)!;
  }

  async function addFolder(model: string, mlmodel: string) {
    await registry.createModel(
      { name: model, owner: 'group:default/vision', task: 'classification' },
      owner,
    );
    const file = await registry.uploadArtifact(Buffer.from(mlmodel), owner);
    await registry.createVersion(
      model,
      { bundle: { format: 'mlflow', files: [{ path: 'MLmodel', ...file }] } },
      owner,
    );
  }

  it('end with what to do where there is no example to compare on', async () => {
    await addFolder(
      'bare',
      'flavors:\n  sklearn:\n    sklearn_version: 1.9.1\n    pickled_model: model.pkl\n',
    );
    const [first, second] = await Promise.all([
      training.convertVersion({ model: 'bare', version: 1 }, owner),
      training.convertVersion({ model: 'bare', version: 1 }, owner),
    ]);
    expect(second.job).toBe(first.job);
    expect(await convert('bare')).toMatchObject({
      job: first.job,
      requestedBy: 'service:owner',
      state: {
        phase: 'failed',
        reason: expect.stringMatching(
          /^Version 1 of bare was not converted: it has no input example to compare the predictions on: log it again with .*input_example=/,
        ),
      },
    });
    const job = await training.getJob(first.job, owner);
    expect(job).toMatchObject({
      team: 'group:default/vision',
      spec: { owner: 'group:default/vision', model: 'bare' },
    });
    // One that has failed can be begun again.
    const again = await training.convertVersion(
      { model: 'bare', version: 1 },
      owner,
    );
    expect(again.job).not.toBe(first.job);
    await convert('bare');
  });

  it('are begun only by who may change the model and run jobs of its owner', async () => {
    const ref = { model: 'bare', version: 1 };
    for (const token of [READER, WRITER]) {
      await expect(
        training.convertVersion(ref, { token }),
      ).rejects.toMatchObject({ statusCode: 403 });
    }
    expect(await training.findConversion(ref, { token: READER })).toMatchObject(
      { state: { phase: 'failed' } },
    );
    await expect(
      training.findConversion({ model: 'bare', version: 9 }, owner),
    ).rejects.toMatchObject({ statusCode: 404 });
  });

  it('take no version of another kind', async () => {
    await addFolder('torch', 'flavors:\n  pytorch:\n    model_data: data\n');
    await expect(
      training.convertVersion({ model: 'torch', version: 1 }, owner),
    ).rejects.toMatchObject({
      body: {
        error: {
          message: expect.stringMatching(
            /has the flavors pytorch, and what is converted has one of sklearn, xgboost, lightgbm/,
          ),
        },
      },
    });
  });

  it('make versions that predict the same, and nothing else', async () => {
    await runPython('log_for_conversion.py');
    const names = ['who-stays', 'trees', 'booster', 'own', 'unequal', 'older'];
    const conversions = Object.fromEntries(
      await Promise.all(
        names.map(async name => [name, await convert(name)] as const),
      ),
    );
    const reasons = ['own', 'unequal', 'older'].map(name => {
      const { state } = conversions[name];
      return state.phase === 'failed' ? state.reason : state;
    });
    expect(reasons).toEqual([
      expect.stringMatching(/a part of it has no converter to ONNX: .*Halve/),
      expect.stringMatching(
        /does not predict what the model predicts: .* its labels differ in \d+ of 40 rows\. Nothing was registered$/,
      ),
      expect.stringMatching(
        /it was logged with xgboost 1\.2\.3, and 3\.2\.0 is installed here, which may read it as another model/,
      ),
    ]);
    for (const name of ['own', 'unequal', 'older']) {
      expect((await registry.getModel(name, owner)).latestVersion).toBe(1);
    }
    for (const name of ['who-stays', 'trees', 'booster']) {
      expect(conversions[name].state).toMatchObject({
        phase: 'converted',
        made: 2,
      });
      expect(await triedVersion(name, 2)).toMatchObject({
        format: 'onnx',
        source: { run: conversions[name].run },
        convertedFrom: 1,
        tags: { 'greenroom.converted_from': '1' },
        servability: { state: 'servable' },
        conversion: {
          from: {
            model: name === 'who-stays' ? 'Who stays' : name,
            version: 1,
          },
          job: conversions[name].job,
          rows: 40,
          check: {
            outcome: 'equal',
            rows: 40,
            differing: 0,
            withScores: name !== 'trees',
          },
        },
      });
    }
    const found = JSON.parse(
      await runPython(
        'run_converted.py',
        JSON.stringify({ 'Who stays': 2, trees: 2, booster: 2 }),
      ),
    );
    for (const name of ['Who stays', 'trees', 'booster']) {
      expect(found[name]).toMatchObject({ labels: 0, rows: 50 });
      expect(found[name].numbers).toBeLessThan(1e-4);
    }
    await expect(
      training.convertVersion({ model: 'trees', version: 1 }, owner),
    ).rejects.toMatchObject({
      body: {
        error: {
          message: expect.stringMatching(
            /was converted already: it is version 2 in ONNX/,
          ),
        },
      },
    });
  });
});
