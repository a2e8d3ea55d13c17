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
  let labelEnd = -Infinity;
  for (const marker of [...markers].sort((a, b) => a.at.localeCompare(b.at))) {
    const x = plot.valToPos(Date.parse(marker.at) / 1000, 'x', true);
    if (!(x >= bbox.left && x <= bbox.left + bbox.width)) continue;
    ctx.strokeStyle = look.line;
    ctx.lineWidth = ratio;
    ctx.setLineDash([3 * ratio, 3 * ratio]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();

    const label =
      marker.title.length > LABEL_LETTERS
        ? `${marker.title.slice(0, LABEL_LETTERS - 1)}…`
        : marker.title;
    const width = ctx.measureText(label).width;
    const right = bbox.left + bbox.width;
    const left =
      x + 4 * ratio + width > right ? x - 4 * ratio - width : x + 4 * ratio;
    if (left < labelEnd + 6 * ratio) continue;
    ctx.fillStyle = look.background;
    ctx.globalAlpha = 0.85;
    ctx.fillRect(left - 2, bbox.top, width + 4, 13 * ratio);
    ctx.globalAlpha = 1;
    ctx.fillStyle = look.text;
    ctx.fillText(label, left, bbox.top + ratio);
    labelEnd = left + width;
  }
  ctx.restore();
}
