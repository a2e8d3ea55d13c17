import type uPlot from 'uplot';
import type { ChartMarker } from './timeSeries';

interface MarkerLook {
  line: string;
  text: string;
  background: string;
  font: string;
}

/** Longest marker label, in letters; the whole title is in the table. */
const LABEL_LETTERS = 26;

/** Draws each marker as a dashed line; labels that would cover an earlier one are left out. */
export function drawMarkers(
  plot: uPlot,
  markers: ChartMarker[],
  look: MarkerLook,
): void {
  const { ctx, bbox } = plot;
  const ratio = devicePixelRatio || 1;
  ctx.save();
  ctx.font = look.font.replace(/^(\d+)px/, (_, px) => `${px * ratio}px`);
  ctx.textBaseline = 'top';
  ctx.textAlign = 'left';
  const right = bbox.left + bbox.width;
  const visible = markers
    .map(({ at, title }) => ({
      title,
      x: plot.valToPos(Date.parse(at) / 1000, 'x', true),
    }))
    .filter(({ x }) => x >= bbox.left && x <= right)
    .sort((a, b) => a.x - b.x);

  ctx.strokeStyle = look.line;
  ctx.lineWidth = ratio;
  ctx.setLineDash([3 * ratio, 3 * ratio]);
  for (const { x } of visible) {
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }

  // Labels come last, so that no line crosses them.
  let labelEnd = -Infinity;
  for (const { x, title } of visible) {
    const label =
      title.length > LABEL_LETTERS
        ? `${title.slice(0, LABEL_LETTERS - 1)}…`
        : title;
    const width = ctx.measureText(label).width;
    const left =
      x + 4 * ratio + width > right ? x - 4 * ratio - width : x + 4 * ratio;
    if (left < labelEnd + 6 * ratio) continue;
    ctx.fillStyle = look.background;
    ctx.fillRect(left - 2, bbox.top, width + 4, 13 * ratio);
    ctx.fillStyle = look.text;
    ctx.fillText(label, left, bbox.top + ratio);
    labelEnd = left + width;
  }
  ctx.restore();
}
