import { mockServices, startTestBackend } from '@backstage/backend-test-utils';
import {
  catalogProcessingExtensionPoint,
  type EntityProvider,
  type EntityProviderMutation,
} from '@backstage/plugin-catalog-node';
import { DefaultEventsService } from '@backstage/plugin-events-node';
import { TOPIC_MODEL_CHANGED } from '@greenroom/plugin-ai-registry-common';
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

async function startRegistry(): Promise<Server> {
  const server = createServer((req, res) => {
    res.setHeader('Content-Type', 'application/json');
    const found = req.url?.endsWith('/models/digits')
      ? { ...DIGITS, title: 'Digits, changed' }
      : { items: [DIGITS], totalItems: 1 };
    res.end(JSON.stringify(found));
  });
  await new Promise<void>(resolve => server.listen(0, resolve));
  return server;
}

describe('catalogModuleAiRegistry', () => {
  it('syncs everything at the start and one model on an event', async () => {
    const registry = await startRegistry();
    const { port } = registry.address() as AddressInfo;
    const events = DefaultEventsService.create({
      logger: mockServices.logger.mock(),
    });
    const mutations: EntityProviderMutation[] = [];
    let notify = () => {};
    const nextMutation = () =>
      new Promise<void>(resolve => {
        notify = resolve;
      });
    const first = nextMutation();
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
                  mutations.push(mutation);
                  notify();
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
    await first;
    const second = nextMutation();
    await events.publish({
      topic: TOPIC_MODEL_CHANGED,
      eventPayload: {
        type: 'model-changed',
        model: 'digits',
        action: 'updated',
      },
    });
    await second;
    await backend.stop();
    registry.close();

    expect(addPlaceholderResolver).toHaveBeenCalledWith(
      'openApiOf',
      expect.any(Function),
    );
    const entityOf = (title: string) => ({
      locationKey: 'ai-registry',
      entity: expect.objectContaining({
        metadata: expect.objectContaining({
          title,
          links: [
            expect.objectContaining({
              url: 'http://portal/ml/models/digits',
            }),
          ],
        }),
      }),
    });
    expect(mutations).toEqual([
      { type: 'full', entities: [entityOf('Digits')] },
      { type: 'delta', added: [entityOf('Digits, changed')], removed: [] },
    ]);
  }, 30_000);
});
