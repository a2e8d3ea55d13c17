import {
  mockCredentials,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import {
  AiRegistryClient,
  type EvaluationRun,
  type EvaluationWork,
  type NewEvaluationRun,
} from '@greenroom/plugin-ai-registry-common';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { registryDatabases } from '../__testUtils__/registryDatabases';
import { aiRegistryPlugin } from '../plugin';

jest.setTimeout(180_000);

const databases = registryDatabases();
const ada = { token: mockCredentials.user.token('user:default/ada') };
const dataPlane = mockCredentials.service.token({
  onBehalfOf: mockCredentials.service('plugin:ai-inference'),
  targetPluginId: 'ai-registry',
});
const REF = { model: 'bot', version: 1 };
const RUN: NewEvaluationRun = {
  environment: 'production',
  dataset: { name: 'capitals', version: 1 },
  scorers: [{ kind: 'exact', ignoreCase: true }],
};

describe('evaluation runs over HTTP', () => {
  let directory: string;
  let baseUrl: string;
  let client: AiRegistryClient;
  let stop: () => Promise<void>;
  const permissions = mockServices.permissions.mock();

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'evaluation-runs-'));
    const knex = await databases.open();
    const backend = await startTestBackend({
      features: [
        aiRegistryPlugin,
        mockServices.database.factory({ knex }),
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
            greenroom: {
              environments: [
                { name: 'dev' },
                {
                  name: 'production',
                  connections: {
                    llm: { kind: 'openai', secret: 'file:openai' },
                  },
                },
              ],
            },
            aiRegistry: {
              artifacts: { directory: path.join(directory, 'artifacts') },
              environments: { directory: path.join(directory, 'git') },
            },
          },
        }),
      ],
    });
    stop = () => backend.stop();
    const { port } = backend.server.address() as AddressInfo;
    baseUrl = `http://localhost:${port}/api/ai-registry`;
    client = new AiRegistryClient({
      discoveryApi: { getBaseUrl: async () => baseUrl },
    });
    allow(AuthorizeResult.ALLOW);
    await client.createModel(
      {
        name: 'bot',
        title: 'Bot',
        task: 'text-generation',
        owner: 'group:default/vision',
      },
      ada,
    );
    const descriptor = Buffer.from(
      JSON.stringify({
        formatVersion: 1,
        connection: 'llm',
        model: 'small',
        tasks: ['chat'],
      }),
    );
    const file = await client.uploadArtifact(descriptor, ada);
    await client.createVersion(
      'bot',
      {
        bundle: {
          format: 'external',
          files: [{ path: 'external.json', ...file }],
        },
      },
      ada,
    );
    await client.createDataset(
      { name: 'capitals', owner: 'group:default/vision' },
      ada,
    );
    await client.uploadDatasetFile(
      'capitals',
      {
        format: 'csv',
        content: Buffer.from(
          'input,expected\nFrance?,Paris\nItaly?,Rome\nHow many?,42\n',
        ),
      },
      ada,
    );
  });
  afterAll(async () => {
    await stop();
    await rm(directory, { recursive: true });
  });
  beforeEach(() => allow(AuthorizeResult.ALLOW));

  /** @param refused - names of permissions that are refused all the same */
  function allow(
    result: AuthorizeResult.ALLOW | AuthorizeResult.DENY,
    refused: string[] = [],
  ): void {
    permissions.authorize.mockImplementation(async requests =>
      requests.map(({ permission }) => ({
        result: refused.includes(permission.name)
          ? AuthorizeResult.DENY
          : result,
      })),
    );
    permissions.authorizeConditional.mockImplementation(async requests =>
      requests.map(() => ({ result })),
    );
  }

  const ask = (url: string, body: object, token = dataPlane) =>
    fetch(`${baseUrl}/environments/${url}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
      },
      body: JSON.stringify(body),
    });
  const take = (environment: string, waitSeconds = 0) =>
    ask(`${environment}/evaluation-work`, { producer: 'dp-1', waitSeconds });

  async function ended(run: EvaluationRun): Promise<EvaluationRun> {
    for (;;) {
      const now = await client.getEvaluationRun({ ...REF, run: run.id }, ada);
      if (!['queued', 'running'].includes(now.state.phase)) return now;
      await new Promise(resolve => {
        setTimeout(resolve, 100);
      });
    }
  }

  it('go from a form to a data plane and back, over a dataset of CSV', async () => {
    const waiting = take('production', 20);
    const run = await client.createEvaluationRun(REF, RUN, ada);
    expect(run).toMatchObject({ rows: 3, state: { phase: 'queued' } });
    const response = await waiting;
    expect(response.status).toBe(200);
    const work: EvaluationWork = await response.json();
    expect(work).toMatchObject({
      id: run.id,
      model: 'bot',
      version: 1,
      descriptor: { connection: 'llm', model: 'small' },
      connection: {
        name: 'llm',
        kind: 'openai',
        settings: { secret: 'file:openai' },
      },
      concurrency: 4,
      rows: [
        { row: 0, messages: [{ role: 'user', content: 'France?' }] },
        { row: 1 },
        { row: 2 },
      ],
    });
    // What is expected is nobody's business but the registry's.
    expect(JSON.stringify(work)).not.toContain('Paris');
    const reply = await ask(`production/evaluation-work/${run.id}`, {
      lease: work.lease,
      answers: [
        { row: 0, answer: 'paris', inputTokens: 9, outputTokens: 2 },
        { row: 1, answer: 'Milan' },
        { row: 2, answer: '42' },
      ],
      after: 2,
      want: 4,
    });
    expect(await reply.json()).toEqual({ state: 'ended' });
    expect(await ended(run)).toMatchObject({
      state: {
        phase: 'done',
        result: { scores: [{ scorer: 'exact-ignoring-case', right: 2 }] },
      },
    });
    const { items } = await client.listEvaluationRuns(REF, {}, ada);
    expect(items).toHaveLength(1);
    expect(
      await client.listEvaluationAnswers(
        { ...REF, run: run.id },
        { only: 'wrong' },
        ada,
      ),
    ).toMatchObject({ totalItems: 1, items: [{ row: 1, answer: 'Milan' }] });
    const uses = await client.listDatasetUses('capitals', 1, ada);
    expect(uses.items).toMatchObject([
      { model: 'bot', metric: { name: 'exact-ignoring-case' } },
    ]);
  });

  it('are cancelled by those who may change the model', async () => {
    const run = await client.createEvaluationRun(REF, { ...RUN, rows: 2 }, ada);
    const ref = { ...REF, run: run.id };
    allow(AuthorizeResult.ALLOW, ['ai-registry.model.update']);
    await expect(client.cancelEvaluationRun(ref, ada)).rejects.toThrow('403');
    allow(AuthorizeResult.ALLOW);
    expect(await client.cancelEvaluationRun(ref, ada)).toMatchObject({
      state: { phase: 'cancelled' },
    });
    await expect(client.cancelEvaluationRun(ref, ada)).rejects.toThrow('409');
    await expect(
      client.getEvaluationRun({ ...ref, version: 2 }, ada),
    ).rejects.toThrow('404');
  });

  it('need the permission to change the model, and to read the rows', async () => {
    for (const refused of [
      'ai-registry.model.update',
      'ai-registry.dataset.download',
    ]) {
      allow(AuthorizeResult.ALLOW, [refused]);
      await expect(client.createEvaluationRun(REF, RUN, ada)).rejects.toThrow(
        '403',
      );
    }
    const [{ id }] = (await client.listEvaluationRuns(REF, {}, ada)).items;
    await expect(
      client.listEvaluationAnswers({ ...REF, run: id }, {}, ada),
    ).rejects.toThrow('403');
  });

  it('are given to data planes of the environment, and to nobody else', async () => {
    expect((await take('dev')).status).toBe(204);
    const asPerson = await ask(
      'production/evaluation-work',
      { producer: 'ada', waitSeconds: 0 },
      ada.token,
    );
    expect(asPerson.status).toBe(403);
    allow(AuthorizeResult.DENY);
    expect((await take('production')).status).toBe(403);
    expect(permissions.authorize.mock.lastCall?.[0]).toMatchObject([
      {
        permission: { name: 'ai-registry.artifact.read' },
        resourceRef: 'production/*',
      },
    ]);
  });

  it.each<[string, object, RegExp]>([
    ['no scorer', { scorers: [] }, /scorers/],
    ['an unknown scorer', { scorers: [{ kind: 'vibes' }] }, /scorers/],
    ['many rows', { rows: 1_001 }, /rows/],
    ['an unknown environment', { environment: 'moon' }, /environment/],
    ['a further field', { model: 'x' }, /model/],
  ])('are not asked for with %s', async (_what, changes, message) => {
    await expect(
      client.createEvaluationRun(
        REF,
        { ...RUN, ...changes } as NewEvaluationRun,
        ada,
      ),
    ).rejects.toMatchObject({
      body: { error: { message: expect.stringMatching(message) } },
    });
  });

  it('take no more of a data plane than was promised', async () => {
    const id = '6d1c0f0e-0b5b-4a7c-9a57-0d3f7a3e9f10';
    const report = { lease: id, answers: [], after: -1, want: 0 };
    const send = (changes: object) =>
      ask(`production/evaluation-work/${id}`, { ...report, ...changes });
    expect((await send({})).status).toBe(404);
    for (const wrong of [
      { answers: Array.from({ length: 101 }, (_, row) => ({ row })) },
      { answers: [{ row: 0, answer: 'x'.repeat(70_000) }] },
      { want: 33 },
      { lease: 'none' },
      { more: true },
    ]) {
      expect((await send(wrong)).status).toBe(400);
    }
  });
});
