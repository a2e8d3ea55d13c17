import { rowAfter } from './rowAfter';

const after = (key: string, index: number, count = 10_000) =>
  rowAfter(key, index, { count, page: 12 });

describe('rowAfter', () => {
  it('goes on by a row, by a page, and to both ends', () => {
    expect(after('ArrowDown', 7)).toBe(8);
    expect(after('ArrowUp', 7)).toBe(6);
    expect(after('PageDown', 7)).toBe(19);
    expect(after('PageUp', 17)).toBe(5);
    expect(after('Home', 7)).toBe(0);
    expect(after('End', 7)).toBe(9_999);
  });

  it('stays in the table', () => {
    expect(after('PageDown', 9_995)).toBe(9_999);
    expect(after('PageUp', 3)).toBe(0);
    expect(after('ArrowUp', 0)).toBeUndefined();
    expect(after('ArrowDown', 9_999)).toBeUndefined();
    expect(after('ArrowDown', 0, 1)).toBeUndefined();
    expect(after('Tab', 5)).toBeUndefined();
    expect(after('toString', 5)).toBeUndefined();
  });
});
