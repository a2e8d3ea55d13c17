import fc from 'fast-check';
import type { Knex } from 'knex';
import { trainingDatabases } from '../__testUtils__/trainingDatabases';
import type {
  ObservedAttempt,
  TrainingBackend,
} from '../backends/TrainingBackend';
import { CostStore } from '../costs/CostStore';
import { ADA, createJobHarness } from './__testUtils__/createJobHarness';

jest.setTimeout(120_000);

const databases = trainingDatabases();

describe('JobReconciler', () => {
  let knex: Knex;
  let harness: Awaited<ReturnType<typeof createJobHarness>>;

  beforeAll(async () => {
    knex = await databases.open();
  });
  const open = async (
    options?: Parameters<typeof createJobHarness>[1],
  ): Promise<typeof harness> => {
    harness = await createJobHarness(knex, options);
    return harness;
  };
  afterEach(async () => {
    await harness.clear();
  });

  it('brings a job from the queue to its end, with its run, log and token', async () => {
    const { backend, submit, pass, jobs, runs, lent, readKept } = await open();
    const { id, run } = await submit({ parameters: { trees: 7 } });
    expect((await runs.get(run)).status).toBe('SCHEDULED');

    await pass();
    expect((await jobs.get(id)).state).toMatchObject({ phase: 'starting' });
    const [{ wanted }] = backend.attempts.values();
    expect(wanted).toMatchObject({
      parameters: { trees: 7, note: '' },
      environment: {
        MLFLOW_RUN_ID: run,
        MLFLOW_TRACKING_URI: 'http://portal.example.org/api/ai-training/mlflow',
      },
      deadlineSeconds: 3600,
    });
    expect([...lent]).toEqual([
      expect.stringMatching(`training.${id}.1.[0-9a-f]{8}`),
    ]);

    backend.run();
    await pass();
    expect((await jobs.get(id)).state.phase).toBe('running');
    expect((await runs.get(run)).status).toBe('RUNNING');

    backend.end();
    await pass();
    const job = await jobs.get(id);
    expect(job.state.phase).toBe('succeeded');
    expect(job.attempts).toMatchObject([
      { number: 1, end: { kind: 'succeeded' }, logPath: 'logs/attempt-1.log' },
    ]);
    expect(await readKept(job, 'logs/attempt-1.log')).toBe(`This is ${id}.1\n`);
    expect(await runs.get(run)).toMatchObject({ status: 'FINISHED' });
    expect(backend.attempts.size).toBe(0);
    expect([...lent]).toEqual([]);
    const events = await jobs.listEvents(id);
    expect(events.map(({ state }) => state.phase)).toEqual([
      'queued',
      'starting',
      'running',
      'succeeded',
    ]);
  });

  it('tells who waits why, and at which place', async () => {
    const { backend, submit, pass, jobs } = await open();
    backend.slots = 1;
    await submit();
    const second = await submit();
    const third = await submit();
    await pass();
    expect((await jobs.get(second.id)).state).toMatchObject({
      phase: 'queued',
      reason: { kind: 'no-capacity', flavor: 'slot', needs: 1, free: 0 },
    });
    expect((await jobs.get(third.id)).state).toMatchObject({
      reason: { position: 2 },
    });
  });

  it('says that a job has ended only when all of its log has come', async () => {
    const { backend, submit, pass, jobs, readKept } = await open();
    const { id } = await submit();
    await pass();
    backend.end();
    const readLog = backend.readLog.bind(backend);
    backend.readLog = async (attempt, part) => ({
      ...(await readLog(attempt, part)),
      isEnd: false,
    });
    await pass();
    expect((await jobs.get(id)).state.phase).toBe('starting');
    expect(backend.attempts.size).toBe(1);
    backend.readLog = readLog;
    await pass();
    const job = await jobs.get(id);
    expect(job.state.phase).toBe('succeeded');
    expect(await readKept(job, 'logs/attempt-1.log')).toBe(`This is ${id}.1\n`);
  });

  it('goes on with the others when one is refused by the backend', async () => {
    const { backend, submit, pass, jobs, failed, lent, ...others } =
      await open();
    const { createReconciler, endLease } = others;
    const bad = await submit({ name: 'bad' });
    const good = await submit();
    const start = backend.start.bind(backend);
    backend.start = async (wanted, token) => {
      if (wanted.job === bad.id) throw new Error('no such code');
      await start(wanted, token);
    };
    await pass();
    await endLease();
    await pass(createReconciler());
    expect((await jobs.get(good.id)).state.phase).toBe('starting');
    expect(await jobs.get(bad.id)).toMatchObject({
      state: { phase: 'queued', reason: { kind: 'retry-pause' } },
      attempts: [{ end: { kind: 'not-started', message: 'no such code' } }],
    });
    expect(failed).not.toHaveBeenCalled();
    expect([...lent]).toEqual([expect.stringContaining(good.id)]);
  });

  it('leaves what runs alone while the backend is away, and says so to those who wait', async () => {
    const { backend, submit, pass, jobs } = await open();
    backend.slots = 1;
    const first = await submit();
    await pass();
    backend.run();
    await pass();
    const second = await submit();
    backend.isAway = true;
    await pass();
    expect((await jobs.get(first.id)).state.phase).toBe('running');
    expect((await jobs.get(second.id)).state).toMatchObject({
      reason: { kind: 'backend-away', message: 'the backend is away' },
    });
    backend.isAway = false;
    backend.end();
    await pass();
    expect((await jobs.get(first.id)).state.phase).toBe('succeeded');
  });

  it('cancels what waits at once, and what runs when its program has ended', async () => {
    const { backend, submit, pass, jobs, runs, service } = await open();
    backend.slots = 1;
    const runner = await submit();
    await pass();
    const waiting = await submit();
    backend.onStop = () => undefined;
    await service.cancel(runner.id, ADA);
    await service.cancel(waiting.id, ADA);
    await pass();
    expect((await jobs.get(waiting.id)).state).toMatchObject({
      phase: 'cancelled',
      by: 'user:default/ada',
    });
    expect((await jobs.get(runner.id)).state.phase).toBe('stopping');
    backend.end({ kind: 'program-failed', exitCode: 143, lastLines: '' });
    await pass();
    expect((await jobs.get(runner.id)).state.phase).toBe('cancelled');
    expect((await runs.get(runner.run)).status).toBe('KILLED');
    expect(backend.begun).toEqual([`${runner.id}.1`]);
  });

  it('gives a failed job another attempt when it is tried again', async () => {
    const { backend, submit, pass, jobs, runs, service, failed } = await open();
    const { id, run } = await submit();
    await pass();
    backend.end({ kind: 'program-failed', exitCode: 1, lastLines: 'boom' });
    await pass();
    expect((await runs.get(run)).status).toBe('FAILED');
    expect(failed).toHaveBeenCalledTimes(1);
    await service.retry(id, ADA);
    await pass();
    backend.run();
    backend.end();
    await pass();
    expect(await jobs.get(id)).toMatchObject({
      state: { phase: 'succeeded' },
      attempts: [
        { number: 1, end: { kind: 'program-failed' } },
        { number: 2, end: { kind: 'succeeded' } },
      ],
    });
  });

  it('counts the deadline anew for a job that somebody has go on', async () => {
    const { backend, submit, pass, jobs, service } = await open();
    const { id } = await submit({ deadlineMinutes: 1 });
    await pass();
    backend.run();
    await pass();
    await knex('training_attempts').update({
      running_at: knex.raw(`clock_timestamp() - interval '2 minutes'`),
    });
    await pass();
    await pass();
    expect((await jobs.get(id)).state).toMatchObject({
      phase: 'failed',
      end: { kind: 'stopped', why: { kind: 'deadline', minutes: 1 } },
    });
    await service.retry(id, ADA);
    await pass();
    const [{ wanted }] = backend.attempts.values();
    expect(wanted).toMatchObject({ number: 2, deadlineSeconds: 60 });
    backend.run();
    await pass();
    await pass();
    expect((await jobs.get(id)).state.phase).toBe('running');
  });

  it('waits with new jobs of a team whose money is used up, and stops running ones where it says so', async () => {
    const team = 'group:default/vision';
    const { backend, submit, pass, jobs } = await open({
      budgets: [{ team, amount: 0, currency: 'USD', stops: true }],
    });
    const { id } = await submit();
    await pass();
    expect(backend.begun).toEqual([]);
    expect((await jobs.get(id)).state).toMatchObject({
      reason: { kind: 'no-budget', team, amount: 0, spent: 0 },
    });
  });

  it('counts what attempts cost from the moment that they have their flavor', async () => {
    const { backend, submit, pass, jobs } = await open({
      flavors: [
        {
          name: 'slot',
          title: 'Slot',
          resources: {},
          pricePerHour: { amount: 3600, currency: 'EUR' },
        },
      ],
    });
    const { id } = await submit();
    await pass();
    await knex('training_attempts').update({
      started_at: knex.raw(`clock_timestamp() - interval '2 seconds'`),
    });
    backend.end();
    await pass();
    const { cost } = await jobs.get(id);
    expect(cost!.currency).toBe('EUR');
    expect(cost!.amount).toBeGreaterThan(2);
    expect(cost!.amount).toBeLessThan(10);
  });

  /** As if all that has happened had been so long before. */
  const sleep = (hours: number) =>
    knex.raw(
      `update training_attempts set started_at = started_at - wait, running_at = running_at - wait,
         held = coalesce((select range_agg(tstzrange(lower(part) - wait, upper(part) - wait)) from unnest(held) part), '{}')
       from (select make_interval(hours => ?)) as asked (wait)`,
      [hours],
    );

  it('counts nothing for what Kueue holds, however often, and lets it start late', async () => {
    const { backend, submit, pass, jobs } = await open({
      flavors: [
        {
          name: 'slot',
          title: 'Slot',
          resources: {},
          pricePerHour: { amount: 3600, currency: 'EUR' },
        },
      ],
    });
    const { id } = await submit();
    const reason = { kind: 'kueue', queue: 'vision' } as const;
    const see = async (state: ObservedAttempt['state']) => {
      for (const attempt of backend.attempts.values()) attempt.state = state;
      await pass();
    };
    const seconds = async () => (await jobs.get(id)).cost!.amount;
    await pass();
    await see({ phase: 'starting', reason });
    await sleep(5);
    expect(await seconds()).toBe(0);

    // It was given a place after hours: those do not count for how long it may take to start.
    await see({ phase: 'starting', reason: { kind: 'pulling-image' } });
    expect((await jobs.get(id)).state).toMatchObject({
      phase: 'starting',
      reason: { kind: 'pulling-image' },
    });
    const startedAt = new Date().toISOString();
    await see({ phase: 'running', startedAt });
    await sleep(1);
    const one = await seconds();
    expect(one).toBeGreaterThanOrEqual(3_600);
    expect(one).toBeLessThan(3_660);

    // Its place is taken. It has another one, and ends, while nobody looks.
    await see({ phase: 'starting', reason });
    await sleep(3);
    const ran = { startedAt: new Date(Date.now() - 1_800_000).toISOString() };
    await see({ phase: 'ended', end: { kind: 'succeeded' }, ...ran });
    const all = await seconds();
    expect(all).toBeGreaterThanOrEqual(5_400);
    expect(all).toBeLessThan(5_460);
    // It stays so when the job is gone.
    await knex('training_spent').delete();
    await knex('training_jobs').where({ id }).delete();
    const [spent] = await new CostStore({ knex }).spentSince(
      new Date(Date.now() - 86_400_000),
    );
    expect(spent.amount).toBeCloseTo(all, 3);
  });

  it('has a deadline of its running alone, and none of the time in which Kueue holds it', async () => {
    const { backend, submit, pass, jobs } = await open();
    const { id } = await submit({ deadlineMinutes: 1 });
    const attemptOf = async () => (await jobs.get(id)).attempts[0];
    await pass();
    backend.run();
    await pass();
    backend.hold();
    await pass();
    expect(await attemptOf()).toHaveProperty('heldAt');
    expect(await attemptOf()).not.toHaveProperty('heldSeconds');
    await sleep(1);
    backend.run();
    await pass();
    await pass();
    expect((await jobs.get(id)).state.phase).toBe('running');
    const { heldAt, heldSeconds } = await attemptOf();
    expect(heldAt).toBeUndefined();
    expect(heldSeconds).toBeGreaterThanOrEqual(3_600);
    expect(heldSeconds).toBeLessThan(3_630);
    // That it has run so long itself ends it.
    await sleep(1);
    await pass();
    expect((await jobs.get(id)).state).toMatchObject({
      phase: 'stopping',
      why: { kind: 'deadline' },
    });
    backend.end({ kind: 'succeeded' });
    await pass();
    expect((await attemptOf()).heldSeconds).toBeCloseTo(heldSeconds!, 3);
  });

  it('asks a second time for the same and gets the same job, also at once', async () => {
    const { submit } = await open();
    const same = { requestId: 'build 12' };
    const all = await Promise.all([submit(same), submit(same), submit(same)]);
    expect(new Set(all.map(({ id }) => id)).size).toBe(1);
    const other = await submit({ requestId: 'build 13' });
    expect(other.id).not.toBe(all[0].id);
  });

  it('removes what the backend has of jobs that nobody knows', async () => {
    const { backend, submit, pass } = await open();
    const { id } = await submit();
    await pass();
    await knex('training_jobs').where({ id }).delete();
    await pass();
    expect(backend.attempts.size).toBe(0);
  });

  it('ends an attempt that counted as lost and is seen again', async () => {
    const { backend, submit, pass, jobs } = await open();
    const { id } = await submit();
    await pass();
    backend.run();
    await pass();
    const [[key, hidden]] = [...backend.attempts];
    backend.attempts.clear();
    await pass();
    await knex('training_attempts').update({
      missing_since: knex.raw(`clock_timestamp() - interval '2 minutes'`),
    });
    await pass();
    expect((await jobs.get(id)).attempts[0].end).toMatchObject({
      kind: 'lost',
    });
    backend.attempts.set(key, hidden);
    await pass();
    expect([...backend.attempts.keys()]).not.toContain(key);
  });

  it('ends a run with its job that is deleted, so that it says so when it is restored', async () => {
    const { backend, submit, pass, jobs, runs, service } = await open();
    const { id, run } = await submit();
    await pass();
    backend.run();
    await pass();
    backend.onStop = () => undefined;
    await service.cancel(id, ADA);
    await pass();
    expect((await jobs.get(id)).state.phase).toBe('stopping');
    await knex.transaction(tx => runs.setLifecycle(tx, run, 'deleted'));
    backend.end({ kind: 'program-failed', exitCode: 143, lastLines: '' });
    await pass();
    expect((await jobs.get(id)).state.phase).toBe('cancelled');
    await knex.transaction(tx => runs.setLifecycle(tx, run, 'active'));
    const restored = await runs.get(run);
    expect(restored).toMatchObject({
      status: 'KILLED',
      lifecycle: 'active',
    });
    expect(restored.endedAt).toBeGreaterThan(restored.startedAt!);
  });

  it('cancels a job that only makes room just now', async () => {
    const { backend, submit, pass, jobs, service } = await open();
    const { id } = await submit();
    await pass();
    backend.run();
    await pass();
    backend.onStop = () => undefined;
    await knex.transaction(tx =>
      jobs.setWish(tx, id, { kind: 'preempted', by: 'other' }),
    );
    await pass();
    expect((await jobs.get(id)).state.phase).toBe('stopping');
    await service.cancel(id, ADA);
    backend.end();
    await pass();
    expect((await jobs.get(id)).state).toMatchObject({
      phase: 'cancelled',
      by: 'user:default/ada',
    });
  });

  /** Has something happen in the middle of the next pass: when all jobs have been looked at, or listed. */
  const during = (
    method: 'listUnreleased' | 'setState',
    act: () => Promise<unknown>,
  ) => {
    const { jobs } = harness;
    const original = jobs[method].bind(jobs) as (...args: any[]) => any;
    jest.spyOn(jobs, method).mockImplementationOnce(async (...args: any[]) => {
      await act();
      return original(...args);
    });
  };

  it('starts no job that is cancelled while it looks, also when it was tried again before', async () => {
    const { backend, submit, pass, jobs, service } = await open();
    backend.slots = 0;
    const { id } = await submit();
    await pass();
    await service.cancel(id, ADA);
    await pass();
    await service.retry(id, ADA);
    backend.slots = 1;
    // It was seen without a wish, and there is room for it.
    during('setState', () => service.cancel(id, ADA));
    await pass();
    expect(backend.begun).toEqual([]);
    await pass();
    expect((await jobs.get(id)).state).toMatchObject({
      phase: 'cancelled',
      by: 'user:default/ada',
    });
    expect((await jobs.get(id)).attempts).toEqual([]);
  });

  it('keeps no place for a job that is cancelled before the queue is looked at', async () => {
    const { backend, submit, pass, jobs, service } = await open();
    backend.slots = 0;
    const first = await submit();
    const second = await submit();
    await pass();
    backend.slots = 1;
    // A pass that ends something reads all jobs anew before it looks at the queue.
    const third = await submit();
    await service.cancel(third.id, ADA);
    during('listUnreleased', () => service.cancel(first.id, ADA));
    await pass();
    expect(backend.begun).toEqual([`${second.id}.1`]);
    await pass();
    expect((await jobs.get(first.id)).state.phase).toBe('cancelled');
  });

  it('does not try again what is cancelled while its attempt is found ended', async () => {
    const { backend, submit, pass, jobs, service, lent } = await open();
    const { id } = await submit();
    await pass();
    backend.run();
    await pass();
    backend.end({ kind: 'evicted', message: 'drained' });
    during('setState', () => service.cancel(id, ADA));
    await pass();
    await pass();
    expect(await jobs.get(id)).toMatchObject({
      state: { phase: 'cancelled', by: 'user:default/ada' },
      attempts: [{ number: 1 }],
    });
    await pass();
    expect(backend.attempts.size).toBe(0);
    expect([...lent]).toEqual([]);
  });

  it('cancels a job that has made room just when somebody wants that', async () => {
    const { backend, submit, pass, jobs, service } = await open();
    const { id } = await submit();
    await pass();
    backend.run();
    await pass();
    await knex.transaction(tx =>
      jobs.setWish(tx, id, { kind: 'preempted', by: 'other' }),
    );
    await pass();
    expect((await jobs.get(id)).state.phase).toBe('stopping');
    during('setState', () => service.cancel(id, ADA));
    await pass();
    await pass();
    expect(await jobs.get(id)).toMatchObject({
      state: { phase: 'cancelled', by: 'user:default/ada' },
      attempts: [{ number: 1 }],
    });
  });

  it('lets jobs end of a backend that is not configured any more', async () => {
    const { backend, submit, pass, jobs, service } = await open();
    const { id } = await submit();
    await pass();
    backend.run();
    await pass();
    await knex('training_jobs').where({ id }).update({ backend: 'gone' });
    await pass();
    expect((await jobs.get(id)).state.phase).toBe('running');
    await service.cancel(id, ADA);
    await pass();
    expect((await jobs.get(id)).state.phase).toBe('stopping');
  });

  it('takes a backend that hangs for one that is away', async () => {
    const { backend, submit, pass, jobs, createReconciler } = await open();
    const { id } = await submit();
    const hanging = createReconciler(
      new Proxy(backend, {
        get: (target, key) =>
          key === 'observe'
            ? () => new Promise(() => {})
            : Reflect.get(target, key, target),
      }),
      { answerMillis: 100 },
    );
    await pass(hanging);
    expect((await jobs.get(id)).state).toMatchObject({
      reason: {
        kind: 'backend-away',
        message: 'it has not answered within 0.1 seconds',
      },
    });
  });

  it('changes nothing by what was seen of an earlier attempt', async () => {
    const { submit, pass, jobs } = await open();
    const { id } = await submit();
    await pass();
    const set = (attempt: number) =>
      knex.transaction(tx =>
        jobs.setState(tx, id, {
          from: 'starting',
          state: { phase: 'running', since: '' },
          attempt,
        }),
      );
    expect(await set(2)).toBe(false);
    expect(await set(1)).toBe(true);
  });

  it('remembers why a job waits five hundred times, and not for ever', async () => {
    const { submit, jobs } = await open();
    const { id } = await submit();
    const waits = (round: number) => ({
      phase: 'queued' as const,
      since: '',
      reason: { kind: 'no-flavor' as const, flavor: String(round) },
    });
    for (let round = 0; round < 510; round++) {
      await jobs.setReasons([{ id, state: waits(round), isNews: true }]);
    }
    const [{ count }] = await knex('training_job_events')
      .where({ job: id })
      .count();
    expect(Number(count)).toBe(500);
    expect((await jobs.get(id)).state).toEqual(waits(509));
  });

  it('leaves the jobs to whoever has the lease', async () => {
    const { backend, submit, pass, createReconciler } = await open();
    await pass();
    const other = createReconciler();
    await submit();
    await pass(other);
    expect(backend.begun).toEqual([]);
  });

  it('loses no job and begins none twice, wherever it is killed', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 12 }), {
          minLength: 1,
          maxLength: 6,
        }),
        fc.integer({ min: 1, max: 4 }),
        async (kills, count) => {
          const killed = await open();
          const { backend, submit, pass, jobs, createReconciler, endLease } =
            killed;
          for (let job = 0; job < count; job++) await submit();
          for (const calls of kills) {
            const dying = createReconciler(dieAfter(backend, calls));
            await pass(dying).catch(() => {});
            await endLease();
            backend.run();
            if (calls % 3 === 0) backend.end();
          }
          for (let round = 0; round < 12; round++) {
            // A clock that has gone on: what was begun just now may be begun again.
            await pass(createReconciler());
            await endLease();
            backend.run();
            backend.end();
          }
          const { items } = await jobs.list({});
          expect(items.map(({ state }) => state.phase)).toEqual(
            Array.from({ length: count }, () => 'succeeded'),
          );
          expect(new Set(backend.begun).size).toBe(backend.begun.length);
          for (const job of items) {
            expect(job.attempts).toHaveLength(1);
            expect(job.attempts[0].logPath).toBe('logs/attempt-1.log');
          }
          expect(backend.attempts.size).toBe(0);
          expect([...killed.lent]).toEqual([]);
          await killed.clear();
        },
      ),
      { numRuns: 15 },
    );
  });
});

/** The backend, as somebody sees it who dies at a call of it: before or after it is done. */
function dieAfter(backend: TrainingBackend, calls: number): TrainingBackend {
  let left = calls;
  const isDead = () => left <= 0;
  return new Proxy(backend, {
    get(target, key) {
      const value = Reflect.get(target, key, target);
      if (typeof value !== 'function') return value;
      return async (...args: unknown[]) => {
        if (isDead()) throw new Error('killed');
        left -= 1;
        if (isDead() && calls % 2 === 0) throw new Error('killed');
        const result = await value.apply(target, args);
        if (isDead()) throw new Error('killed');
        return result;
      };
    },
  });
}
