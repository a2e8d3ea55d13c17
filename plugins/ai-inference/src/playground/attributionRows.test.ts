import { attributionRows } from './attributionRows';

const part = (label: string, attribution: number) => ({
  label,
  attribution,
  standard_error: 0,
});

describe('attributionRows', () => {
  it('has the largest first, whatever their signs', () => {
    const rows = attributionRows([part('a', 1), part('b', -4), part('c', 2)]);
    expect(
      rows.map(({ label, sharePercent }) => [label, sharePercent]),
    ).toEqual([
      ['b', 100],
      ['c', 50],
      ['a', 25],
    ]);
  });

  it('has no bars where nothing matters', () => {
    expect(attributionRows([part('a', 0)])[0].sharePercent).toBe(0);
    expect(attributionRows([])).toEqual([]);
  });
});
