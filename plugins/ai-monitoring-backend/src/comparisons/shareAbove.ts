import { type DdSketch, ddSketchQuantile } from '@greenroom/ml-kit';

/** More digits than a sketch has. */
const HALVINGS = 30;

/** Share of the values above a bound, 0 to 1, as far as a sketch knows; 0 of an empty one. */
export function shareAbove(sketch: DdSketch, bound: number): number {
  const isAbove = (level: number) =>
    (ddSketchQuantile(sketch, level) ?? -Infinity) > bound;
  if (!isAbove(1)) return 0;
  if (isAbove(0)) return 1;
  let below = 0;
  let above = 1;
  for (let i = 0; i < HALVINGS; i++) {
    const middle = (below + above) / 2;
    if (isAbove(middle)) above = middle;
    else below = middle;
  }
  return 1 - above;
}
