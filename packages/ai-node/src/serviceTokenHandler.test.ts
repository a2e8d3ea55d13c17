import { authServiceFactory } from '@backstage/backend-defaults/auth';
import { httpAuthServiceFactory } from '@backstage/backend-defaults/httpAuth';
import { permissionsServiceFactory } from '@backstage/backend-defaults/permissions';
import {
  coreServices,
  createBackendPlugin,
  createServiceFactory,
} from '@backstage/backend-plugin-api';
import {
  mockServices,
  startTestBackend,
  TestDatabases,
} from '@backstage/backend-test-utils';
import { createPermission } from '@backstage/plugin-permission-common';
import { RunTokens } from '@greenroom/github-stand-in';
import Router from 'express-promise-router';
import request from 'supertest';
import { isPermitted } from './requirePermission';
import { serviceTokenHandlerFactory } from './serviceTokenHandler';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
const TOKEN = 'the-token-of-the-shelf-and-its-books';
const LAPSED = 'the-token-of-the-shelf-before-this-one';

/** A plugin of somebody else's, which knows nothing of scopes. */
const shelfPlugin = (pluginId: string) =>
  createBackendPlugin({
    pluginId,
    register(env) {
      env.registerInit({
        deps: {
          auth: coreServices.auth,
          http: coreServices.httpRouter,
          httpAuth: coreServices.httpAuth,
          permissions: coreServices.permissions,
        },
        async init({ auth, http, httpAuth, permissions }) {
          const router = Router();
          router.get('/may/:name', async (req, res) => {
            const credentials = await httpAuth.credentials(req);
            const permission = createPermission({
              name: req.params.name,
              attributes: { action: 'read' },
            });
            const may = await isPermitted(permissions, {
              permission,
              credentials,
            });
            res.json({ may, principal: credentials.principal });
          });
          router.get('/on-behalf', async (req, res) => {
            const onBehalfOf = await httpAuth.credentials(req);
            await auth.getPluginRequestToken({
              onBehalfOf,
              targetPluginId: 'catalog',
            });
            res.json({});
          });
          http.use(router);
        },
      });
    },
  });

/** A database a plugin. */
const databaseFactory = createServiceFactory({
  service: coreServices.database,
  deps: {},
  async factory() {
    const knex = await databases.init('POSTGRES_18');
    return { getClient: async () => knex };
  },
});

describe('a token with scopes, in a real backend', () => {
  let backend: Awaited<ReturnType<typeof startTestBackend>>;
  const issuer = new RunTokens();

  beforeAll(async () => {
    await issuer.start();
    const federated = (name: string, ref: string, permission: string) => ({
      type: 'greenroom',
      options: {
        from: 'oidc',
        name,
        owner: 'group:default/readers',
        issuer: issuer.url,
        audience: 'https://greenroom.example',
        claims: { repository: 'acme/environments', ref },
        scopes: [{ permission }],
      },
    });
    const token = (name: string, text: string, more = {}) => ({
      type: 'greenroom',
      options: {
        name,
        owner: 'group:default/readers',
        token: text,
        scopes: [{ permission: 'shelf.book.read' }],
        ...more,
      },
    });
    const externalAccess = [
      token('reader', TOKEN),
      token('earlier', LAPSED, { expiresAt: '2026-01-01' }),
      federated('proposals', 'refs/pull/*/merge', 'shelf.book.read'),
      federated('deployments', 'refs/heads/main', 'shelf.book.lend'),
    ];
    backend = await startTestBackend({
      features: [
        shelfPlugin('shelf'),
        shelfPlugin('cellar'),
        authServiceFactory,
        httpAuthServiceFactory,
        permissionsServiceFactory,
        serviceTokenHandlerFactory,
        databaseFactory,
        mockServices.rootConfig.factory({
          data: {
            backend: {
              baseUrl: 'http://127.0.0.1',
              auth: { externalAccess },
            },
            permission: { enabled: true },
          },
        }),
      ],
    });
  });
  afterAll(async () => {
    await backend?.stop();
    await issuer.stop();
  });

  const get = (path: string, token?: string) => {
    const asked = request(backend.server).get(`/api${path}`);
    return token ? asked.set('Authorization', `Bearer ${token}`) : asked;
  };

  it('may what it names in the plugin, also when the plugin knows no scopes', async () => {
    const { body } = await get('/shelf/may/shelf.book.read', TOKEN).expect(200);
    expect(body).toMatchObject({
      may: true,
      principal: { type: 'service', subject: 'greenroom:reader' },
    });
    const other = await get('/shelf/may/shelf.book.burn', TOKEN).expect(200);
    expect(other.body.may).toBe(false);
  });

  it('cannot enter other plugins, directly or through this one', async () => {
    const { body } = await get('/cellar/may/shelf.book.read', TOKEN);
    expect(body.error.message).toMatch(
      /token 'reader' has no scope in the plugin 'cellar'/,
    );
    await get('/shelf/on-behalf', TOKEN).expect(403);
  });

  it('is refused when it lapsed, changed or is missing', async () => {
    const { body } = await get('/shelf/may/shelf.book.read', LAPSED).expect(
      401,
    );
    expect(body.error.message).toMatch(/'earlier' lapsed at 2026-01-01/);
    await get('/shelf/may/shelf.book.read', `${TOKEN}x`).expect(401);
    await get('/shelf/may/shelf.book.read').expect(401);
  });

  it('is one of a run of a workflow as well, by what its issuer says of the run', async () => {
    const onMain = await issuer.sign();
    const { body } = await get('/shelf/may/shelf.book.lend', onMain);
    expect(body).toMatchObject({
      may: true,
      principal: { subject: 'greenroom:deployments' },
    });
    const proposed = await issuer.sign({ ref: 'refs/pull/7/merge' });
    const lend = await get('/shelf/may/shelf.book.lend', proposed).expect(200);
    expect(lend.body.may).toBe(false);
    const read = await get('/shelf/may/shelf.book.read', proposed).expect(200);
    expect(read.body).toMatchObject({
      may: true,
      principal: { subject: 'greenroom:proposals' },
    });
    await get('/cellar/may/shelf.book.read', proposed).expect(403);
  });

  it('tells a stranger nothing about what it would have to say', async () => {
    const strangers = await issuer.sign({ repository: 'mallory/fork' });
    const { body } = await get('/shelf/may/shelf.book.read', strangers).expect(
      401,
    );
    expect(JSON.stringify(body)).not.toMatch(/acme|deployments|proposals/);
  });
});
