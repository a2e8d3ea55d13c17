import {
  mockCredentials,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import {
  AiRegistryClient,
  type Measurement,
  type MeasurementResult,
  type NewMeasurement,
} from '@greenroom/plugin-ai-registry-common';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { registryDatabases } from '../__testUtils__/registryDatabases';
import { aiRegistryPlugin } from '../plugin';

jest.setTimeout(300_000);

const ROOT = path.resolve(__dirname, '../../../..');
const DATA_PLANE = path.join(ROOT, 'packages/inference-server');
const databases = registryDatabases();
const ada = { token: mockCredentials.user.token('user:default/ada') };

/** Real models and their rows, through a process of the real data plane. */
describe('measurements over HTTP', () => {
  let directory: string;
  let program: string;
  let client: AiRegistryClient;
  let stop: () => Promise<void>;
  const permissions = mockServices.permissions.mock();

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'measurements-'));
    // Within the package, where the program finds what is not bundled.
    await mkdir(path.join(DATA_PLANE, 'dist'), { recursive: true });
    program = await mkdtemp(path.join(DATA_PLANE, 'dist', 'test-'));
    execFileSync(process.execPath, [
      path.join(DATA_PLANE, 'build.mjs'),
      ...['--out', program, '--only', 'main'],
    ]);
    const backend = await startTestBackend({
      features: [
        aiRegistryPlugin,
        mockServices.database.factory({ knex: await databases.open() }),
        catalogServiceMock.factory({
          entities: [
            {
              apiVersion: 'backstage.io/v1alpha1',
              kind: 'Group',
              metadata: { namespace: 'default', name: 'vision' },
            },
          ],
        }),
        permissions.factory,
        mockServices.rootConfig.factory({
          data: {
            aiRegistry: {
              artifacts: { directory: path.join(directory, 'artifacts') },
              environments: { directory: path.join(directory, 'git') },
              trial: { program: path.join(program, 'main.cjs') },
            },
          },
        }),
      ],
    });
    stop = () => backend.stop();
    const { port } = backend.server.address() as AddressInfo;
    client = new AiRegistryClient({
      discoveryApi: {
        getBaseUrl: async () => `http://localhost:${port}/api/ai-registry`,
      },
    });
    allow(AuthorizeResult.ALLOW);
    await register('digits', 'classification');
    await register('diabetes', 'regression');
  });
  afterAll(async () => {
    await stop?.();
    await rm(directory, { recursive: true, force: true });
    await rm(program, { recursive: true, force: true });
  });
  afterEach(() => allow(AuthorizeResult.ALLOW));

  function allow(result: AuthorizeResult.ALLOW | AuthorizeResult.DENY) {
    permissions.authorize.mockResolvedValue([{ result }]);
    permissions.authorizeConditional.mockResolvedValue([{ result }]);
  }

  /** Both versions of an example, and its held-out rows as a dataset of the same name. */
  async function register(name: string, task: 'classification' | 'regression') {
    const example = path.join(ROOT, 'examples', name);
    const owner = 'group:default/vision';
    await client.createModel({ name, task, owner }, ada);
    for (const version of [1, 2]) {
      const file = path.join(example, `models/v${version}`);
      const { digest } = await client.uploadArtifact(
        await readFile(`${file}.onnx`),
        ada,
      );
      const { schema, evaluation } = JSON.parse(
        await readFile(`${file}.json`, 'utf8'),
      );
      await client.createVersion(name, { digest, schema, evaluation }, ada);
    }
    await client.createDataset({ name, owner }, ada);
    await client.uploadDatasetFile(
      name,
      {
        format: 'csv',
        content: await readFile(path.join(example, 'data/held-out.csv')),
      },
      ada,
    );
  }

  async function measured(
    ref: { model: string; version: number },
    asked: NewMeasurement,
  ): Promise<Measurement & { result: MeasurementResult }> {
    const { id } = await client.createMeasurement(ref, asked, ada);
    for (;;) {
      const found = await client.getMeasurement(
        { ...ref, measurement: id },
        ada,
      );
      const { state } = found;
      if (state.phase === 'done') return { ...found, result: state.result };
      if (state.phase === 'failed') throw new Error(state.reason);
      await sleep(200);
    }
  }

  it.each([1, 2])(
    'finds of version %d of the digits what its training said, with more to it',
    async version => {
      const ref = { model: 'digits', version };
      const [claimed] = (
        await client.listEvaluations(ref.model, ref.version, ada)
      ).items;
      const { result, dataset } = await measured(ref, {
        dataset: { name: 'digits', version: 1 },
        target: 'digit',
        slices: ['digit'],
      });
      expect(result.rows).toBe(899);
      expect(result.runtime).toMatch(/^greenroom-inference-server/);
      const metrics = Object.fromEntries(
        result.metrics.map(({ name, value }) => [name, value]),
      );
      for (const [name, value] of Object.entries(claimed.metrics)) {
        expect([name, metrics[name]]).toEqual([name, expect.closeTo(value, 5)]);
      }
      expect(metrics.roc_auc).toBeGreaterThan(0.99);
      const { details } = result;
      if (details.task !== 'classification') throw new Error('unreachable');
      expect(details.confusion!.counts.flat().reduce((a, b) => a + b)).toBe(
        899,
      );
      expect(result.slices).toHaveLength(10);
      const [added] = (
        await client.listEvaluations(ref.model, ref.version, ada)
      ).items;
      expect(added.measured).toEqual({
        measurement: expect.any(String),
        datasetVersion: 1,
        target: 'digit',
      });
      expect(added.dataset).toEqual({
        name: 'digits',
        digest: dataset.digest,
        rows: 899,
      });
      // The same rows in the same order are right.
      expect(added.perRow).toEqual(claimed.perRow);
      expect(claimed.measured).toBeUndefined();
      const shown = await client.getVersion(ref.model, version, ada);
      expect(shown.evaluation?.measured?.target).toBe('digit');
    },
  );

  it('measures a regression, by a column of another name, and looks at quarters apart', async () => {
    const ref = { model: 'diabetes', version: 2 };
    const [claimed] = (
      await client.listEvaluations(ref.model, ref.version, ada)
    ).items;
    const { result } = await measured(ref, {
      dataset: { name: 'diabetes', version: 1 },
      target: 'progression',
      features: { age: 'age' },
      slices: ['age', 'sex'],
    });
    expect(result.metrics[0].name).toBe('mean_absolute_error');
    const metrics = Object.fromEntries(
      result.metrics.map(({ name, value }) => [name, value]),
    );
    for (const [name, value] of Object.entries(claimed.metrics)) {
      expect([name, metrics[name]]).toEqual([name, expect.closeTo(value, 2)]);
    }
    expect(result.slices.map(({ column }) => column)).toEqual([
      ...['age', 'age', 'age', 'age'],
      ...['sex', 'sex'],
    ]);
    const { items } = await client.listMeasurements(ref, {}, ada);
    expect(items[0].state).toMatchObject({
      phase: 'done',
      primary: { name: 'mean_absolute_error' },
      measuredRows: 221,
    });
  });

  it.each([
    [{ target: 'number' }, /target: version 1 .* no column 'number'/],
    [{ target: 'pixel_05' }, /would be told the truth/],
    [{ features: { nose: 'digit' } }, /has no feature 'nose'/],
    [{ features: { pixel_00: 'nose' } }, /features.pixel_00: .*'nose'/],
    [{ slices: ['digit', 'digit'] }, /named twice/],
    [{ primary: 'mean_absolute_error' as const }, /no metric of a class/],
    [{ protected: 'digit' }, /positive: expected one of 0, 1/],
    [{ dataset: { name: 'digits', version: 7 } }, /7/],
  ])('refuses %j in a sentence', async (wrong, message) => {
    await expect(
      client.createMeasurement(
        { model: 'digits', version: 1 },
        {
          dataset: { name: 'digits', version: 1 },
          target: 'digit',
          ...wrong,
        },
        ada,
      ),
    ).rejects.toMatchObject({
      body: { error: { message: expect.stringMatching(message) } },
    });
  });

  it('asks who may', async () => {
    allow(AuthorizeResult.DENY);
    await expect(
      client.createMeasurement(
        { model: 'digits', version: 1 },
        { dataset: { name: 'digits', version: 1 }, target: 'digit' },
        ada,
      ),
    ).rejects.toMatchObject({
      body: { error: { name: expect.stringMatching(/NotFound|NotAllowed/) } },
    });
  });
});
