import {
  mockCredentials,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import { createBackendModule } from '@backstage/backend-plugin-api';
import { ResponseError } from '@backstage/errors';
import type { EventParams } from '@backstage/plugin-events-node';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import {
  AiRegistryClient,
  type Digest,
  type NewVersion,
  type PromotionDetail,
  type PromotionPhase,
  TOPIC_ENVIRONMENT_CHANGED,
} from '@greenroom/plugin-ai-registry-common';
import { promotionGatesExtensionPoint } from '@greenroom/plugin-ai-registry-node';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { registryDatabases } from '../__testUtils__/registryDatabases';
import { aiRegistryPlugin } from '../plugin';
import { evaluationWithErrors } from './__testUtils__/createHarness';

jest.setTimeout(180_000);

const databases = registryDatabases();
const ada = { token: mockCredentials.user.token('user:default/ada') };
const grace = { token: mockCredentials.user.token('user:default/grace') };
/** The plugin that deploys what the registry wants. */
const aiInference = {
  token: mockCredentials.service.token({
    onBehalfOf: mockCredentials.service('plugin:ai-inference'),
    targetPluginId: 'ai-registry',
  }),
};
const MODEL = 'traffic-light';

/** A module with a gate of its own. */
const houseRules = createBackendModule({
  pluginId: 'ai-registry',
  moduleId: 'house-rules',
  register(env) {
    env.registerInit({
      deps: { gates: promotionGatesExtensionPoint },
      async init({ gates }) {
        gates.addGate({
          id: 'house-rules',
          title: 'Keeps to the rules of the house',
          check: async ({ promotion, candidate }) => ({
            status: 'passed',
            summary: `Version ${candidate.version} of ${promotion.model} does.`,
          }),
        });
      },
    });
  },
});

const versionOf = (digest: Digest, everyNth: number): NewVersion => ({
  digest,
  evaluation: evaluationWithErrors(everyNth),
});

describe('promotion over HTTP', () => {
  let directory: string;
  let client: AiRegistryClient;
  let stop: () => Promise<void>;
  const published: EventParams[] = [];
  const permissions = mockServices.permissions.mock();

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'promotion-'));
    const knex = await databases.open();
    const events = mockServices.events.mock({
      publish: async event => {
        published.push(event);
      },
    });
    const backend = await startTestBackend({
      features: [
        aiRegistryPlugin,
        houseRules,
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
        events.factory,
        permissions.factory,
        mockServices.rootConfig.factory({
          data: {
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
    client = new AiRegistryClient({
      discoveryApi: {
        getBaseUrl: async () => `http://localhost:${port}/api/ai-registry`,
      },
    });
    permit(() => true);
    await client.createModel(
      { name: MODEL, task: 'classification', owner: 'group:default/vision' },
      ada,
    );
    const { digest } = await client.uploadArtifact(
      await readFile(
        path.join(__dirname, '..', 'onnx', '__fixtures__', 'classifier.onnx'),
      ),
      ada,
    );
    for (const everyNth of [10, 20]) {
      await client.createVersion(MODEL, versionOf(digest, everyNth), ada);
    }
  });

  afterAll(async () => {
    await stop();
    await rm(directory, { recursive: true, force: true });
  });

  function permit(decide: (permission: string) => boolean): void {
    permissions.authorize.mockImplementation(async questions =>
      questions.map(({ permission }) => ({
        result: decide(permission.name)
          ? AuthorizeResult.ALLOW
          : AuthorizeResult.DENY,
      })),
    );
  }

  const promote = (version: number) =>
    client.promote(
      {
        model: MODEL,
        version,
        environment: 'production',
        reason: 'It sees better at night.',
      },
      ada,
    );

  async function waitFor(
    id: string,
    phase: PromotionPhase,
  ): Promise<PromotionDetail> {
    const deadline = Date.now() + 60_000;
    for (;;) {
      const promotion = await client.getPromotion(id, grace);
      if (promotion.state.phase === phase) return promotion;
      if (Date.now() > deadline) {
        throw new Error(`Expected ${phase}: ${JSON.stringify(promotion)}`);
      }
      await new Promise(resolve => setTimeout(resolve, 50));
    }
  }

  const timesTold = () =>
    published.filter(event => event.topic === TOPIC_ENVIRONMENT_CHANGED).length;

  /** What waits together to be told is told once, so that a number of times is no promise. */
  async function waitUntilTold(moreThan: number): Promise<void> {
    const deadline = Date.now() + 60_000;
    while (timesTold() <= moreThan) {
      if (Date.now() > deadline) {
        throw new Error(`Told ${timesTold()} times, no more`);
      }
      await new Promise(resolve => setTimeout(resolve, 50));
    }
  }

  /** What the server says about a call that it refuses. */
  async function refusalOf(call: Promise<unknown>): Promise<string> {
    const error = await call.then(
      () => new Error('It was not refused'),
      failure => failure,
    );
    return error instanceof ResponseError ? error.cause.message : `${error}`;
  }

  it('plays from the request to the rollback', async () => {
    const first = await promote(1);
    expect(first.state).toEqual({ phase: 'checking' });
    await waitFor(first.id, 'awaiting-review');
    await client.approvePromotion(first.id, {}, grace);
    await waitFor(first.id, 'rolling-out');
    await waitUntilTold(0);

    const { id } = await promote(2);
    const waiting = await waitFor(id, 'awaiting-review');
    expect(waiting.review).toEqual({ allowed: true });
    expect(await refusalOf(client.approvePromotion(id, {}, ada))).toContain(
      'a second person has to approve it',
    );
    const toldOfFirst = timesTold();
    await client.approvePromotion(id, { comment: 'Yes' }, grace);
    await waitFor(id, 'rolling-out');
    await waitUntilTold(toldOfFirst);
    expect(await client.getAlias(MODEL, 'production', {}, ada)).toMatchObject({
      version: 2,
      promotionId: id,
      changedBy: 'user:default/ada',
    });

    const toldOfSecond = timesTold();
    const rollback = await client.rollback(
      { model: MODEL, environment: 'production', reason: 'Blinded by snow.' },
      ada,
    );
    await waitFor(rollback.id, 'rolling-out');
    await waitUntilTold(toldOfSecond);
    expect(
      await client.listDesiredDeployments('production', aiInference),
    ).toMatchObject({
      items: [
        {
          model: MODEL,
          version: 1,
          kind: 'rollback',
          promotionId: rollback.id,
        },
      ],
      problems: [],
    });
    for (const [model, count] of [
      [MODEL, 1],
      ['another', 0],
    ] as const) {
      const { items } = await client.listDesiredDeployments('production', {
        ...aiInference,
        model,
      });
      expect(items).toHaveLength(count);
    }
    expect(await client.listDesiredDeployments('staging', aiInference)).toEqual(
      {
        items: [],
        problems: [],
        deprecations: [],
      },
    );
    const history = await client.getAliasHistory(MODEL, ada);
    expect(history.items.map(change => change.version)).toEqual([1, 2, 1]);

    const signals = published
      .filter(event => event.topic === 'signals')
      .map(event => JSON.stringify(event.eventPayload))
      .filter(payload => payload.includes(id));
    expect(signals.length).toBeGreaterThan(10);
  });

  it('is closed and listed', async () => {
    const { id } = await promote(2);
    const query = { model: MODEL, environment: 'production' } as const;
    const open = await client.listPromotions({ ...query, open: true }, ada);
    expect(open.items.map(item => item.id)).toEqual([id]);
    const closed = await client.closePromotion(id, { reason: 'Not yet' }, ada);
    expect(closed).toMatchObject({
      state: { phase: 'closed', reason: 'Not yet' },
      reviews: [],
    });
    expect(
      (await client.listPromotions({ ...query, open: true }, ada)).items,
    ).toEqual([]);
    expect(await refusalOf(client.retryPromotion(id, ada))).toContain(
      'only a failed step',
    );
  });

  it('holds promotions against the gates of modules', async () => {
    const { items } = await client.listPromotions({ model: MODEL }, ada);
    const promotion = items.find(
      ({ kind, state }) => kind === 'promotion' && state.phase !== 'closed',
    );
    expect(promotion?.gates).toContainEqual(
      expect.objectContaining({
        id: 'own:house-rules',
        title: 'Keeps to the rules of the house',
        status: 'passed',
        summary: expect.stringMatching(/^Version [12] of traffic-light does/),
      }),
    );
  });

  it('refuses what the document does not describe', async () => {
    const request = {
      model: MODEL,
      version: 2,
      environment: 'production',
      reason: '',
    } as const;
    expect(await refusalOf(client.promote(request, ada))).toContain('reason');
    expect(
      await refusalOf(
        client.promote(
          {
            ...request,
            reason: 'x',
            rollout: { strategy: 'canary', steps: [] },
          },
          ada,
        ),
      ),
    ).toContain('rollout: steps: expected at least one step');
    expect(await refusalOf(client.getPromotion('nope', ada))).toContain(
      "There is no promotion 'nope'",
    );
  });

  describe('permissions', () => {
    let id: string;

    beforeAll(async () => {
      permit(() => true);
      ({ id } = await promote(2));
      await waitFor(id, 'awaiting-review');
    });
    afterEach(() => permit(() => true));

    it('asks for the right one', async () => {
      permit(name => name === 'ai-registry.model.read');
      const request = { model: MODEL, environment: 'production' } as const;
      const rollback = { ...request, reason: 'x' };
      const needed: [() => Promise<unknown>, string][] = [
        [() => promote(2), 'ai-registry.model.promote'],
        [() => client.rollback(rollback, ada), 'ai-registry.model.promote'],
        [
          () => client.approvePromotion(id, {}, grace),
          'ai-registry.model.review',
        ],
        [
          () => client.closePromotion(id, { reason: 'x' }, grace),
          'ai-registry.model.promote',
        ],
        [() => client.retryPromotion(id, grace), 'ai-registry.model.review'],
        [
          () =>
            client.overrideGate(
              id,
              { gate: 'evaluation', reason: 'It is.' },
              grace,
            ),
          'ai-registry.promotion.override',
        ],
      ];
      for (const [call, permission] of needed) {
        expect(await refusalOf(call())).toContain(permission);
      }
      const { review, override } = await client.getPromotion(id, grace);
      expect(override).toEqual({
        allowed: false,
        reason: expect.stringContaining('ai-registry.promotion.override'),
      });
      expect(review).toEqual({
        allowed: false,
        reason: expect.stringContaining('ai-registry.model.review'),
      });
    });

    it('tells the author that a second person is needed, not that a permission is', async () => {
      permit(name => name !== 'ai-registry.model.review');
      expect(await refusalOf(client.approvePromotion(id, {}, ada))).toContain(
        'a second person has to approve it',
      );
      permit(name => name !== 'ai-registry.promotion.override');
      const override = { gate: 'evaluation', reason: 'It is.' } as const;
      expect(await refusalOf(client.overrideGate(id, override, ada))).toContain(
        'a second person has to override its gates',
      );
    });

    it('hides what the caller may not read', async () => {
      permit(() => false);
      expect(await refusalOf(client.getPromotion(id, grace))).toContain(
        'ai-registry.model.read',
      );
      expect((await client.listPromotions({}, grace)).items).toEqual([]);
      expect(await client.listDesiredDeployments('production', ada)).toEqual({
        items: [],
        problems: [],
        deprecations: [],
      });
    });

    it('lets a reviewer reject', async () => {
      permit(name => name !== 'ai-registry.model.promote');
      const closed = await client.closePromotion(id, { reason: 'No' }, grace);
      expect(closed.reviews).toMatchObject([{ verdict: 'rejected' }]);
    });
  });
});
