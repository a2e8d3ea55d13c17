import type { StoredReference } from '@greenroom/plugin-ai-registry-common';
import {
  BASELINE,
  NOON,
  recordBatch,
  recordGroup,
} from '../__testUtils__/fixtures';
import { rollUp } from '../records/rollUp';
import { toCandidateDrift } from './candidateDrift';

const windows = (shift = 0, count = 600) =>
  rollUp(recordBatch([recordGroup({ count, shift })]), () => BASELINE).flatMap(
    ({ profile, ...window }) => (profile ? [{ ...window, profile }] : []),
  );

const reference = (
  features: string[],
  rowOf: (share: number) => StoredReference['rows'][number],
  rows = 1_000,
): StoredReference => ({
  formatVersion: 1,
  features,
  rows: Array.from({ length: rows }, (_, i) => rowOf(i / rows)),
  predictions: Array.from({ length: rows }, () => 'ill'),
});

const subject = {
  model: 'diabetes',
  version: 1,
  candidate: 2,
  span: { fromMillis: NOON, toMillis: NOON + 15 * 60_000 },
  baseline: BASELINE,
  windows: windows(),
};
const same = reference(['age', 'dose'], share => [share, share * 10]);

describe('toCandidateDrift', () => {
  it('finds no drift where the candidate was made of rows like those of today', async () => {
    const drift = await toCandidateDrift({ ...subject, reference: same });
    expect(drift).toMatchObject({
      rows: 600,
      referenceRows: 1_000,
      leftOut: [],
      report: { status: 'ok' },
    });
    expect(drift.report?.features.map(({ name }) => name)).toEqual([
      'age',
      'dose',
    ]);
  });

  it('finds what the candidate has not seen, though the running version has', async () => {
    const other = reference(['age', 'dose'], share => [share, share * 3]);
    const { report } = await toCandidateDrift({ ...subject, reference: other });
    expect(report?.status).toBe('alert');
    expect(report?.features.map(({ status }) => status)).toEqual([
      'ok',
      'alert',
    ]);
  });

  it('goes by the names of features, not their places, and says which only one has', async () => {
    const turned = reference(['weight', 'dose', 'age'], share => [
      1,
      share * 10,
      share,
    ]);
    const drift = await toCandidateDrift({ ...subject, reference: turned });
    expect(drift.report?.status).toBe('ok');
    expect(drift.leftOut).toEqual(['weight']);
    const alone = reference(['dose'], share => [share * 10]);
    expect(
      (await toCandidateDrift({ ...subject, reference: alone })).leftOut,
    ).toEqual(['age']);
  });

  it('takes what reference rows write as texts, and what is missing', async () => {
    const odd = reference(['age', 'dose'], share => [
      share,
      share < 0.5 ? null : 'Infinity',
    ]);
    const { report } = await toCandidateDrift({ ...subject, reference: odd });
    expect(report?.features[1].status).toBe('alert');
  });

  it('does not call few rows healthy, on either side', async () => {
    const few = reference(['age', 'dose'], share => [share, share * 10], 20);
    const sparse = await toCandidateDrift({ ...subject, reference: few });
    expect(sparse.report?.status).toBe('not-enough-data');
    const quiet = await toCandidateDrift({
      ...subject,
      windows: windows(0, 20),
      reference: same,
    });
    expect(quiet.report?.status).toBe('not-enough-data');
  });

  it.each([
    ['no-baseline', { baseline: undefined, reference: same }],
    ['no-reference', { reference: undefined }],
    ['other-features', { reference: reference(['x'], share => [share]) }],
    ['no-data', { reference: same, windows: [] }],
  ] as const)(
    'says why there is nothing to compare: %s',
    async (reason, at) => {
      const drift = await toCandidateDrift({ ...subject, ...at });
      expect(drift.reason).toBe(reason);
      expect(drift.report).toBeUndefined();
    },
  );
});
