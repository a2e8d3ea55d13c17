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
  type TestDatabases,
} from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import type { StartedStandIn } from '@greenroom/github-stand-in';
import {
  IssuedTokens,
  issuedTokensServiceRef,
  serviceTokenHandlerFactory,
} from '@greenroom/ai-node';
import aiInferencePlugin from '@greenroom/plugin-ai-inference-backend';
import aiMonitoringPlugin from '@greenroom/plugin-ai-monitoring-backend';
import aiRegistryPlugin from '@greenroom/plugin-ai-registry-backend';
import type { JsonObject, JsonValue } from '@backstage/types';
import type { Knex } from 'knex';
import path from 'node:path';

/**
 * Our plugins as a portal has them, with real tokens, scopes and permissions, and a data plane that it
 * runs for `dev`, on a stand-in for GitHub that tells it of what happens; only the catalog is made up.
 */
export async function startControlPlane(options: {
  databases: TestDatabases;
  directory: string;
  gitHub: StartedStandIn;
  /** Program of the data plane. */
  dataPlane: string;
  externalAccess: object[];
  /** Of `dev`; on this machine where it is left out. */
  deployer?: JsonValue;
  /** Settings besides. */
  settings?: JsonObject;
}) {
  const { databases, directory, dataPlane, externalAccess } = options;
  const { deployer = 'local', settings } = options;
  const { github, integration } = options.gitHub;
  const knexes = new Map<string, Promise<Knex>>();
  const knexOf = (pluginId: string) => {
    const known = knexes.get(pluginId) ?? databases.init('POSTGRES_18');
    knexes.set(pluginId, known);
    return known;
  };
  const backend = await startTestBackend({
    features: [
      aiRegistryPlugin,
      aiInferencePlugin,
      aiMonitoringPlugin,
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
                ...externalAccess,
              ],
            },
          },
          integrations: { github: [integration] },
          permission: { enabled: true },
          greenroom: {
            environments: [{ name: 'dev', deployer }, { name: 'production' }],
          },
          aiRegistry: {
            artifacts: { directory: path.join(directory, 'artifacts') },
            environments: {
              directory: path.join(directory, 'copy.git'),
              repository: github.repositoryUrl,
              // So long that only webhooks can tell in time.
              github: { requireChecks: false, sweepSeconds: 3_600 },
            },
          },
          aiInference: {
            localDataPlanes: {
              directory: path.join(directory, 'data-planes'),
              program: dataPlane,
            },
          },
          ...settings,
        },
      }),
    ],
  });
  const url = `http://127.0.0.1:${backend.server.port()}`;
  github.webhooks.url = `${url}/api/ai-registry/git-host/webhook`;
  return { url, stop: () => backend.stop() };
}
