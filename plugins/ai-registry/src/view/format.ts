/** A tensor's shape; free dimensions are stars: [* × 64]. */
export function formatShape(shape: number[]): string {
  return `[${shape.map(size => (size < 0 ? '*' : size)).join(' × ')}]`;
}
