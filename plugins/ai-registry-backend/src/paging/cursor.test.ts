import fc from 'fast-check';
import { decodeCursor, encodeCursor, toPage } from './cursor';

describe('cursors', () => {
  it('come back as they went', () => {
    fc.assert(
      fc.property(fc.string(), key => {
        expect(decodeCursor(encodeCursor(key), 'string')).toBe(key);
      }),
    );
    expect(decodeCursor(encodeCursor(12), 'number')).toBe(12);
  });

  it('of others are refused, never misread', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        let key: unknown;
        try {
          key = decodeCursor(text, 'number');
        } catch (error) {
          expect(error).toMatchObject({ name: 'InputError' });
          return;
        }
        expect(typeof key).toBe('number');
      }),
    );
    expect(() => decodeCursor(encodeCursor('a'), 'number')).toThrow(/cursor/);
  });
});

describe('toPage', () => {
  it('has a next cursor only when there is more', () => {
    expect(toPage([1, 2], 2, row => row)).toEqual({ rows: [1, 2] });
    expect(toPage([1, 2, 3], 2, row => row)).toEqual({
      rows: [1, 2],
      nextCursor: encodeCursor(2),
    });
  });
});
