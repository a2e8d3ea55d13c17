import type {
  Evaluation,
  ModelVersionDetail,
} from '@greenroom/plugin-ai-registry-common';
import { compareVersions } from './compareVersions';

const evaluation: Evaluation = {
  dataset: { name: 'held out', digest: `sha256:${'1'.repeat(64)}`, rows: 4 },
  metrics: { error: 4, r2: 0.5 },
  primary: { name: 'error', higherIsBetter: false },
  perRow: [5, 3, 5, 3],
};

const version = (
  number: number,
  changes: Partial<ModelVersionDetail> = {},
): ModelVersionDetail => ({
  model: 'diabetes',
  version: number,
  description: '',
  format: 'onnx',
  digest: `sha256:${'2'.repeat(64)}`,
  sizeBytes: 10,
  signature: { inputs: [], outputs: [] },
  evaluation,
  servability: { state: 'not-tried', reason: 'Made up for a test.' },
  tags: {},
  source: {},
  aliases: [],
  createdAt: '2026-05-03T12:00:00.000Z',
  createdBy: 'user:default/ada',
  ...changes,
});

const better: Evaluation = {
  ...evaluation,
  metrics: { error: 3, mape: 0.1 },
  perRow: [4, 2, 4, 2],
};

describe('compareVersions', () => {
  it('knows which way the primary metric points', () => {
    const { metrics, paired } = compareVersions(
      version(1),
      version(2, { evaluation: better }),
    );
    expect(metrics).toEqual([
      { name: 'error', base: 4, candidate: 3, difference: -1, better: true },
      { name: 'mape', base: undefined, candidate: 0.1 },
      { name: 'r2', base: 0.5, candidate: undefined },
    ]);
    expect(paired).toMatchObject({
      metric: 'error',
      rows: 4,
      improvement: 1,
    });
    // Four rows are far from certain, although all of them improved by 1.
    expect(paired!.interval[0]).toBeLessThan(0);
    expect(paired!.interval[1]).toBeGreaterThan(1);
  });

  it('compares by each metric that decides', () => {
    const scored = (name: string, perRow: number[]): Evaluation => ({
      dataset: evaluation.dataset,
      metrics: {
        [name]: perRow.reduce((sum, one) => sum + one, 0) / perRow.length,
      },
      primary: { name, higherIsBetter: true },
      perRow,
    });
    const same = scored('exact', [1, 1, 0, 1]);
    const { metrics, paired, otherPaired } = compareVersions(
      version(1),
      version(2),
      {
        base: [same, scored('short', [1, 1, 1, 1])],
        candidate: [same, scored('short', [1, 0, 1, 0])],
      },
    );
    expect(metrics).toMatchObject([
      { name: 'exact', difference: 0 },
      { name: 'short', base: 1, candidate: 0.5, better: false },
    ]);
    expect(paired).toMatchObject({ metric: 'exact', improvement: 0 });
    expect(otherPaired).toMatchObject([{ metric: 'short', improvement: -0.5 }]);
  });

  it.each<[string, Evaluation | undefined]>([
    ['has no evaluation', undefined],
    ['has no value per row', { ...better, perRow: undefined }],
    [
      'was evaluated on other rows',
      {
        ...better,
        dataset: { ...better.dataset, digest: `sha256:${'3'.repeat(64)}` },
      },
    ],
    [
      'has another primary metric',
      { ...better, primary: { name: 'mape', higherIsBetter: false } },
    ],
  ])('does not pair rows with a version that %s', (_what, other) => {
    const comparison = compareVersions(
      version(1),
      version(2, { evaluation: other }),
    );
    expect(comparison.paired).toBeUndefined();
  });

  it('shows tags of both, and leaves large parts out', () => {
    const comparison = compareVersions(
      version(1, { tags: { depth: '3', old: 'x' } }),
      version(2, { tags: { depth: '5' } }),
    );
    expect(comparison.tags).toEqual([
      { key: 'depth', base: '3', candidate: '5' },
      { key: 'old', base: 'x', candidate: undefined },
    ]);
    expect(comparison.base.evaluation).not.toHaveProperty('perRow');
    expect(comparison.candidate).not.toHaveProperty('baseline');
  });
});
