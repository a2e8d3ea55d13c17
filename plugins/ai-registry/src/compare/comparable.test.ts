import { comparableWith } from './comparable';

const traffic = (...shares: [version: number, weightPercent: number][]) => ({
  variants: shares.map(([version, weightPercent]) => ({
    version,
    digest: `sha256:${version}`,
    weightPercent,
  })),
});

describe('comparableWith', () => {
  it('names what serves in production, and what is wanted there where that is another', () => {
    expect(
      comparableWith(3, { wanted: 2, serving: traffic([2, 100]) }),
    ).toEqual([{ version: 2 }]);
    expect(
      comparableWith(3, { wanted: 2, serving: traffic([2, 10], [1, 90]) }),
    ).toEqual([
      { version: 1, role: 'serving' },
      { version: 2, role: 'wanted' },
    ]);
    expect(
      comparableWith(2, { wanted: 2, serving: traffic([1, 100], [2, 0]) }),
    ).toEqual([{ version: 1, role: 'serving' }]);
  });

  it('goes by the alias where it is not known what serves, or nothing does', () => {
    expect(comparableWith(3, { wanted: 1 })).toEqual([{ version: 1 }]);
    expect(comparableWith(3, { wanted: 1, serving: traffic([1, 0]) })).toEqual([
      { version: 1 },
    ]);
  });

  it('names the version before where no other one runs', () => {
    expect(
      comparableWith(2, { wanted: 2, serving: traffic([2, 100]) }),
    ).toEqual([{ version: 1 }]);
    expect(comparableWith(2, {})).toEqual([{ version: 1 }]);
    expect(comparableWith(1, {})).toEqual([]);
  });
});
