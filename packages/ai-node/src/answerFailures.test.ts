import { mockErrorHandler } from '@backstage/backend-test-utils';
import { NotFoundError, ServiceUnavailableError } from '@backstage/errors';
import express from 'express';
import Router from 'express-promise-router';
import knexFactory from 'knex';
import { createServer, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import request from 'supertest';
import { answerFailures } from './answerFailures';

function ask(handler: () => Promise<unknown>) {
  const router = Router();
  router.get('/', async () => {
    await handler();
  });
  const app = express();
  app.use(router, answerFailures, mockErrorHandler());
  return request(app).get('/');
}

/** As `ResponseError.fromResponse` makes it. */
const responseError = (statusCode: number) =>
  Object.assign(new Error(`Request failed with ${statusCode}`), {
    name: 'ResponseError',
    statusCode,
  });

describe('answerFailures', () => {
  it.each([401, 500, 503])(
    'does not pass on as its own that another plugin answered %s',
    async statusCode => {
      const { status, headers } = await ask(async () => {
        throw responseError(statusCode);
      });
      expect([status, headers['retry-after']]).toEqual([503, '2']);
    },
  );

  it.each([
    ['a refusal of what was asked', responseError(403), 403],
    ['a thing that is not there', new NotFoundError('No such model'), 404],
    ['a bug', new TypeError('x is not a function'), 500],
    [
      'another host that is asked by HTTP and cannot be reached',
      // As node-fetch makes it.
      Object.assign(new Error('getaddrinfo ENOTFOUND git.example.org'), {
        name: 'FetchError',
        type: 'system',
        code: 'ENOTFOUND',
      }),
      500,
    ],
    [
      'a value that the database refuses',
      Object.assign(new Error('duplicate key'), { code: '23505' }),
      500,
    ],
  ])('leaves %s as it is', async (_what, error, expected) => {
    const { status, headers } = await ask(async () => {
      throw error;
    });
    expect([status, headers['retry-after']]).toEqual([expected, undefined]);
  });

  it('says when to come back wherever something is away', async () => {
    const { status, headers } = await ask(async () => {
      throw new ServiceUnavailableError('No data plane is online');
    });
    expect([status, headers['retry-after']]).toEqual([503, '2']);
  });

  describe('without a database', () => {
    let server: Server | undefined;
    afterEach(
      () =>
        new Promise<void>(resolve => {
          if (server) server.close(() => resolve());
          else resolve();
          server = undefined;
        }),
    );

    async function query(port: number, end = () => {}) {
      const knex = knexFactory({
        client: 'pg',
        connection: { host: '127.0.0.1', port, user: 'nobody' },
        pool: { min: 0, max: 1, acquireTimeoutMillis: 500 },
      });
      try {
        return await ask(() => knex.select(1));
      } finally {
        // Knex waits for connections that are being made.
        end();
        await knex.destroy();
      }
    }

    async function listen(onConnection: (end: () => void) => void) {
      const connections = new Set<{ destroy(): void }>();
      const started = createServer(socket => {
        connections.add(socket);
        socket.on('error', () => {});
        onConnection(() => socket.destroy());
      });
      await new Promise<void>(resolve => {
        started.listen(0, '127.0.0.1', resolve);
      });
      server = started;
      return {
        port: (started.address() as AddressInfo).port,
        end: () => connections.forEach(socket => socket.destroy()),
      };
    }

    it('answers 503 when nobody listens', async () => {
      const { port } = await listen(() => {});
      await new Promise(resolve => server?.close(resolve));
      server = undefined;
      const { status, headers, body } = await query(port);
      expect([status, headers['retry-after'], body.error.message]).toEqual([
        503,
        '2',
        // No address, and no query.
        'The database does not answer: try again in some seconds',
      ]);
    });

    it('answers 503 when connections are ended', async () => {
      const { port } = await listen(end => end());
      expect((await query(port)).status).toBe(503);
    });

    it('answers 503 when it hangs', async () => {
      const { port, end } = await listen(() => {});
      expect((await query(port, end)).status).toBe(503);
    });
  });
});
