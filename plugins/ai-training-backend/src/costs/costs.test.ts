import { mockCredentials } from '@backstage/backend-test-utils';
import type { Knex } from 'knex';
import { trainingDatabases } from '../__testUtils__/trainingDatabases';
import { createJobHarness, SPEC } from '../jobs/__testUtils__/createJobHarness';
import { type Budget, Budgets } from './Budgets';
import { CostService } from './CostService';
import { CostStore } from './CostStore';
import { readSpan } from './readSpan';

jest.setTimeout(120_000);

const databases = trainingDatabases();
const credentials = mockCredentials.user('user:default/ada');
const NOW = new Date('2026-05-20T00:00:00.000Z');
const VISION = SPEC.owner;
const TEXT = 'group:default/text';

describe('costs', () => {
  let knex: Knex;
  let harness: Awaited<ReturnType<typeof createJobHarness>>;

  beforeAll(async () => {
    knex = await databases.open();
    harness = await createJobHarness(knex);
  });
  afterAll(() => harness.clear());
  beforeEach(async () => {
    await knex('training_jobs').delete();
    await knex('training_spent').delete();
  });

  async function spend(fields: {
    team?: string;
    model?: string;
    price?: number;
    currency?: string;
    units?: number;
    from: string;
    to?: string;
    attempt?: number;
    job?: string;
  }): Promise<string> {
    const id = fields.job ?? (await harness.submit()).id;
    await knex('training_jobs')
      .where({ id })
      .update({
        team: fields.team ?? VISION,
        spec: JSON.stringify({ ...SPEC, model: fields.model }),
      });
    await knex('training_attempts').insert({
      job: id,
      number: fields.attempt ?? 1,
      backend: 'memory',
      flavor: 'slot',
      units: fields.units ?? 1,
      price_per_hour: fields.price ?? null,
      currency: fields.currency ?? null,
      started_at: fields.from,
      ended_at: fields.to ?? null,
    });
    return id;
  }

  const service = (
    options: {
      visible?: unknown;
      claims?: string[];
      budgets?: Budget[];
    } = {},
  ) => {
    const costs = new CostStore({ knex });
    const clock = () => NOW;
    return new CostService({
      costs,
      budgets: new Budgets({ budgets: options.budgets ?? [], costs, clock }),
      guard: { visible: async () => options.visible as never },
      claims: { of: async () => options.claims ?? [] },
      clock,
    });
  };

  it('are sums of what attempts had within the span, each currency by itself', async () => {
    const euro = { price: 2, currency: 'EUR' };
    const job = await spend({
      ...euro,
      model: 'digits',
      units: 4,
      // Half of it in the month before.
      from: '2026-04-30T23:00:00Z',
      to: '2026-05-01T01:00:00Z',
    });
    await spend({
      ...euro,
      job,
      model: 'digits',
      attempt: 2,
      from: '2026-05-02T00:00:00Z',
      to: '2026-05-02T03:00:00Z',
    });
    await spend({
      ...euro,
      team: TEXT,
      from: '2026-05-19T00:00:00Z',
      to: '2026-05-19T01:30:00Z',
    });
    await spend({
      price: 5,
      currency: 'USD',
      model: 'digits',
      // It has not ended by the end of the span.
      from: '2026-05-19T23:00:00Z',
      to: '2026-05-20T06:00:00Z',
    });
    await spend({ from: '2026-05-03T00:00:00Z', to: '2026-05-03T02:00:00Z' });
    await spend({
      ...euro,
      from: '2026-04-01T00:00:00Z',
      to: '2026-04-02T00:00:00Z',
    });

    const costs = await service().get({}, { credentials });
    expect(costs).toMatchObject({
      from: '2026-05-01T00:00:00.000Z',
      to: '2026-05-20T00:00:00.000Z',
      budgets: [],
    });
    const vision = { team: VISION, model: 'digits' };
    expect(costs.items).toEqual([
      { ...vision, currency: 'EUR', amount: 14, unitHours: 7, jobs: 1 },
      { ...vision, currency: 'USD', amount: 5, unitHours: 1, jobs: 1 },
      { team: TEXT, currency: 'EUR', amount: 3, unitHours: 1.5, jobs: 1 },
      { team: VISION, amount: 0, unitHours: 2, jobs: 1 },
    ]);
    expect(costs.dearest.map(({ amount }) => amount)).toEqual([14, 5, 3]);
    expect(costs.dearest[0]).toMatchObject({ id: job, model: 'digits' });
  });

  it('count what still runs up to now', async () => {
    await spend({
      price: 1,
      currency: 'EUR',
      from: new Date(Date.now() - 3_600_000).toISOString(),
    });
    const to = new Date(Date.now() + 86_400_000).toISOString();
    const { items } = await service().get(
      { from: new Date(Date.now() - 86_400_000).toISOString(), to },
      { credentials },
    );
    expect(items).toHaveLength(1);
    expect(items[0].amount).toBeCloseTo(1, 1);
  });

  it('stay what they were when jobs go with their runs, or with the experiment', async () => {
    const euro = { price: 2, currency: 'EUR', model: 'digits' };
    const job = await spend({
      ...euro,
      // Half of it in the month before: totals of a month would not do for all spans.
      from: '2026-04-30T23:00:00Z',
      to: '2026-05-01T01:00:00Z',
    });
    await spend({
      ...euro,
      job,
      attempt: 2,
      from: '2026-05-02T00:00:00Z',
      to: '2026-05-02T03:00:00Z',
    });
    await spend({
      ...euro,
      team: TEXT,
      from: '2026-05-19T00:00:00Z',
      to: '2026-05-19T01:30:00Z',
    });
    await spend({ from: '2026-05-03T00:00:00Z', to: '2026-05-03T02:00:00Z' });
    // It is removed while it runs.
    await spend({
      ...euro,
      currency: 'USD',
      from: new Date(Date.now() - 3_600_000).toISOString(),
    });
    const budgets = [VISION, TEXT].map(team => ({
      team,
      amount: 10,
      currency: 'EUR',
      stops: false,
    }));
    const get = (options: Parameters<typeof service>[0] = {}) =>
      service({ budgets, ...options }).get(
        { to: '2026-05-20T00:00:00Z' },
        { credentials },
      );
    const ofOwner = { visible: { ownerIn: [VISION] }, claims: [VISION] };
    const [before, seenBefore] = [await get(), await get(ofOwner)];
    expect(before.items).toHaveLength(3);
    expect(before.budgets.map(({ spent }) => spent)).toEqual([8, 3]);

    const runOf = (id: string) =>
      knex('training_jobs').where({ id }).select('run_id');
    await knex('runs').where('run_id', 'in', runOf(job)).delete();
    const { items, budgets: used, dearest } = await get();
    expect({ items, used }).toEqual({
      items: before.items,
      used: before.budgets,
    });
    expect(dearest.map(({ id }) => id)).not.toContain(job);
    expect((await get(ofOwner)).items).toEqual(seenBefore.items);

    const experiments = await knex('training_jobs').distinct('experiment');
    await knex('experiments')
      .whereIn(
        'id',
        experiments.map(({ experiment }) => experiment),
      )
      .delete();
    expect(await knex('training_jobs').select('id')).toEqual([]);
    expect(await get()).toMatchObject({
      items: before.items,
      budgets: before.budgets,
      dearest: [],
    });
    const [running] = await knex('training_spent').where({ currency: 'USD' });
    const took = running.ended_at - running.started_at;
    expect(Math.abs(took - 3_600_000)).toBeLessThan(60_000);
  });

  it('are of the jobs that somebody may see, and budgets of their teams', async () => {
    await spend({
      price: 1,
      currency: 'EUR',
      from: '2026-05-03T00:00:00Z',
      to: '2026-05-03T02:00:00Z',
    });
    const budget = { amount: 10, currency: 'EUR', stops: true };
    const budgets = [VISION, TEXT].map(team => ({ ...budget, team }));
    const get = (options: Parameters<typeof service>[0]) =>
      service({ budgets, ...options }).get({}, { credentials });

    const all = await get({});
    expect(all.items).toHaveLength(1);
    expect(all.budgets.map(({ team }) => team)).toEqual([VISION, TEXT]);
    const owner = await get({
      visible: { ownerIn: [VISION] },
      claims: [VISION],
    });
    expect(owner.items).toHaveLength(1);
    expect(owner.dearest).toHaveLength(1);
    expect(owner.budgets).toMatchObject([{ ...budget, team: VISION }]);
    expect(
      await get({ visible: { ownerIn: [TEXT] }, claims: [TEXT] }),
    ).toMatchObject({ items: [], dearest: [], budgets: [{ team: TEXT }] });
    expect(await get({ visible: 'nothing', claims: [VISION] })).toMatchObject({
      items: [],
      dearest: [],
      budgets: [],
    });
  });
});

describe('readSpan', () => {
  it.each([
    [{ from: 'May' }, /^from: 'May' is no moment/],
    [{ to: 'x' }, /^to: 'x' is no moment/],
    [
      { from: '2026-05-20T00:00:00Z' },
      /^from: 2026-05-20T00:00:00.000Z is not before to/,
    ],
    [{ from: '2025-01-01T00:00:00Z' }, /^to: expected at most 366 days/],
  ])('refuses %j', (query, message) => {
    expect(() => readSpan(query, NOW)).toThrow(message);
  });

  it('takes a whole leap year', () => {
    expect(
      readSpan(
        { from: '2028-01-01T00:00:00Z', to: '2029-01-01T00:00:00Z' },
        NOW,
      ).to.toISOString(),
    ).toBe('2029-01-01T00:00:00.000Z');
  });
});
