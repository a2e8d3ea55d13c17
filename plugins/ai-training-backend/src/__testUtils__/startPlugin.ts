import {
  mockCredentials,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import {
  AuthorizeResult,
  type DefinitivePolicyDecision,
} from '@backstage/plugin-permission-common';
import { AiTrainingClient } from '@greenroom/plugin-ai-training-common';
import { createServiceFactory } from '@backstage/backend-plugin-api';
import {
  type NotificationService,
  notificationService,
} from '@backstage/plugin-notifications-node';
import type { Knex } from 'knex';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import request from 'supertest';
import { aiTrainingPlugin } from '../plugin';

export const ADA = mockCredentials.user.token('user:default/ada');

/** A program of the vision team, which may do all with experiments, and nothing else. */
export const TRAINER = mockCredentials.service.token({
  onBehalfOf: mockCredentials.service('greenroom:trainer'),
  targetPluginId: 'ai-training',
});

export const MAX_ARTIFACT_BYTES = 2 * 1024 * 1024;

const SCOPES = [
  'ai-training.experiment.create',
  'ai-training.experiment.read',
  'ai-training.experiment.update',
  'ai-training.run.write',
];

/** The plugin as it is started, with everybody else made up. */
export async function startPlugin(knex: Knex) {
  const permissions = mockServices.permissions.mock();
  const notifications: jest.Mocked<NotificationService> = { send: jest.fn() };
  const directory = await mkdtemp(join(tmpdir(), 'ai-training-'));
  const backend = await startTestBackend({
    features: [
      aiTrainingPlugin,
      mockServices.database.factory({ knex }),
      mockServices.httpAuth.factory({
        defaultCredentials: mockCredentials.none(),
      }),
      permissions.factory,
      createServiceFactory({
        service: notificationService,
        deps: {},
        factory: () => notifications,
      }),
      catalogServiceMock.factory({
        entities: ['vision', 'others'].map(name => ({
          apiVersion: 'backstage.io/v1alpha1',
          kind: 'Group',
          metadata: { namespace: 'default', name },
        })),
      }),
      mockServices.rootConfig.factory({
        data: {
          aiRegistry: {
            artifacts: { directory, maxBytes: MAX_ARTIFACT_BYTES },
          },
          backend: {
            auth: {
              externalAccess: [
                {
                  type: 'greenroom',
                  options: {
                    name: 'trainer',
                    owner: 'group:default/vision',
                    token: 'a-token-for-tests-of-more-than-24-characters',
                    scopes: SCOPES.map(permission => ({ permission })),
                  },
                },
              ],
            },
          },
        },
      }),
    ],
  });
  const { port } = backend.server.address() as AddressInfo;
  const baseUrl = `http://localhost:${port}/api/ai-training`;

  /** People may do everything but what is named, and nothing with the experiments that are named. */
  function allow({
    except = [],
    exceptOn = [],
  }: { except?: string[]; exceptOn?: string[] } = {}) {
    const decide = (
      { name }: { name: string },
      resourceRef = '',
    ): DefinitivePolicyDecision => ({
      result:
        except.includes(name) || exceptOn.includes(resourceRef)
          ? AuthorizeResult.DENY
          : AuthorizeResult.ALLOW,
    });
    permissions.authorize.mockImplementation(async questions =>
      questions.map(({ permission, ...question }) =>
        decide(
          permission,
          'resourceRef' in question ? question.resourceRef : undefined,
        ),
      ),
    );
    permissions.authorizeConditional.mockImplementation(async questions =>
      questions.map(({ permission }) => decide(permission)),
    );
  }
  allow();

  const call = async (
    method: 'get' | 'post' | 'patch' | 'delete',
    path: string,
    fields: object = {},
    token: string | undefined = ADA,
  ) => {
    const asked = request(baseUrl)[method](`/mlflow${path}`);
    if (token) asked.set('Authorization', `Bearer ${token}`);
    return method === 'get' ? asked.query(fields) : asked.send(fields);
  };

  return {
    baseUrl,
    allow,
    notifications,
    client: new AiTrainingClient({
      discoveryApi: { getBaseUrl: async () => baseUrl },
    }),
    /** As a client of MLflow calls; the path is below its API. */
    mlflow: (
      method: 'get' | 'post' | 'patch' | 'delete',
      path: string,
      fields?: object,
      token?: string,
    ) => call(method, `/api/2.0/mlflow${path}`, fields, token),
    call,
    /** The folder of the artifact store. */
    directory,
    async stop() {
      await backend.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
