import { mockServices } from '@backstage/backend-test-utils';
import { ChangeLog } from '@greenroom/ai-node';
import type { Knex } from 'knex';
import { registryDatabases } from '../__testUtils__/registryDatabases';
import type { Announcement } from '../events/announcement';
import { announceToWebhooks } from './announceToWebhooks';
import { DeliveryStore } from './DeliveryStore';
import type { Post, Posting } from './HttpPoster';
import { SecretBox } from './SecretBox';
import { WebhookSender } from './WebhookSender';

const databases = registryDatabases();
const HOOK = '00000000-0000-4000-8000-000000000001';
const OTHER = '00000000-0000-4000-8000-000000000002';

describe('WebhookSender', () => {
  let knex: Knex;
  let changes: ChangeLog<Announcement>;
  let senders: WebhookSender[];

  beforeEach(async () => {
    knex = await databases.open();
    senders = [];
    changes = new ChangeLog<Announcement>({ knex });
    changes.onRecord(announceToWebhooks);
    await knex('models').insert({
      name: 'digits',
      external_name: 'Digits',
      title: 'Digits',
      description: '',
      task: 'other',
      tags: {},
      created_at: new Date(),
      updated_at: new Date(),
      owner: 'group:default/team',
      created_by: 'user:default/ada',
    });
    for (const id of [HOOK, OTHER]) {
      await knex('webhooks').insert({
        id,
        name: 'ci',
        description: '',
        url: `https://example.com/${id}`,
        events: ['model_version.deleted'],
        status: id === HOOK ? 'ACTIVE' : 'DISABLED',
        created_by: 'user:default/ada',
      });
    }
  });
  afterEach(async () => {
    await Promise.all(senders.map(sender => sender.stop()));
    await knex.destroy();
  });

  const start = (post: Post, mostWaiting?: number): WebhookSender => {
    const sender = new WebhookSender({
      deliveries: new DeliveryStore({ knex }),
      secrets: new SecretBox([]),
      post,
      logger: mockServices.logger.mock(),
      mostWaiting,
    });
    senders.push(sender);
    return sender;
  };

  /** Commits a change for each version. */
  const change = (versions: number[]) =>
    changes.transaction(tx =>
      changes.record(
        tx,
        ...versions.map(version => ({
          action: 'version-deleted',
          actor: 'user:default/ada',
          model: 'digits',
          subject: String(version),
          announce: [],
        })),
      ),
    );

  async function until(isThere: () => boolean | Promise<boolean>) {
    const latest = Date.now() + 15_000;
    while (!(await isThere()) && Date.now() < latest) {
      await new Promise(resolve => {
        setTimeout(resolve, 10);
      });
    }
    expect(await isThere()).toBe(true);
  }

  const inState = async (state: string) =>
    (await knex('webhook_deliveries').where({ state })).length;

  it('sends what was committed before it was there, and nothing that was rolled back', async () => {
    await expect(
      changes.transaction(async tx => {
        await changes.record(tx, {
          action: 'version-deleted',
          actor: 'user:default/ada',
          model: 'digits',
          subject: '66',
          announce: [],
        });
        throw new Error('rolled back');
      }),
    ).rejects.toThrow('rolled back');
    await change([1, 2, 3]);
    const bodies: string[] = [];
    start(async ({ body }) => {
      bodies.push(body);
      return { status: 200, durationMillis: 1 };
    }).start();
    await until(async () => (await inState('DELIVERED')) === 3);
    expect(bodies.map(body => JSON.parse(body).data.version).sort()).toEqual([
      '1',
      '2',
      '3',
    ]);
  });

  it('does what another process was doing when it was killed, under the same id', async () => {
    await change([1]);
    // Claims it, and never says what became of it.
    const [claim] = await new DeliveryStore({ knex }).claim({
      limit: 1,
      failing: false,
      perHook: 1,
    });
    const ids: string[] = [];
    start(async ({ headers }) => {
      ids.push(headers['X-MLflow-Delivery-Id']);
      return { status: 200, durationMillis: 1 };
    }).start();
    await new Promise(resolve => {
      setTimeout(resolve, 300);
    });
    expect(ids).toEqual([]);
    await knex('webhook_deliveries').update({
      leased_until: knex.raw('clock_timestamp()'),
    });
    await until(async () => (await inState('DELIVERED')) === 1);
    expect(ids).toEqual([claim.id]);
    // Whoever comes back late changes nothing.
    await new DeliveryStore({ knex }).finish(
      claim,
      { error: 'late', durationMillis: 1 },
      1_000,
    );
    expect(await inState('DELIVERED')).toBe(1);
  });

  it('shares the work among processes: each delivery is sent once, few of one hook at once', async () => {
    let now = 0;
    let most = 0;
    const ids: string[] = [];
    const post = async ({ headers }: Posting) => {
      now += 1;
      most = Math.max(most, now);
      ids.push(headers['X-MLflow-Delivery-Id']);
      await new Promise(resolve => {
        setTimeout(resolve, 5);
      });
      now -= 1;
      return { status: 200, durationMillis: 5 };
    };
    await change(Array.from({ length: 60 }, (_, index) => index + 1));
    for (let process = 0; process < 3; process += 1) start(post).start();
    await until(async () => (await inState('DELIVERED')) === 60);
    expect(new Set(ids).size).toBe(60);
    expect(ids).toHaveLength(60);
    // Two that look at the same moment may each take as many.
    expect(most).toBeLessThanOrEqual(12);
  });

  it('leaves what it was sending to others when it is stopped', async () => {
    await change([1]);
    let isSending = false;
    const stopped = start(async ({ signal }) => {
      isSending = true;
      await new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      });
      return { durationMillis: 1 };
    });
    stopped.start();
    await until(() => isSending);
    await stopped.stop();
    expect(await knex('webhook_deliveries')).toMatchObject([
      { state: 'PENDING', attempts: 0, lease: null },
    ]);
  });

  it('gives up after ten tries, and says so', async () => {
    await change([1]);
    let tries = 0;
    start(async () => {
      tries += 1;
      await knex('webhook_deliveries').update({
        due_at: knex.raw('clock_timestamp()'),
      });
      return {
        status: 500,
        error: 'The receiver answered 500',
        durationMillis: 1,
      };
    }).start();
    const again = setInterval(() => {
      knex('webhook_deliveries')
        .where({ state: 'PENDING' })
        .whereNull('lease')
        .update({ due_at: knex.raw('clock_timestamp()') })
        .catch(() => {});
    }, 20);
    await until(async () => (await inState('FAILED')) === 1);
    clearInterval(again);
    expect(tries).toBe(10);
    const [hook] = await knex('webhooks').where({ id: HOOK });
    expect(hook.failures).toBe(10);
  });

  it('drops the oldest that wait where too many do, and counts them', async () => {
    await knex('webhooks').where({ id: HOOK }).update({ failures: 1 });
    await change(Array.from({ length: 30 }, (_, index) => index + 1));
    const sender = start(async () => ({ status: 200, durationMillis: 1 }), 10);
    await sender.tidy();
    const left = await knex('webhook_deliveries').orderBy('position');
    expect(left.map(({ body }) => JSON.parse(body).data.version)).toEqual(
      Array.from({ length: 10 }, (_, index) => String(index + 21)),
    );
    const [hook] = await knex('webhooks').where({ id: HOOK });
    expect(hook.dropped).toBe('20');
  });

  it('forgets what is old, and gives up what has waited for a day', async () => {
    await change([1, 2]);
    const [old, late] = await knex('webhook_deliveries').orderBy('position');
    await knex('webhook_deliveries')
      .where({ id: old.id })
      .update({
        state: 'DELIVERED',
        created_at: knex.raw(`clock_timestamp() - interval '31 days'`),
      });
    await knex('webhook_deliveries')
      .where({ id: late.id })
      .update({ expires_at: knex.raw('clock_timestamp()') });
    await start(async () => ({ durationMillis: 1 })).tidy();
    expect(await knex('webhook_deliveries')).toMatchObject([
      {
        id: late.id,
        state: 'FAILED',
        error: 'It could not be sent within a day',
      },
    ]);
  });

  it('lets a change go on whose hook is deleted meanwhile', async () => {
    const deletion = await knex.transaction();
    await deletion('webhooks').where({ id: HOOK }).delete();
    const changed = change([1]);
    await new Promise(resolve => {
      setTimeout(resolve, 100);
    });
    await deletion.commit();
    await changed;
    expect(await knex('webhook_deliveries')).toEqual([]);
    expect(await knex('audit_entries')).toHaveLength(1);
  });
});
