import fc from 'fast-check';
import { formatFloat32 } from './formatFloat32';

it.each([
  [0, '0'],
  [-0, '-0.0'],
  [16, '16'],
  [-3, '-3'],
  [Math.fround(0.1), '0.1'],
  [Math.fround(21.8), '21.8'],
  [Math.fround(1e-20), '1e-20'],
  [Math.fround(3.4028234663852886e38), '3.4028235e+38'],
  [NaN, ''],
  [-Infinity, ''],
])('writes %d as %s', (value, text) => {
  expect(formatFloat32(value)).toBe(text);
});

it('gives every value back, in at most nine digits', () => {
  fc.assert(
    fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), value => {
      const written = formatFloat32(value);
      expect(Math.fround(Number(written))).toBe(value);
      expect(Number.isFinite(JSON.parse(written))).toBe(true);
      const digits = written
        .replace(/e.*$/, '')
        .replace(/[-.]/g, '')
        .replace(/^0+/, '');
      // Whole numbers are written out, zeros and all.
      expect(digits.length <= 9 || Number.isInteger(value)).toBe(true);
    }),
    { numRuns: 2_000 },
  );
});
