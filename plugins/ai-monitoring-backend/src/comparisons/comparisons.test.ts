import { TestDatabases } from '@backstage/backend-test-utils';
import request from 'supertest';
import { recordBatch, recordGroup } from '../__testUtils__/fixtures';
import { startPlugin } from '../__testUtils__/startPlugin';
import { comparison } from './__testUtils__/comparison';

jest.setTimeout(60_000);

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });

describe('comparisons', () => {
  let backend: Awaited<ReturnType<typeof startPlugin>>;
  afterEach(() => backend.stop());

  const startMillis = Date.now() - 60_000;
  const PLAN = comparison({ startedAt: new Date(startMillis).toISOString() });

  function batchOf(sequence: number, failing = 0) {
    const group = (version: number, count: number, status: () => number) => ({
      ...recordGroup({
        version,
        count,
        startMillis,
        everyMillis: 1,
        status,
        samples: false,
      }),
      comparison: PLAN.id,
      units: Array.from(
        { length: count },
        (_, i) => 1 + version * 1_000_000 + sequence * 10_000 + i,
      ),
    });
    let left = failing;
    return recordBatch(
      [group(1, 900, () => 200), group(2, 100, () => (left-- > 0 ? 500 : 200))],
      { sequence },
    );
  }

  it('are counted once, and say when a version is to be taken back', async () => {
    backend = await startPlugin(databases);
    const { client, user, send, neighbours } = backend;
    neighbours.comparisons = [PLAN];
    await send(batchOf(1)).expect(200);
    await send(batchOf(1)).expect(200, { accepted: 0, duplicate: true });
    const before = await client.getComparison(PLAN.id, user);
    expect(before).toMatchObject({
      id: PLAN.id,
      uncounted: 0,
      versions: [
        { version: 1, isControl: true, units: 900, requests: 900 },
        { version: 2, isControl: false, units: 100, requests: 100 },
      ],
      sampleRatio: { isMismatch: false },
      hasEnoughUnits: true,
      verdict: { kind: 'undecided' },
    });
    expect(before.expectations).toHaveLength(2);
    await send(batchOf(2, 60)).expect(200);
    const after = await client.getComparison(PLAN.id, user);
    expect(after.verdict).toMatchObject({
      kind: 'take-back',
      version: 2,
      metric: 'errors',
    });
  });

  it('are remembered over time, and can be had as a table', async () => {
    backend = await startPlugin(databases);
    const { client, user, send, neighbours, server } = backend;
    neighbours.comparisons = [PLAN];
    await send(batchOf(1)).expect(200);
    let points: { units: unknown[] }[] = [];
    while (points.length === 0) {
      await new Promise(resolve => setTimeout(resolve, 100));
      ({ points } = await client.getComparisonHistory(PLAN.id, user));
    }
    expect(points[0]).toMatchObject({
      metrics: [{ name: 'errors', version: 2, effect: 0 }, { name: 'latency' }],
      units: [{ units: 900 }, { units: 100 }],
    });
    const csv = await request(server)
      .get(`/api/ai-monitoring/comparisons/${PLAN.id}/results.csv`)
      .set('Authorization', `Bearer ${user.token}`)
      .expect(200)
      .expect('Content-Type', /text\/csv/);
    expect(csv.text.split('\r\n')[0]).toBe(
      'at,metric,version,callers,effect,lower,upper,chance_to_win',
    );
    expect(csv.text).toContain(',errors,2,100,0,');
  });

  it.each([
    ['nobody knows', false],
    ['nobody can be asked about', true],
  ])('that %s never fail a batch', async (_what, isDown) => {
    backend = await startPlugin(databases);
    const { client, user, send, neighbours } = backend;
    neighbours.comparisonsDown = isDown;
    await send(batchOf(1)).expect(200, { accepted: 1_000, duplicate: false });
    await expect(client.getComparison(PLAN.id, user)).rejects.toMatchObject({
      statusCode: 404,
    });
    const traffic = await client.getTraffic(
      {
        environment: 'production',
        model: 'diabetes',
        from: new Date(startMillis - 60_000).toISOString(),
        to: new Date(startMillis + 60_000).toISOString(),
      },
      user,
    );
    const requests = traffic.items
      .flatMap(({ points }) => points)
      .reduce((all, point) => all + point.requests, 0);
    expect(requests).toBe(1_000);
  });

  it('have what was slow for the control in the day before', async () => {
    backend = await startPlugin(databases);
    const { client, user, send, neighbours } = backend;
    const began = Date.now() - 2_000;
    neighbours.comparisons = [
      { ...PLAN, startedAt: new Date(began).toISOString() },
    ];
    const earlier = recordGroup({
      count: 1_000,
      startMillis: began - 3_600_000,
      samples: false,
    });
    await send(recordBatch([earlier])).expect(200);
    const report = await client.getComparison(PLAN.id, user);
    // The p95 of 1 to 2 ms, and the margin
    expect(report.guardrails[1].thresholdMillis).toBeCloseTo(51.95, 1);
    expect(report.expectations[1].units).toBeLessThan(100);
  });
});
