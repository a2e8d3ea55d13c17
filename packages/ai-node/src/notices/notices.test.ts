import { mockServices, TestDatabases } from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import { type Notice, NoticeQueue } from './NoticeQueue';
import { noticeAgainMillis, NoticeSender } from './NoticeSender';
import { createNoticesTable } from './tables';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

const failed = (fields: Partial<Notice> = {}): Notice => ({
  scope: 'experiment:1',
  kind: 'run-failed',
  owners: ['group:default/vision'],
  actor: 'user:default/ada',
  data: { run: 'a' },
  ...fields,
});

describe('what owners are told', () => {
  let knex: Knex;
  const send = jest.fn(async (_notification: any): Promise<void> => {});
  const logger = mockServices.logger.mock();

  beforeAll(async () => {
    knex = await databases.init('POSTGRES_18');
    await createNoticesTable(knex);
  });
  beforeEach(async () => {
    jest.clearAllMocks();
    send.mockReset();
    await knex('owner_notices').delete();
  });

  const queueOf = (quietMillis = 60_000) =>
    new NoticeQueue({ knex, quietMillis });
  const senderOf = (queue: NoticeQueue, sendMillis?: number) =>
    new NoticeSender({
      queue,
      notifications: { send },
      logger,
      sendMillis,
      describe: ({ kind, count, data }) => ({
        title: `${count} × ${kind} ${JSON.stringify(data)}`,
        description: '',
        severity: 'normal',
        topic: 'test',
        link: '/',
      }),
    });
  const add = (queue: NoticeQueue, notice: Notice, onlyAfter?: string) =>
    knex.transaction(tx => queue.add(tx, notice, { onlyAfter }));
  const titles = () => send.mock.calls.map(([{ payload }]) => payload.title);
  const passQuietTime = () =>
    knex('owner_notices')
      .whereNotNull('due_at')
      .update({ due_at: knex.raw('clock_timestamp()') });

  it('is told once of a thousand, and what came after together', async () => {
    const queue = queueOf();
    const sender = senderOf(queue);
    await add(queue, failed({ data: { run: 'first' } }));
    await Promise.all([sender.sendDue(), senderOf(queue).sendDue()]);
    for (let run = 0; run < 1_000; run += 1) {
      await add(queue, failed({ data: { run: String(run) } }));
    }
    await sender.sendDue();
    expect(titles()).toEqual(['1 × run-failed {"run":"first"}']);
    expect(send).toHaveBeenCalledWith({
      recipients: {
        type: 'entity',
        entityRef: ['group:default/vision'],
        excludeEntityRef: 'user:default/ada',
      },
      payload: expect.objectContaining({ scope: 'experiment:1', link: '/' }),
    });
    await passQuietTime();
    await sender.sendDue();
    await sender.sendDue();
    expect(titles().slice(1)).toEqual(['1000 × run-failed {"run":"999"}']);
    expect(await knex('owner_notices').pluck('due_at')).toEqual([null]);
  });

  it('counts what happens while it is told', async () => {
    const queue = queueOf(0);
    await add(queue, failed());
    await add(queue, failed());
    send.mockImplementationOnce(async () => {
      await add(queue, failed({ data: { run: 'later' } }));
    });
    await senderOf(queue).sendDue();
    await passQuietTime();
    await senderOf(queue).sendDue();
    expect(titles()).toEqual([
      '2 × run-failed {"run":"a"}',
      '1 × run-failed {"run":"later"}',
    ]);
  });

  it('tells nobody of what they did themselves, and no program', async () => {
    const queue = queueOf();
    await add(queue, failed({ owners: ['user:default/ada'] }));
    await add(queue, failed({ owners: ['service:ci', 'nobody'] }));
    expect(await knex('owner_notices').select()).toEqual([]);
    await add(
      queue,
      failed({
        owners: ['user:default/ada', 'user:default/bob', 'service:ci'],
      }),
    );
    await senderOf(queue).sendDue();
    expect(send.mock.calls[0][0].recipients.entityRef).toEqual([
      'user:default/bob',
    ]);
  });

  it('leaves out nobody where several did it', async () => {
    const queue = queueOf();
    await add(queue, failed());
    await add(queue, failed({ actor: 'user:default/bob' }));
    await add(queue, failed());
    await senderOf(queue).sendDue();
    expect(send.mock.calls[0][0].recipients).not.toHaveProperty(
      'excludeEntityRef',
    );
  });

  it('tells nothing of what was rolled back', async () => {
    const queue = queueOf();
    await expect(
      knex.transaction(async tx => {
        await queue.add(tx, failed());
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    await senderOf(queue).sendDue();
    expect(send).not.toHaveBeenCalled();
  });

  it('tells others while one cannot be told, and that one later', async () => {
    const queue = queueOf();
    await add(queue, failed());
    await add(queue, failed({ scope: 'experiment:2' }));
    await add(queue, failed({ scope: 'experiment:3' }));
    send.mockImplementation(async ({ payload }) => {
      if (payload.scope === 'experiment:1') throw new Error('no notifications');
      if (payload.scope === 'experiment:2') await new Promise(() => {});
    });
    await senderOf(queue, 50).sendDue();
    expect(send).toHaveBeenCalledTimes(3);
    expect(logger.warn).toHaveBeenCalledTimes(2);
    const waiting = await knex('owner_notices').whereNotNull('due_at');
    expect(waiting.map(({ scope }) => scope).sort()).toEqual([
      'experiment:1',
      'experiment:2',
    ]);
    send.mockReset();
    await senderOf(queue).sendDue();
    expect(send).not.toHaveBeenCalled();
    await passQuietTime();
    await senderOf(queue).sendDue();
    expect(send).toHaveBeenCalledTimes(2);
  });

  it('gives up in the end', async () => {
    const queue = queueOf();
    await add(queue, failed());
    await knex('owner_notices').update({ attempts: 29 });
    send.mockRejectedValue(new Error('no notifications'));
    await senderOf(queue).sendDue();
    expect(await knex('owner_notices').pluck('due_at')).toEqual([null]);
    expect(logger.warn.mock.calls[0][0]).toContain('not tried again');
    expect(noticeAgainMillis(1)).toBe(10_000);
    expect(noticeAgainMillis(29)).toBe(3_600_000);
  });

  it('says that something is mended only to who was told that it was not', async () => {
    const queue = queueOf();
    const mended = failed({ kind: 'mended', data: {} });
    await add(queue, mended, 'run-failed');
    await senderOf(queue).sendDue();
    expect(send).not.toHaveBeenCalled();
    await add(queue, failed());
    await senderOf(queue).sendDue();
    await add(queue, mended, 'run-failed');
    await add(queue, mended, 'run-failed');
    await senderOf(queue).sendDue();
    expect(titles()).toEqual(['1 × run-failed {"run":"a"}', '1 × mended {}']);
  });

  it('forgets what was told long ago', async () => {
    const queue = queueOf();
    await add(queue, failed());
    await add(queue, failed({ scope: 'experiment:2' }));
    await senderOf(queue).sendDue();
    await knex('owner_notices')
      .where({ scope: 'experiment:1' })
      .update({ told_at: new Date(Date.now() - 31 * 86_400_000) });
    await queue.tidy();
    expect(await knex('owner_notices').pluck('scope')).toEqual([
      'experiment:2',
    ]);
  });
});
