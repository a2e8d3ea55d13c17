import type { AuditorServiceCreateEventOptions } from '@backstage/backend-plugin-api';
import { mockServices } from '@backstage/backend-test-utils';
import { AuthorizeResult } from '@backstage/plugin-permission-common';
import express from 'express';
import request from 'supertest';
import { createServiceTokenRouter } from './createServiceTokenRouter';
import type { ServiceTokenService } from './ServiceTokenService';

describe('createServiceTokenRouter', () => {
  const audited = { success: jest.fn(), fail: jest.fn() };
  const createEvent = jest.fn(
    async (_event: AuditorServiceCreateEventOptions) => audited,
  );
  const refuse = async () => {
    throw new Error('asked although it was refused');
  };
  const serviceTokens: Pick<ServiceTokenService, 'list' | 'issue' | 'revoke'> =
    { list: refuse, issue: refuse, revoke: refuse };
  const app = express();
  app.use(express.json());
  app.use(
    createServiceTokenRouter({
      auditor: mockServices.auditor.mock({ createEvent }),
      httpAuth: mockServices.httpAuth(),
      permissions: mockServices.permissions.mock({
        authorize: async () => [{ result: AuthorizeResult.DENY }],
      }),
      serviceTokens: serviceTokens as ServiceTokenService,
    }),
  );
  app.use(
    (
      { name }: Error,
      _req: express.Request,
      res: express.Response,
      _next: express.NextFunction,
    ) => {
      res.status(name === 'NotAllowedError' ? 403 : 500).end();
    },
  );

  it.each([
    [
      '/service-tokens',
      'service-token-issue',
      { name: 'ci', owner: 'group:default/team' },
    ],
    ['/service-tokens/ci/revoke', 'service-token-revoke', { name: 'ci' }],
  ])('tells the auditor of a refused %s', async (path, eventId, meta) => {
    jest.clearAllMocks();
    const answer = await request(app)
      .post(path)
      .send({ name: 'ci', owner: 'group:default/team', scopes: [] });
    expect(answer.status).toBe(403);
    expect(createEvent.mock.calls.map(([event]) => event)).toEqual([
      expect.objectContaining({ eventId, meta }),
    ]);
    expect(audited.fail).toHaveBeenCalledTimes(1);
    expect(audited.success).not.toHaveBeenCalled();
  });
});
