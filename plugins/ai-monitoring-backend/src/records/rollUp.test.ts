import { ddSketchQuantile } from '@greenroom/ml-kit';
import fc from 'fast-check';
import {
  BASELINE,
  NOON,
  recordBatch,
  recordGroup,
} from '../__testUtils__/fixtures';
import { totalsOf } from '../__testUtils__/totals';
import { rollUp, unfitSamples } from './rollUp';

describe('rollUp', () => {
  it('puts each record into the window of its own time', () => {
    const windows = rollUp(
      recordBatch([
        recordGroup({ count: 4, startMillis: NOON, everyMillis: 5_000 }),
        recordGroup({ count: 1, startMillis: NOON - 3_600_000 }),
        recordGroup({ count: 1, version: 2 }),
      ]),
      () => undefined,
    );
    expect(
      windows.map(({ version, startMillis, requests, rows }) => [
        version,
        startMillis - NOON,
        requests,
        rows,
      ]),
    ).toEqual([
      [1, 0, 2, 4],
      [1, 10_000, 2, 4],
      [1, -3_600_000, 1, 2],
      [2, 0, 1, 2],
    ]);
    expect(
      windows.map(({ lastRecordMillis }) => lastRecordMillis - NOON),
    ).toEqual([5_000, 15_000, -3_600_000, 0]);
  });

  it('counts requests that were for another model', () => {
    const group = recordGroup({ count: 3, everyMillis: 5_000 });
    const count = (more: { fallbacks?: number[] }) =>
      rollUp(recordBatch([{ ...group, ...more }]), () => undefined).map(
        ({ fallbacks }) => fallbacks,
      );
    expect(count({ fallbacks: [1, 1, 0] })).toEqual([2, 0]);
    expect(count({})).toEqual([0, 0]);
  });

  it('adds up the tokens of language models, where they are told of', () => {
    const group = recordGroup({ count: 3, everyMillis: 5_000 });
    const tokens = { inputTokens: [5, 6, 7], outputTokens: [1, 0, 3] };
    const batch = recordBatch([{ ...group, ...tokens }]);
    const tokensOf = (windows: ReturnType<typeof rollUp>) =>
      windows.map(window => [window.inputTokens, window.outputTokens]);
    expect(tokensOf(rollUp(batch, () => undefined))).toEqual([
      [11, 1],
      [7, 3],
    ]);
    const without = recordBatch([group]);
    expect(tokensOf(rollUp(without, () => undefined))).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  it('counts refusals for limits of keys apart, and asks no latency of them', () => {
    const group = recordGroup({
      count: 4,
      status: index => [429, 400, 200, 429][index],
    });
    const [window] = rollUp(
      recordBatch([{ ...group, limited: [1, 1, 0, 0] }]),
      () => undefined,
    );
    expect(window).toMatchObject({
      requests: 4,
      limited: 2,
      clientErrors: 0,
      serverErrors: 1,
    });
    expect(window.latencyMicros.count).toBe(2);
    expect(ddSketchQuantile(window.latencyMicros, 0)).toBeGreaterThan(1_015);
  });

  it('tells refusals from failures, of which a limit of a provider is one, and keeps the latencies of all', () => {
    const statuses = [200, 204, 400, 404, 429, 500, 503, 301];
    const windows = rollUp(
      recordBatch([
        recordGroup({ count: 8, status: index => statuses[index] }),
      ]),
      () => undefined,
    );
    expect(windows[0]).toMatchObject({
      requests: 8,
      limited: 0,
      clientErrors: 2,
      serverErrors: 3,
    });
    expect(ddSketchQuantile(windows[0].latencyMicros, 1)).toBe(1_070);
  });

  it('leaves out sampled rows that do not fit the baseline, and says how many', () => {
    const group = recordGroup({ count: 3 });
    group.samples[1].features = [1];
    const batch = recordBatch([group]);
    const windows = rollUp(batch, () => BASELINE);
    expect(unfitSamples(batch, () => BASELINE)).toEqual([
      {
        model: 'diabetes',
        version: 1,
        records: 0,
        samples: 1,
        reason:
          "Copied rows of model 'diabetes' version 1 have 1 values, but its baseline has 2",
      },
    ]);
    expect(windows[0].profile?.rows).toBe(2);
    expect(windows[0].requests).toBe(3);
  });

  it('makes no profile without a baseline', () => {
    const windows = rollUp(recordBatch([recordGroup()]), () => undefined);
    expect(windows[0].profile).toBeUndefined();
  });

  it('counts the same however records are divided into batches', () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 60_000 }), { minLength: 1, maxLength: 60 }),
        fc.nat(60),
        (offsets, cut) => {
          const groups = offsets.map(offset =>
            recordGroup({ count: 1, startMillis: NOON + offset }),
          );
          const windowsOf = (some: typeof groups) =>
            rollUp(recordBatch(some), () => BASELINE);
          expect(
            totalsOf([
              ...windowsOf(groups.slice(0, cut)),
              ...windowsOf(groups.slice(cut)),
            ]),
          ).toEqual(totalsOf(windowsOf(groups)));
        },
      ),
      { numRuns: 30 },
    );
  });
});
