import { TestDatabases } from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkQueue } from './WorkQueue';

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
const LEASE_MILLIS = 300;

describe('WorkQueue', () => {
  let knex: Knex;
  let queue: WorkQueue;

  const create = () =>
    new WorkQueue({
      knex,
      table: 'chores',
      key: 'chore',
      leaseMillis: LEASE_MILLIS,
      retryMillis: 100,
    });
  beforeAll(async () => {
    knex = await databases.init('POSTGRES_18');
    await knex.schema.createTable('chores', table => {
      table.text('chore').primary();
      table.timestamp('due_at').notNullable();
      table.text('lease');
      table.timestamp('leased_until');
    });
  });
  beforeEach(async () => {
    await knex('chores').delete();
    queue = create();
  });

  const enqueue = (...ids: string[]) =>
    knex.transaction(async tx => {
      for (const id of ids) await queue.enqueue(tx, id);
    });
  const take = async (from = queue) => {
    const taken: string[] = [];
    while (
      await from.workOnNext(async id => {
        taken.push(id);
        return undefined;
      })
    );
    return taken;
  };

  it('gives each item once, the one due longest first', async () => {
    await enqueue('a', 'b', 'c');
    expect(await take()).toEqual(['a', 'b', 'c']);
    expect(await take()).toEqual([]);
  });

  it('lets several work at once, without an open transaction', async () => {
    await enqueue('a', 'b');
    const seen: string[] = [];
    await queue.workOnNext(async id => {
      seen.push(id);
      seen.push(...(await take(create())));
      const { rows } = await knex.raw(
        `select count(*)::integer as open from pg_stat_activity
         where datname = current_database() and state like 'idle in transaction%'`,
      );
      expect(rows).toEqual([{ open: 0 }]);
      return undefined;
    });
    expect(seen).toEqual(['a', 'b']);
  });

  it('comes back when it was asked to, and puts others first', async () => {
    await enqueue('a', 'b');
    await queue.workOnNext(async () => new Date());
    expect(await take()).toEqual(['b', 'a']);
    await enqueue('a');
    await queue.workOnNext(async () => new Date(Date.now() + 60_000));
    expect(await take()).toEqual([]);
  });

  it('keeps what was asked for while it worked', async () => {
    await enqueue('a');
    await queue.workOnNext(async () => {
      await enqueue('a');
      return undefined;
    });
    expect(await take()).toEqual(['a']);
  });

  it('gives an item to somebody else when its worker was killed', async () => {
    await enqueue('a');
    await knex('chores').update({
      lease: 'of the dead',
      leased_until: knex.raw(`clock_timestamp() + interval '200 ms'`),
    });
    expect(await take()).toEqual([]);
    await sleep(250);
    expect(await take()).toEqual(['a']);
  });

  it('renews the lease of long work', async () => {
    await enqueue('a');
    await queue.workOnNext(async (_id, signal) => {
      await sleep(3 * LEASE_MILLIS);
      expect(signal.aborted).toBe(false);
      expect(await take(create())).toEqual([]);
      return undefined;
    });
  });

  it('tells a worker that it has lost its lease, and leaves the item to the other', async () => {
    await enqueue('a');
    await expect(
      queue.workOnNext(async (_id, signal) => {
        await knex('chores').update({ lease: 'of another' });
        await sleep(LEASE_MILLIS);
        signal.throwIfAborted();
        return undefined;
      }),
    ).rejects.toThrow("The lease on 'a' was lost");
    expect(await knex('chores').pluck('lease')).toEqual(['of another']);
  });

  it('lets others go first when the work on an item failed, and then tries it again', async () => {
    await enqueue('a', 'b');
    const fail = async () => {
      throw new Error('out of soap');
    };
    await expect(queue.workOnNext(fail)).rejects.toThrow('out of soap');
    expect(await take()).toEqual(['b']);
    await sleep(150);
    expect(await take()).toEqual(['a']);
  });

  it('leaves the item of a worker that is told to stop to the next one at once', async () => {
    await enqueue('a');
    const stop = new AbortController();
    await expect(
      queue.workOnNext(async (_id, signal) => {
        stop.abort(new Error('stop'));
        signal.throwIfAborted();
        return undefined;
      }, stop.signal),
    ).rejects.toThrow('stop');
    expect(await take()).toEqual(['a']);
  });
});
