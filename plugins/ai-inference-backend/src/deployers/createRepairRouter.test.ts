import { mockServices } from '@backstage/backend-test-utils';
import { ConfigReader } from '@backstage/config';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import { Environments } from '@greenroom/plugin-ai-registry-common';
import express from 'express';
import request from 'supertest';
import { NoDeployer } from '../adapters/none/NoDeployer';
import type { InferenceChanges } from '../events/announcement';
import { createRepairRouter } from './createRepairRouter';
import type { Deployer } from './Deployer';
import { RepairService } from './RepairService';

const CHANGED =
  'somebody has changed Deployment models/greenroom-live: spec.replicas is 1 and not 2';

describe('the repair of what somebody has changed', () => {
  const repair = jest.fn();
  const record = jest.fn();
  const authorize = jest.fn();
  const success = jest.fn();
  const auditor = mockServices.auditor.mock();
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
            },
          },
          { name: 'mine' },
        ],
      },
    }),
  );
  const inCluster: Deployer = {
    isManaging: true,
    outlivesControlPlane: true,
    onChanged: () => {},
    reconcile: async () => ({ state: 'unmanaged' }),
    stop: async () => {},
    repair,
  };
  const changes = {
    transaction: async (run: (tx: unknown) => Promise<void>) => run('tx'),
    record,
  } as unknown as InferenceChanges;
  const app = express();
  app.use(
    createRepairRouter({
      auditor,
      httpAuth: mockServices.httpAuth(),
      permissions: mockServices.permissions.mock({ authorize }),
      repairs: new RepairService({
        environments,
        changes,
        deployers: new Map([
          ['live', { deployer: inCluster }],
          ['mine', { deployer: new NoDeployer() }],
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
  const decide = (result: AuthorizeResult) =>
    authorize.mockImplementation(async (requests: unknown[]) =>
      requests.map(() => ({ result })),
    );
  const ask = async (environment: string) => {
    const { body } = await request(app).post(
      `/environments/${environment}/data-plane/repair`,
    );
    return body;
  };

  beforeEach(() => {
    [repair, record, success, auditor.createEvent].forEach(mock =>
      mock.mockReset(),
    );
    auditor.createEvent.mockResolvedValue({ success, fail: jest.fn() });
    decide(AuthorizeResult.ALLOW);
  });

  it('says what was put right, and leaves who asked for it in both records', async () => {
    repair.mockResolvedValue([CHANGED]);
    expect(await ask('live')).toEqual({ repaired: [CHANGED] });
    expect(repair).toHaveBeenCalledWith('live');
    expect(record).toHaveBeenCalledWith('tx', {
      action: 'data-plane-repair-asked',
      actor: 'user:default/mock',
      environment: 'live',
      announce: [],
    });
    expect(auditor.createEvent).toHaveBeenCalledWith(
      expect.objectContaining({
        eventId: 'data-plane-repair',
        meta: { environment: 'live' },
      }),
    );
    expect(success).toHaveBeenCalledTimes(1);
  });

  it('is refused to who may not operate the environment, which is audited', async () => {
    decide(AuthorizeResult.DENY);
    expect(await ask('live')).toMatchObject({ name: 'NotAllowedError' });
    expect(repair).not.toHaveBeenCalled();
    expect(auditor.createEvent).toHaveBeenCalledTimes(1);
  });

  it('says why there is nothing to repair where no cluster runs it', async () => {
    expect(await ask('mine')).toEqual({
      name: 'ConflictError',
      message:
        "No cluster runs the data planes of mine, so that nobody can change them there: its deployer in greenroom.environments is 'none', and not 'kubernetes'",
    });
  });

  it("gives the cluster's words where it does not take it", async () => {
    repair.mockRejectedValue(new Error('deployments.apps is forbidden'));
    expect(await ask('live')).toEqual({
      name: 'ServiceUnavailableError',
      message:
        'What somebody has changed of the data planes of live could not be put right, or not all of it: deployments.apps is forbidden',
    });
  });
});
