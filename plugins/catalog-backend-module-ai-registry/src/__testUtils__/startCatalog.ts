import {
  mockServices,
  startTestBackend,
  TestDatabases,
} from '@backstage/backend-test-utils';
import type { Entity } from '@backstage/catalog-model';
import catalogPlugin from '@backstage/plugin-catalog-backend';
import { DefaultEventsService } from '@backstage/plugin-events-node';
import type { JsonObject } from '@backstage/types';
import type { AddressInfo } from 'node:net';
import { catalogModuleAiRegistry } from '../module';
import type { FakePlugins } from './FakePlugins';

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

/** Longest time that something may take that comes by itself, also on a busy machine. */
const PATIENCE_MILLIS = 40_000;

/** Tries again until it holds. */
export async function eventually<T>(check: () => Promise<T>): Promise<T> {
  const end = Date.now() + PATIENCE_MILLIS;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise(resolve => {
        setTimeout(resolve, 100);
      });
    }
  }
}

/** A real catalog on a database of its own, with this module, beside plugins that are none. */
export async function startCatalog(
  plugins: FakePlugins,
  config: JsonObject = {},
) {
  const knex = await databases.init('POSTGRES_18');
  const events = DefaultEventsService.create({
    logger: mockServices.logger.mock(),
  });
  const backend = await startTestBackend({
    features: [
      catalogPlugin,
      catalogModuleAiRegistry,
      mockServices.database.mock({ getClient: async () => knex }).factory,
      mockServices.discovery.mock({
        getBaseUrl: async pluginId => plugins.urlOf(pluginId),
      }).factory,
      mockServices.events.mock({
        publish: params => events.publish(params),
        subscribe: options => events.subscribe(options),
      }).factory,
      mockServices.rootConfig.factory({
        data: {
          app: { baseUrl: 'http://portal/' },
          ...config,
          catalog: {
            ...(config.catalog as JsonObject | undefined),
            stitchingStrategy: { pollingInterval: { milliseconds: 100 } },
          },
        },
      }),
    ],
  });
  const { port } = backend.server.address() as AddressInfo;

  async function get(path: string): Promise<any> {
    const response = await fetch(`http://127.0.0.1:${port}${path}`);
    const body = await response.json();
    if (!response.ok) {
      throw new Error(`${path}: ${response.status} ${JSON.stringify(body)}`);
    }
    return body;
  }

  return {
    events,
    get,
    /** @param ref - such as `api/production/digits` */
    entity: (ref: string): Promise<Entity> =>
      get(`/api/catalog/entities/by-name/${ref}`),
    async stop() {
      await backend.stop();
      await knex.destroy();
    },
  };
}
