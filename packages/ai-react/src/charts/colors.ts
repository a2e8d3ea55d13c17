/** Number of series colours; identities beyond it share one. */
const COLOR_COUNT = 8;

/** CSS colour of a series; equal numbers get equal colours on every chart. */
export function seriesColor(index: number): string {
  const slot = ((index % COLOR_COUNT) + COLOR_COUNT) % COLOR_COUNT;
  return `var(--greenroom-series-${slot + 1})`;
}

/** A version keeps its colour on every page, whatever else is drawn. */
export function versionColor(version: number): string {
  return seriesColor(version - 1);
}

/** Resolves `var(--name)` to what it stands for at an element; canvas cannot. */
export function resolveColor(color: string, at: Element): string {
  const name = /^var\((--[^,)]+)\)$/.exec(color)?.[1];
  if (!name) return color;
  return getComputedStyle(at).getPropertyValue(name).trim() || 'currentColor';
}
