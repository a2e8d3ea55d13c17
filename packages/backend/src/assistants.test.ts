import {
  actionsRegistryServiceFactory,
  actionsServiceFactory,
} from '@backstage/backend-defaults/alpha';
import { TestDatabases } from '@backstage/backend-test-utils';
import mcpPlugin from '@backstage/plugin-mcp-actions-backend';
import request from 'supertest';
import type { Existing } from './__testUtils__/matrix';
import { headerOf, type Role } from './__testUtils__/roles';
import { startBackend } from './__testUtils__/startBackend';

jest.setTimeout(300_000);

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

/** What agents reach over MCP, with the real permission policy between them and our plugins. */
describe('assistants', () => {
  let backend: Awaited<ReturnType<typeof startBackend>>;
  let existing: Existing;

  beforeAll(async () => {
    backend = await startBackend(databases, {
      features: [
        mcpPlugin,
        actionsServiceFactory,
        actionsRegistryServiceFactory,
      ],
    });
    existing = await backend.existing();
  });
  afterAll(() => backend?.stop());

  async function ask(role: Role, method: string, params: object) {
    const { text } = await request(backend.server)
      .post('/api/mcp-actions/v1')
      .set('Authorization', headerOf(role, 'mcp-actions')!)
      .set('Accept', 'application/json, text/event-stream')
      .send({ jsonrpc: '2.0', id: 1, method, params })
      .expect(200);
    const line = text.split('\n').find(one => one.startsWith('data: '));
    const answer = JSON.parse(line ? line.slice('data: '.length) : text);
    if (answer.error) throw new Error(JSON.stringify(answer.error));
    return answer.result;
  }

  /** What a tool says, or why it refuses. */
  async function use(role: Role, name: string, input: object) {
    const { content, isError } = await ask(role, 'tools/call', {
      name,
      arguments: input,
    });
    const text: string = content[0].text;
    if (isError) return { refused: text };
    // In a block of Markdown.
    return {
      said: JSON.parse(
        text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1),
      ),
    };
  }

  const evaluation = {
    model: 'digits',
    version: 1,
    dataset: 'cities',
    datasetVersion: 1,
    metrics: { accuracy: 0.97 },
    primaryMetric: 'accuracy',
    higherIsBetter: true,
  };

  it('see each tool with what it takes', async () => {
    const { tools } = await ask('user', 'tools/list', {});
    const names = tools.map(({ name }: { name: string }) =>
      name.replace(/^ai-(registry|training)\./, ''),
    );
    expect(names).toEqual(
      expect.arrayContaining([
        'list-models',
        'get-model',
        'compare-versions',
        'add-evaluation',
        'request-promotion',
        'list-promotions',
        'list-experiments',
        'find-runs',
        'get-run',
        'compare-runs',
        'list-training-templates',
        'start-training',
        'list-training-jobs',
        'show-training-job',
        'read-training-log',
        'cancel-training',
        'retry-training',
      ]),
    );
    for (const { inputSchema, description } of tools) {
      expect(description).toBeTruthy();
      expect(inputSchema.type).toBe('object');
    }
  });

  it('change a model in the name of its owner, and of nobody else', async () => {
    const stranger = await use(
      'user',
      'ai-registry.add-evaluation',
      evaluation,
    );
    expect(stranger.refused).toContain('ai-registry.model.update');
    const owner = await use('owner', 'ai-registry.add-evaluation', evaluation);
    expect(owner.said).toMatchObject({ rows: 1 });
    const shown = await use('user', 'ai-registry.get-model', {
      model: 'digits',
    });
    expect(shown.said.versions).toMatchObject([
      { version: 1, metrics: { accuracy: 0.97 } },
    ]);
  });

  it('request promotions that they may request', async () => {
    const promotion = {
      model: 'digits',
      version: 1,
      environment: 'dev',
      reason: 'To try it',
    };
    const stranger = await use(
      'user',
      'ai-registry.request-promotion',
      promotion,
    );
    expect(stranger.refused).toContain('ai-registry.model.promote');
    const owner = await use(
      'owner',
      'ai-registry.request-promotion',
      promotion,
    );
    const { said } = await use('user', 'ai-registry.list-promotions', {
      model: 'digits',
      environment: 'dev',
    });
    expect(said.promotions).toMatchObject([
      { id: owner.said.id, requestedBy: 'user:default/ada' },
    ]);
    const nowhere = await use('owner', 'ai-registry.request-promotion', {
      ...promotion,
      environment: 'moon',
    });
    expect(nowhere.refused).toMatch(
      /environment: expected one of .*'moon'|permission/,
    );
  });

  it('read runs', async () => {
    const { said } = await use('user', 'ai-training.find-runs', {
      experiment: 'digits',
      filter: "attributes.status = 'RUNNING'",
    });
    expect(said.runs).toMatchObject([
      { id: existing.trainingRunId, status: 'RUNNING' },
    ]);
    const wrong = await use('user', 'ai-training.find-runs', {
      experiment: 'digits',
      filter: 'metrics ><',
    });
    expect(wrong.refused).toBeTruthy();
    const alone = await use('user', 'ai-training.compare-runs', {
      runs: [existing.trainingRunId, existing.trainingRunId],
    });
    expect(alone.refused).toContain('runs: expected each once');
  });
});
