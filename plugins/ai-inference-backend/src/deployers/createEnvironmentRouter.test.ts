import { mockServices } from '@backstage/backend-test-utils';
import { ConfigReader } from '@backstage/config';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import {
  aiDataPlaneOperatePermission,
  aiDeploymentReadPermission,
  type EnvironmentPods,
} from '@greenroom/plugin-ai-inference-common';
import { Environments } from '@greenroom/plugin-ai-registry-common';
import express from 'express';
import request from 'supertest';
import { NoDeployer } from '../adapters/none/NoDeployer';
import { createEnvironmentRouter } from './createEnvironmentRouter';
import type { Deployer, PodLogQuery } from './Deployer';
import type { EnvironmentService } from './EnvironmentService';
import { PodService } from './PodService';

const PODS: EnvironmentPods = {
  pods: [
    {
      name: 'greenroom-live-1-a',
      state: 'ready',
      restarts: 0,
      image: 'example/serving:1',
      requests: {},
    },
  ],
  events: [],
  hasMoreEvents: false,
};

describe('the pods of an environment', () => {
  const asked: PodLogQuery[] = [];
  const authorize = jest.fn();
  const environments = Environments.fromConfig(
    new ConfigReader({
      greenroom: {
        environments: [
          {
            name: 'live',
            deployer: {
              kind: 'kubernetes',
              namespace: 'models',
              image: 'example/serving:1',
              resources: { cpu: '1', memory: '1Gi' },
            },
          },
          { name: 'mine' },
        ],
      },
    }),
  );
  const none = new NoDeployer();
  const inCluster: Deployer = {
    isManaging: true,
    outlivesControlPlane: true,
    onChanged: () => {},
    reconcile: async () => ({ state: 'unmanaged' }),
    stop: async () => {},
    pods: {
      list: async () => PODS,
      log: async query => {
        asked.push(query);
        return { pod: query.pod, text: 'a line\n', isCut: false };
      },
    },
  };
  const unasked = async (): Promise<never> => {
    throw new Error('not asked here');
  };
  const service: Pick<EnvironmentService, 'list' | 'setWanted' | 'wake'> = {
    list: unasked,
    setWanted: unasked,
    wake: unasked,
  };
  const auditor = mockServices.auditor.mock();
  const app = express();
  app.use(
    createEnvironmentRouter({
      auditor,
      httpAuth: mockServices.httpAuth(),
      permissions: mockServices.permissions.mock({ authorize }),
      environments: service,
      pods: new PodService({
        environments,
        deployers: new Map([
          ['live', { deployer: inCluster }],
          ['mine', { deployer: none }],
        ]),
      }),
    }),
  );
  app.use(
    (
      { name, message }: Error,
      _req: express.Request,
      res: express.Response,
      _next: express.NextFunction,
    ) => {
      res.status(500).json({ name, message });
    },
  );
  const refuse = (...names: string[]) =>
    authorize.mockImplementation(
      async (requests: { permission: { name: string } }[]) =>
        requests.map(({ permission }) => ({
          result: names.includes(permission.name)
            ? AuthorizeResult.DENY
            : AuthorizeResult.ALLOW,
        })),
    );

  const success = jest.fn();
  const fail = jest.fn();

  beforeEach(() => {
    asked.length = 0;
    success.mockReset();
    fail.mockReset();
    auditor.createEvent.mockReset();
    auditor.createEvent.mockResolvedValue({ success, fail });
    refuse();
  });

  it('shows them to whoever sees deployments, and their logs to whoever operates the environment', async () => {
    refuse(aiDataPlaneOperatePermission.name);
    const pods = await request(app).get('/environments/live/data-plane/pods');
    expect(pods.body).toEqual(PODS);
    const log = await request(app).get(
      '/environments/live/data-plane/pods/greenroom-live-1-a/log',
    );
    expect(log.body).toMatchObject({ name: 'NotAllowedError' });
    refuse(aiDeploymentReadPermission.name);
    const unseen = await request(app).get('/environments/live/data-plane/pods');
    expect(unseen.body).toMatchObject({ name: 'NotAllowedError' });
    expect(asked).toEqual([]);
  });

  it('tells the auditor who has read which log, and who wanted to and may not', async () => {
    const path = '/environments/live/data-plane/pods/greenroom-live-1-a/log';
    const event = {
      eventId: 'pod-log-read',
      severityLevel: 'medium',
      request: expect.anything(),
      meta: {
        environment: 'live',
        pod: 'greenroom-live-1-a',
        tailLines: 7,
        previous: false,
      },
    };
    await request(app).get(`${path}?tailLines=7`);
    expect(auditor.createEvent).toHaveBeenCalledTimes(1);
    expect(auditor.createEvent).toHaveBeenCalledWith(event);
    expect(success).toHaveBeenCalledTimes(1);
    refuse(aiDataPlaneOperatePermission.name);
    await request(app).get(`${path}?tailLines=7`);
    expect(auditor.createEvent).toHaveBeenLastCalledWith(event);
    expect(fail).toHaveBeenCalledWith({ error: expect.any(Error) });
    expect(success).toHaveBeenCalledTimes(1);
  });

  it('gives as many lines as are asked for, and 200 otherwise', async () => {
    const path = '/environments/live/data-plane/pods/greenroom-live-1-a/log';
    const { body } = await request(app).get(path);
    expect(body).toEqual({
      pod: 'greenroom-live-1-a',
      text: 'a line\n',
      isCut: false,
    });
    await request(app).get(`${path}?tailLines=7&previous=true`);
    const query = { environment: 'live', pod: 'greenroom-live-1-a' };
    expect(asked).toEqual([
      { ...query, tailLines: 200, previous: false },
      { ...query, tailLines: 7, previous: true },
    ]);
  });

  it.each(['pods', 'pods/any/log'])(
    'says of %s that no cluster runs the environment, and what does',
    async path => {
      const { body } = await request(app).get(
        `/environments/mine/data-plane/${path}`,
      );
      expect(body).toEqual({
        name: 'NotFoundError',
        message:
          "No cluster runs the data planes of mine, so that they have no pods: its deployer in greenroom.environments is 'none', and not 'kubernetes'",
      });
    },
  );
});
