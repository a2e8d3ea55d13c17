import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import { AuditReader } from './AuditReader';
import { ChangeLog } from './ChangeLog';
import { OutboxPublisher } from './OutboxPublisher';
import { createChangeTables, dropChangeTables } from './tables';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

interface Announcement {
  name: string;
}

const change = (name: string) => ({
  action: 'thing-changed',
  actor: 'user:default/ada',
  subject: name,
  announce: [{ name }],
});

describe('changes', () => {
  let knex: Knex;
  let changes: ChangeLog<Announcement>;
  let sent: string[];
  /** Names that cannot be sent. */
  let broken: Set<string>;

  beforeEach(async () => {
    knex = await databases.init('POSTGRES_18');
    await createChangeTables(knex);
    changes = new ChangeLog({ knex });
    sent = [];
    broken = new Set();
  });

  const logger = mockServices.logger.mock();
  const createPublisher = (
    options: { mostWaiting?: number; keepMillis?: number } = {},
  ) =>
    new OutboxPublisher<Announcement>({
      knex,
      logger,
      async send({ name }) {
        if (broken.has(name) || broken.has('*')) throw new Error('bus is down');
        sent.push(name);
      },
      ...options,
    });
  const record = (...names: string[]) =>
    changes.transaction(tx => changes.record(tx, ...names.map(change)));
  const namesTo = (count: number) =>
    Array.from({ length: count }, (_, index) => `m${index}`);

  it('has a comment on each table and column, and can be taken back', async () => {
    const { rows } = await knex.raw(
      `select c.relname, a.attname from pg_class c join pg_attribute a on a.attrelid = c.oid
       where c.relname in ('audit_entries', 'outbox') and not a.attisdropped
         and ((a.attnum > 0 and col_description(c.oid, a.attnum) is null)
           or (a.attnum = -6 and obj_description(c.oid) is null))`,
    );
    expect(rows).toEqual([]);
    await dropChangeTables(knex);
    await createChangeTables(knex);
  });

  it('never changes what it has written', async () => {
    await record('a');
    await expect(
      knex('audit_entries').update({ actor: 'somebody' }),
    ).rejects.toThrow('append-only');
    await expect(knex('audit_entries').delete()).rejects.toThrow('append-only');
  });

  it('neither remembers nor tells what was rolled back', async () => {
    const listener = jest.fn();
    changes.onCommit(listener);
    await expect(
      changes.transaction(async tx => {
        await changes.record(tx, change('a'));
        throw new Error('crash');
      }),
    ).rejects.toThrow('crash');
    await createPublisher().publishPending();
    expect(sent).toEqual([]);
    expect(listener).not.toHaveBeenCalled();
    expect(await knex('audit_entries')).toEqual([]);
  });

  it('has what follows from a change written with it, or not at all', async () => {
    await knex.raw('create table followed (subject text)');
    changes.onRecord(async (tx, recorded) => {
      await tx('followed').insert(recorded.map(({ subject }) => ({ subject })));
    });
    await record('a', 'b');
    expect(await knex('followed').pluck('subject')).toEqual(['a', 'b']);
    changes.onRecord(async () => {
      throw new Error('it cannot follow');
    });
    await expect(record('c')).rejects.toThrow('it cannot follow');
    expect(await knex('followed').pluck('subject')).toEqual(['a', 'b']);
    expect(await knex('audit_entries').pluck('subject')).toEqual(['a', 'b']);
  });

  it('sends after a restart what was committed before a crash', async () => {
    await record('a', 'b');
    // The process that wrote it is gone; this is another one.
    await createPublisher().publishPending();
    await createPublisher().publishPending();
    expect(sent).toEqual(['a', 'b']);
  });

  it('sends again what was sent when the crash came before it was forgotten', async () => {
    await record('a');
    // Fails at the commit, as a process that is killed then does.
    await knex.raw(`
      create function crash() returns trigger language plpgsql as $$
      begin raise exception 'killed'; end $$;
      create constraint trigger crash after delete on outbox
        deferrable initially deferred for each row execute function crash()`);
    await expect(createPublisher().publishPending()).rejects.toThrow('killed');
    await knex.raw('drop function crash cascade');
    await createPublisher().publishPending();
    expect(sent).toEqual(['a', 'a']);
  });

  it('sends each one once and in order when several processes publish', async () => {
    const names = namesTo(250);
    await record(...names);
    await createPublisher().publishPending();
    expect(sent).toEqual(names);
    sent = [];
    await record(...names);
    await Promise.all([
      createPublisher().publishPending(),
      createPublisher().publishPending(),
    ]);
    expect([...sent].sort()).toEqual([...names].sort());
  });

  it('sends once what was announced several times before anybody could send it', async () => {
    await record('a', 'b');
    await record('a');
    broken.add('a');
    await expect(createPublisher().publishPending()).rejects.toThrow();
    expect(sent).toEqual(['b']);
    await record('a', 'c');
    broken.clear();
    await createPublisher().publishPending();
    expect(sent.sort()).toEqual(['a', 'b', 'c']);
    await record('a');
    await createPublisher().publishPending();
    expect(sent.filter(name => name === 'a')).toHaveLength(2);
  });

  it('lets one that cannot be sent hold up no other, and sends it later', async () => {
    const names = namesTo(250);
    broken = new Set(['m0', 'm120']);
    await record(...names);
    const publisher = createPublisher();
    await expect(publisher.publishPending()).rejects.toThrow('bus is down');
    expect(sent).toEqual(names.filter(name => !broken.has(name)));
    broken.clear();
    sent = [];
    await publisher.publishPending();
    expect([...sent].sort()).toEqual(['m0', 'm120']);
  });

  it('bounds what waits while nothing can be sent, by number and by age', async () => {
    broken.add('*');
    await record(...namesTo(30));
    await expect(
      createPublisher({ mostWaiting: 20 }).publishPending(),
    ).rejects.toThrow('bus is down');
    expect(await knex('outbox').count()).toEqual([{ count: '20' }]);
    expect(logger.warn).toHaveBeenCalledWith(
      expect.stringContaining('10 announcements were dropped'),
    );
    await knex('outbox').update({ at: knex.raw(`at - interval '2 hours'`) });
    await record('new');
    await expect(
      createPublisher({ keepMillis: 60 * 60_000 }).publishPending(),
    ).rejects.toThrow('bus is down');
    broken.clear();
    await createPublisher().publishPending();
    expect(sent).toEqual(['new']);
  });

  describe('are read', () => {
    const read = (
      query: Parameters<AuditReader['list']>[0] = {},
      scope: Parameters<AuditReader['list']>[1] = 'all',
    ) => new AuditReader({ knex }).list(query, scope);
    const subjects = async (...args: Parameters<typeof read>) =>
      (await read(...args)).items.map(({ subject }) => subject);

    beforeEach(async () => {
      await changes.transaction(tx =>
        changes.record(
          tx,
          {
            action: 'rollout-changed',
            actor: 'service:ai-inference',
            model: 'digits',
            environment: 'production',
            subject: 'r1',
            before: { weight: 10 },
            after: { weight: 50 },
            announce: [],
          },
          {
            action: 'key-issued',
            actor: 'user:default/ada',
            subject: 'k1',
            owner: 'group:default/vision',
            announce: [],
          },
          {
            action: 'model-updated',
            actor: 'user:default/bob',
            model: 'iris',
            subject: 'i1',
            announce: [],
          },
        ),
      );
    });

    it('newest first, as they were written', async () => {
      const { items, nextCursor } = await read();
      expect(nextCursor).toBeUndefined();
      expect(items.map(({ subject }) => subject)).toEqual(['i1', 'k1', 'r1']);
      const { at, ...rollout } = items[2];
      expect(Math.abs(Date.parse(at) - Date.now())).toBeLessThan(60_000);
      expect(rollout).toEqual({
        id: expect.any(String),
        action: 'rollout-changed',
        actor: 'service:ai-inference',
        model: 'digits',
        environment: 'production',
        subject: 'r1',
        before: { weight: 10 },
        after: { weight: 50 },
      });
    });

    it('by every filter', async () => {
      expect(await subjects({ model: 'iris' })).toEqual(['i1']);
      expect(await subjects({ environment: 'production' })).toEqual(['r1']);
      expect(await subjects({ subject: 'k1' })).toEqual(['k1']);
      expect(await subjects({ actor: 'user:default/ada' })).toEqual(['k1']);
      expect(await subjects({ action: 'model-updated' })).toEqual(['i1']);
      const [newest] = (await read()).items;
      const past = new Date(Date.now() - 3_600_000).toISOString();
      const future = new Date(Date.now() + 3_600_000).toISOString();
      expect(await subjects({ from: past, to: future })).toHaveLength(3);
      expect(await subjects({ from: newest.at })).toContain('i1');
      expect(await subjects({ to: newest.at })).not.toContain('i1');
      expect(await subjects({ from: future })).toEqual([]);
    });

    it('only as far as somebody may', async () => {
      const scope = (models: string[], owners: string[]) => ({
        models,
        owners,
      });
      expect(await subjects({}, scope([], []))).toEqual([]);
      expect(await subjects({}, scope(['digits'], []))).toEqual(['r1']);
      expect(await subjects({}, scope([], ['group:default/vision']))).toEqual([
        'k1',
      ]);
      expect(
        await subjects(
          { model: 'iris' },
          scope(['digits'], ['group:default/vision']),
        ),
      ).toEqual([]);
    });

    it('page by page, each entry once, ten thousand of them', async () => {
      await record(...namesTo(10_000));
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await read({
          action: 'thing-changed',
          limit: 200,
          cursor,
        });
        expect(page.items.length).toBeLessThanOrEqual(200);
        seen.push(...page.items.map(({ subject = '' }) => subject));
        cursor = page.nextCursor;
      } while (cursor !== undefined);
      expect(seen).toEqual(namesTo(10_000).reverse());
    });

    it('never from a cursor that is none', async () => {
      for (const cursor of ['x', 'WzEsMl0', 'bnVsbA', '']) {
        await expect(read({ cursor })).rejects.toThrow(
          'not one that this list',
        );
      }
      for (const from of ['soon', '+275000-01-01T00:00:00Z', '2026-02-30']) {
        await expect(read({ from })).rejects.toThrow(`'${from}' is no time`);
      }
    });
  });
});
