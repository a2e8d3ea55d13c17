import { isError } from '@backstage/errors';
import fc from 'fast-check';
import { decodeCursor, encodeCursor, toPage } from './cursor';

describe('a cursor of digits', () => {
  it('is as long as a number of the database, and nothing else', () => {
    expect(decodeCursor(encodeCursor('9007199254740993'), 'digits')).toBe(
      '9007199254740993',
    );
    for (const key of ['x', '', '1e3', '-1', '1'.repeat(19), 7]) {
      expect(() => decodeCursor(encodeCursor(key), 'digits')).toThrow(
        /is not one that this list gave/,
      );
    }
  });
});

describe('cursors', () => {
  it('come back as they went', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[^\0]*$/), key => {
        expect(decodeCursor(encodeCursor(key), 'string')).toBe(key);
      }),
    );
    expect(decodeCursor(encodeCursor(12), 'number')).toBe(12);
  });

  it('of others are refused, never misread', () => {
    fc.assert(
      fc.property(fc.string(), text => {
        let answer: unknown;
        try {
          answer = decodeCursor(text, 'number');
        } catch (error) {
          answer = error;
        }
        expect(
          typeof answer === 'number' ||
            (isError(answer) && answer.name === 'InputError'),
        ).toBe(true);
      }),
    );
    expect(() => decodeCursor(encodeCursor('a'), 'number')).toThrow(/cursor/);
    // A database would fail at them.
    for (const key of [1e300, 2 ** 31, 0.5]) {
      expect(() => decodeCursor(encodeCursor(key), 'number')).toThrow(/cursor/);
    }
    expect(() => decodeCursor(encodeCursor('a\0'), 'string')).toThrow(/cursor/);
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
