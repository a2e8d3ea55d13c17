import { mockServices } from '@backstage/backend-test-utils';
import { signatureOf } from '@greenroom/github-stand-in';
import express from 'express';
import type { Knex } from 'knex';
import request from 'supertest';
import { registryDatabases } from '../../__testUtils__/registryDatabases';
import { createWebhookRouter } from './createWebhookRouter';
import { DeliveryStore } from './DeliveryStore';

jest.setTimeout(60_000);

const databases = registryDatabases();
const PATH = '/git-host/webhook';
const SECRET = 'a secret';
const PAYLOAD = {
  action: 'opened',
  pull_request: { number: 7 },
  repository: { full_name: 'acme/environments' },
  sender: { login: 'octocat' },
};

describe('createWebhookRouter', () => {
  let knex: Knex;

  afterEach(() => knex.destroy());

  async function create() {
    knex = await databases.open();
    const look = jest.fn(async (_: { pullRequest?: number }) => {});
    const deliveries = new DeliveryStore(knex);
    const logger = mockServices.logger.mock();
    const app = express().use(
      createWebhookRouter({
        path: PATH,
        secret: SECRET,
        repository: 'acme/environments',
        self: async () => 'greenroom[bot]',
        deliveries,
        look,
        logger,
      }),
    );
    const deliver = (
      options: {
        payload?: object;
        body?: string;
        id?: string;
        event?: string;
        signature?: string;
      } = {},
    ) => {
      const { body = JSON.stringify(options.payload ?? PAYLOAD) } = options;
      return request(app)
        .post(PATH)
        .set('content-type', 'application/json')
        .set('x-github-delivery', options.id ?? 'delivery-1')
        .set('x-github-event', options.event ?? 'pull_request')
        .set(
          'x-hub-signature-256',
          options.signature ?? signatureOf(body, SECRET),
        )
        .send(body);
    };
    return { look, deliver, deliveries, logger };
  }

  it('looks again because of a delivery, once, however often it comes', async () => {
    const { deliver, look } = await create();
    const first = await deliver();
    expect(first).toMatchObject({ status: 202, body: { status: 'taken' } });
    expect(look.mock.calls).toEqual([[{ kind: 'look', pullRequest: 7 }]]);
    for (let time = 0; time < 3; time++) {
      expect(await deliver()).toMatchObject({
        status: 202,
        body: { status: 'taken before' },
      });
    }
    expect(look).toHaveBeenCalledTimes(1);
    await deliver({ id: 'delivery-2', event: 'push' });
    expect(look).toHaveBeenCalledTimes(2);
  });

  it('does not make GitHub wait for the look', async () => {
    const { deliver, look } = await create();
    let end = () => {};
    look.mockImplementation(
      () =>
        new Promise<void>(resolve => {
          end = resolve;
        }),
    );
    expect(await deliver()).toMatchObject({ status: 202 });
    end();
  });

  it('takes nothing that was not signed with the secret, unchanged', async () => {
    const { deliver, look } = await create();
    const body = JSON.stringify(PAYLOAD);
    for (const signature of [
      '',
      'sha256=00',
      signatureOf(body, 'another secret'),
      signatureOf(`${body} `, SECRET),
      signatureOf(body, SECRET).replace('sha256', 'sha1'),
    ]) {
      expect(await deliver({ signature })).toMatchObject({ status: 401 });
    }
    expect(look).not.toHaveBeenCalled();
    expect(await knex('git_host_deliveries')).toEqual([]);
  });

  it('takes nothing larger than a mebibyte', async () => {
    const { deliver, look } = await create();
    const payload = { ...PAYLOAD, filling: 'x'.repeat(1024 * 1024) };
    expect(await deliver({ payload })).toMatchObject({
      status: 413,
      body: { error: expect.stringContaining('the next sweep sees') },
    });
    expect(look).not.toHaveBeenCalled();
  });

  it.each([
    ['another kind of body', { body: 'payload=%7B%7D' }],
    ['no id', { id: '' }],
    ['an id of no delivery', { id: 'a b' }],
  ])('refuses %s', async (_, options) => {
    const { deliver } = await create();
    expect(await deliver(options)).toMatchObject({ status: 400 });
  });

  it.each([
    [
      'of another repository',
      { payload: { ...PAYLOAD, repository: { full_name: 'acme/other' } } },
    ],
    ['that is of no interest', { event: 'star' }],
    [
      'of its own doing',
      {
        event: 'issue_comment',
        payload: { ...PAYLOAD, sender: { login: 'greenroom[bot]' } },
      },
    ],
    ['that is not what GitHub sends', { payload: { repository: null } }],
  ])('does not look because of something %s', async (_, options) => {
    const { deliver, look } = await create();
    expect(await deliver(options)).toMatchObject({ status: 202 });
    expect(look).not.toHaveBeenCalled();
  });

  it('leaves it to the sweep when the look fails', async () => {
    const { deliver, look, logger } = await create();
    look.mockRejectedValue(new Error('GitHub is away'));
    expect(await deliver()).toMatchObject({ status: 202 });
    expect(logger.warn).toHaveBeenCalledWith(
      expect.stringContaining('the next sweep sees it'),
      expect.anything(),
    );
  });

  it('forgets deliveries after a week', async () => {
    const { deliver, deliveries } = await create();
    await deliver({ id: 'old' });
    await knex('git_host_deliveries').update({
      received_at: new Date(Date.now() - 8 * 24 * 3_600_000),
    });
    await deliver({ id: 'new' });
    await deliveries.tidy();
    expect(await knex('git_host_deliveries').pluck('id')).toEqual(['new']);
  });
});
