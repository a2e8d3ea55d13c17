import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import {
  catalogProcessingExtensionPoint,
  type EntityProvider,
  type EntityProviderMutation,
} from '@backstage/plugin-catalog-node';
import { DefaultEventsService } from '@backstage/plugin-events-node';
import {
  TOPIC_DATASET_CHANGED,
  TOPIC_MODEL_CHANGED,
} from '@greenroom/plugin-ai-registry-common';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { catalogModuleAiRegistry } from './module';

const DIGITS = {
  name: 'digits',
  title: 'Digits',
  description: '',
  task: 'classification',
  owner: 'group:default/vision-team',
  tags: {},
  versionCount: 0,
  aliases: [],
};

const CAPITALS = {
  name: 'capitals',
  title: 'Capitals',
  description: '',
  owner: 'group:default/ml-platform',
  tags: {},
  versionCount: 0,
};

async function startRegistry(): Promise<Server> {
  const server = createServer((req, res) => {
    res.setHeader('Content-Type', 'application/json');
    const [, kind, name] = (req.url ?? '').split(/[/?]/);
    const all = kind === 'datasets' ? CAPITALS : DIGITS;
    const found =
      name === all.name
        ? { ...all, title: `${all.title}, changed` }
        : { items: [all], totalItems: 1 };
    res.end(JSON.stringify(found));
  });
  await new Promise<void>(resolve => server.listen(0, resolve));
  return server;
}

describe('catalogModuleAiRegistry', () => {
  it('syncs everything at the start, and one model or dataset on an event', async () => {
    const registry = await startRegistry();
    const { port } = registry.address() as AddressInfo;
    const events = DefaultEventsService.create({
      logger: mockServices.logger.mock(),
    });
    const mutations: Record<string, EntityProviderMutation[]> = {
      'ai-registry': [],
      'ai-registry-datasets': [],
    };
    const mutationsAre = (count: number) =>
      waitFor(() => {
        for (const each of Object.values(mutations)) {
          expect(each).toHaveLength(count);
        }
      });
    const addPlaceholderResolver = jest.fn();

    const backend = await startTestBackend({
      extensionPoints: [
        [
          catalogProcessingExtensionPoint,
          {
            addProcessor: () => {},
            addPlaceholderResolver,
            setOnProcessingErrorHandler: () => {},
            addEntityProvider: (provider: EntityProvider) =>
              provider.connect({
                applyMutation: async mutation => {
                  mutations[provider.getProviderName()].push(mutation);
                },
                refresh: async () => {},
              }),
          },
        ],
      ],
      features: [
        catalogModuleAiRegistry,
        mockServices.discovery.mock({
          getBaseUrl: async () => `http://localhost:${port}`,
        }).factory,
        mockServices.events.mock({
          publish: params => events.publish(params),
          subscribe: options => events.subscribe(options),
        }).factory,
        mockServices.rootConfig.factory({
          data: {
            app: {
              baseUrl: 'http://portal/',
              extensions: [{ 'page:ai-registry': { config: { path: '/ml' } } }],
            },
          },
        }),
      ],
    });
    await mutationsAre(1);
    await events.publish({
      topic: TOPIC_MODEL_CHANGED,
      eventPayload: {
        type: 'model-changed',
        model: 'digits',
        action: 'updated',
      },
    });
    await events.publish({
      topic: TOPIC_DATASET_CHANGED,
      eventPayload: {
        type: 'dataset-changed',
        dataset: 'capitals',
        action: 'updated',
      },
    });
    await mutationsAre(2);
    await backend.stop();
    registry.close();

    expect(addPlaceholderResolver).toHaveBeenCalledWith(
      'openApiOf',
      expect.any(Function),
    );
    const entityOf = (title: string, path: string) => ({
      locationKey: 'ai-registry',
      entity: expect.objectContaining({
        metadata: expect.objectContaining({
          title,
          links: [
            expect.objectContaining({
              url: `http://portal/ml/${path}`,
            }),
          ],
        }),
      }),
    });
    const changesOf = (title: string, path: string) => [
      { type: 'full', entities: [entityOf(title, path)] },
      {
        type: 'delta',
        added: [entityOf(`${title}, changed`, path)],
        removed: [],
      },
    ];
    expect(mutations).toEqual({
      'ai-registry': changesOf('Digits', 'models/digits'),
      'ai-registry-datasets': changesOf('Capitals', 'datasets/capitals'),
    });
  }, 30_000);
});

/** Until it holds. */
async function waitFor(check: () => void): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      check();
      return;
    } catch (error) {
      if (tries === 200) throw error;
    }
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}
