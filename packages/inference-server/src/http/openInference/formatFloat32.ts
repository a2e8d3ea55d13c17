/** Powers of ten that a double holds exactly. */
const POWERS = Array.from({ length: 23 }, (_, exponent) => 10 ** exponent);
/** As a fraction, since some parsers take `-0` for an integer, which has no sign then. */
export const NEGATIVE_ZERO = '-0.0';
/** Fewest and most significant digits that are tried; nine always suffice for FP32. */
const FEWEST_DIGITS = 6;
const MOST_DIGITS = 9;

/**
 * Writes an FP32 value with as few digits as give the same FP32 value back: `0.1` rather
 * than the `0.10000000149011612` that a double would need.
 *
 * @returns empty for NaN and infinities, for which JSON has no number.
 */
export function formatFloat32(value: number): string {
  const magnitude = Math.abs(value);
  if (!(magnitude < Infinity)) return '';
  if (Number.isInteger(value) && magnitude < 1e9) {
    return Object.is(value, -0) ? NEGATIVE_ZERO : `${value}`;
  }
  const exponent = Math.floor(Math.log10(magnitude));
  for (let digits = FEWEST_DIGITS; digits <= MOST_DIGITS; digits++) {
    const power = digits - 1 - exponent;
    let rounded: number;
    if (power >= 0 && power < POWERS.length) {
      rounded = Math.round(value * POWERS[power]) / POWERS[power];
    } else {
      rounded = Number(value.toPrecision(digits));
    }
    if (Math.fround(rounded) === value) return `${rounded}`;
  }
  return `${value}`;
}
