import type uPlot from 'uplot';
import { resolveColor } from './colors';

/** Text of axes and markers, as the page has it; canvas does not inherit it. */
export function plotFont(host: HTMLElement): string {
  return `11px ${getComputedStyle(host).fontFamily || 'system-ui, sans-serif'}`;
}

/** A colour of the theme, read on each draw. */
export function themeColor(host: HTMLElement, name: string): () => string {
  return () => resolveColor(`var(${name})`, host);
}

export function plotWidth(host: HTMLElement): number {
  return Math.max(host.clientWidth, 120);
}

/** Keeps a plot as wide as its host, and in the colours of the theme, until the answer is called. */
export function followHost(
  plot: uPlot,
  host: HTMLElement,
  height: number,
): () => void {
  const resize = new ResizeObserver(() => {
    const width = plotWidth(host);
    if (width !== plot.width) plot.setSize({ width, height });
  });
  resize.observe(host);

  // Colours are read when drawing, so a change of theme only needs a redraw.
  const theme = new MutationObserver(() => plot.redraw(false));
  for (const element of [document.documentElement, document.body]) {
    theme.observe(element, {
      attributes: true,
      attributeFilter: ['data-theme-mode', 'data-theme-name'],
    });
  }
  return () => {
    resize.disconnect();
    theme.disconnect();
  };
}
