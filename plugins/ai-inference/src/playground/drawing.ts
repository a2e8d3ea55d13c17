/** A point of a stroke; x and y from 0 (left, top) to 1. */
export interface Point {
  x: number;
  y: number;
}

/** Lines drawn without lifting the pen. */
export type Stroke = Point[];

interface RasterOptions {
  /** Pixels of the image that the model takes. */
  width: number;
  height: number;
  /** Value of full ink. */
  maxValue: number;
}

/** Fine pixels along one pixel of the model. */
const FINE = 8;

/**
 * Half the thickness of a stroke, in pixels of the model. The digits that the
 * demo model learned from hold as much ink with this one.
 */
const PEN_RADIUS = 0.75;

/** Smaller drawings are dots; they are not made larger than this share of the pad allows. */
const SMALLEST_DRAWING = 0.05;

/**
 * The drawing as the image that the model takes: moved and scaled to fill the
 * image like the training data does, drawn finely, and averaged.
 *
 * @returns grey values from 0 (page) to `maxValue` (full ink), row by row
 */
export function rasterize(strokes: Stroke[], options: RasterOptions): number[] {
  const { width, height, maxValue } = options;
  const fitted = fit(strokes, width, height);
  const fineWidth = width * FINE;
  const ink = new Uint8Array(fineWidth * height * FINE);
  for (const stroke of fitted) {
    for (let i = 0; i < stroke.length; i++) {
      drawLine({
        ink,
        fineWidth,
        from: stroke[Math.max(0, i - 1)],
        to: stroke[i],
      });
    }
  }
  const pixels: number[] = [];
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      let filled = 0;
      for (let y = row * FINE; y < (row + 1) * FINE; y++) {
        for (let x = column * FINE; x < (column + 1) * FINE; x++) {
          filled += ink[y * fineWidth + x];
        }
      }
      pixels.push(Math.round((filled / (FINE * FINE)) * maxValue));
    }
  }
  return pixels;
}

/** Moves and scales strokes into the image, in its pixels, keeping their proportions. */
function fit(strokes: Stroke[], width: number, height: number): Stroke[] {
  const points = strokes.flat();
  if (points.length === 0) return [];
  const left = Math.min(...points.map(point => point.x));
  const right = Math.max(...points.map(point => point.x));
  const top = Math.min(...points.map(point => point.y));
  const bottom = Math.max(...points.map(point => point.y));
  // A margin of one pixel at the sides, none above and below.
  const roomX = width - 2 - 2 * PEN_RADIUS;
  const roomY = height - 2 * PEN_RADIUS;
  const scale = Math.min(
    roomX / Math.max(right - left, SMALLEST_DRAWING),
    roomY / Math.max(bottom - top, SMALLEST_DRAWING),
  );
  const middleX = (left + right) / 2;
  const middleY = (top + bottom) / 2;
  return strokes.map(stroke =>
    stroke.map(({ x, y }) => ({
      x: width / 2 + (x - middleX) * scale,
      y: height / 2 + (y - middleY) * scale,
    })),
  );
}

/** Inks every fine pixel whose middle is within the pen's radius of the line. */
function drawLine(options: {
  ink: Uint8Array;
  fineWidth: number;
  from: Point;
  to: Point;
}): void {
  const { ink, fineWidth, from, to } = options;
  const fineHeight = ink.length / fineWidth;
  const radius = PEN_RADIUS * FINE;
  const [x1, y1] = [from.x * FINE, from.y * FINE];
  const [x2, y2] = [to.x * FINE, to.y * FINE];
  const squared = (x2 - x1) ** 2 + (y2 - y1) ** 2;
  const minX = Math.max(0, Math.floor(Math.min(x1, x2) - radius));
  const maxX = Math.min(fineWidth - 1, Math.ceil(Math.max(x1, x2) + radius));
  const minY = Math.max(0, Math.floor(Math.min(y1, y2) - radius));
  const maxY = Math.min(fineHeight - 1, Math.ceil(Math.max(y1, y2) + radius));
  for (let y = minY; y <= maxY; y++) {
    for (let x = minX; x <= maxX; x++) {
      const along =
        squared === 0
          ? 0
          : ((x + 0.5 - x1) * (x2 - x1) + (y + 0.5 - y1) * (y2 - y1)) / squared;
      const t = Math.min(1, Math.max(0, along));
      const distance = Math.hypot(
        x + 0.5 - (x1 + t * (x2 - x1)),
        y + 0.5 - (y1 + t * (y2 - y1)),
      );
      if (distance <= radius) ink[y * fineWidth + x] = 1;
    }
  }
}
