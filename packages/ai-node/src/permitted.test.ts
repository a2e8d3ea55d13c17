import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import {
  AuthorizeResult,
  createPermission,
} from '@backstage/plugin-permission-common';
import express from 'express';
import request from 'supertest';
import { permitted } from './permitted';

const permission = createPermission({
  name: 'thing.use',
  attributes: {},
  resourceType: 'thing',
});

describe('permitted', () => {
  const auditor = mockServices.auditor.mock();
  const fail = jest.fn();
  const authorize = jest.fn();
  const handled = jest.fn();

  const ask = (options: { allow?: ('user' | 'service')[] } = {}) => {
    const app = express();
    app.get(
      '/things/:name',
      permitted({
        ...options,
        httpAuth: mockServices.httpAuth(),
        permissions: mockServices.permissions.mock({ authorize }),
        permission,
        resourceRef: ({ params }) => `${params.name}/*`,
        auditRefusal: {
          auditor,
          event: ({ params }) => ({ eventId: 'thing-use', meta: params }),
        },
      }),
      (_req, res) => {
        handled();
        res.json({});
      },
    );
    app.use(
      (
        { name, message }: Error,
        _req: express.Request,
        res: express.Response,
        _next: express.NextFunction,
      ) => {
        res.status(name === 'NotAllowedError' ? 403 : 500).json({ message });
      },
    );
    return request(app)
      .get('/things/a')
      .set('Authorization', mockCredentials.user.header());
  };

  beforeEach(() => {
    jest.resetAllMocks();
    auditor.createEvent.mockResolvedValue({ fail, success: jest.fn() });
    authorize.mockResolvedValue([{ result: AuthorizeResult.ALLOW }]);
  });

  it('lets those go on who may do it with what the request is about', async () => {
    await ask().expect(200);
    expect(authorize).toHaveBeenCalledWith(
      [{ permission, resourceRef: 'a/*' }],
      { credentials: mockCredentials.user() },
    );
    expect(auditor.createEvent).not.toHaveBeenCalled();
  });

  it('refuses the others with what is missing, and tells the auditor', async () => {
    authorize.mockResolvedValue([{ result: AuthorizeResult.DENY }]);
    const { body } = await ask().expect(403);
    expect(body.message).toContain(`permission 'thing.use' on 'a/*'`);
    expect(handled).not.toHaveBeenCalled();
    expect(auditor.createEvent).toHaveBeenCalledWith(
      expect.objectContaining({ eventId: 'thing-use', meta: { name: 'a' } }),
    );
    expect(fail).toHaveBeenCalledWith({
      error: expect.objectContaining({ name: 'NotAllowedError' }),
    });
  });

  it('asks nothing about those who may not come at all', async () => {
    await ask({ allow: ['service'] }).expect(403);
    expect(authorize).not.toHaveBeenCalled();
    expect(auditor.createEvent).not.toHaveBeenCalled();
  });
});
