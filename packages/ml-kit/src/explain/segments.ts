import { InvalidArgumentError } from '../numerics/InvalidArgumentError';

/** A text cut into words and what lies between them; joined again it is the text. */
export interface TextSegments {
  /** Words and gaps in order. */
  pieces: string[];
  /** Index into `pieces` of each word. */
  words: number[];
}

/** Cuts a text into words: runs of letters, marks, digits and apostrophes of any script. */
export function textSegments(text: string): TextSegments {
  const pieces =
    text.match(/[\p{L}\p{M}\p{N}'’]+|[^\p{L}\p{M}\p{N}'’]+/gu) ?? [];
  const words = pieces.flatMap((piece, i) =>
    /[\p{L}\p{N}]/u.test(piece) ? [i] : [],
  );
  return { pieces: [...pieces], words };
}

/** The text with only the words whose byte is 1; the gaps stay. */
export function keepWords(segments: TextSegments, mask: Uint8Array): string {
  const dropped = new Set(segments.words.filter((_, w) => mask[w] === 0));
  return segments.pieces
    .map((piece, i) => (dropped.has(i) ? '' : piece))
    .join('');
}

/**
 * A grid of about equal patches over an image, row by row.
 *
 * @returns the patch of each pixel, shape [height, width], 0 to rows * columns - 1
 * Throws InvalidArgumentError when the grid is finer than the pixels.
 */
export function gridSegments(options: {
  /** Pixels. */
  width: number;
  /** Pixels. */
  height: number;
  rows: number;
  columns: number;
}): Int32Array {
  const { width, height, rows, columns } = options;
  if (rows < 1 || columns < 1 || rows > height || columns > width) {
    throw new InvalidArgumentError(
      `A grid of ${rows} x ${columns} does not fit into ${height} x ${width} pixels`,
    );
  }
  return Int32Array.from({ length: width * height }, (_, pixel) => {
    const row = Math.floor((Math.floor(pixel / width) * rows) / height);
    const column = Math.floor(((pixel % width) * columns) / width);
    return row * columns + column;
  });
}

/** Features of each segment: `groups` for Shapley values of an image. */
export function groupsOfSegments(segmentOf: ArrayLike<number>): number[][] {
  const groups: number[][] = [];
  for (let pixel = 0; pixel < segmentOf.length; pixel++) {
    const segment = segmentOf[pixel];
    while (groups.length <= segment) groups.push([]);
    groups[segment].push(pixel);
  }
  return groups;
}

/** The image with only the segments whose byte is 1, `fill` elsewhere. */
export function keepSegments(
  image: ArrayLike<number>,
  segmentOf: ArrayLike<number>,
  mask: Uint8Array,
  fill = 0,
): Float64Array {
  return Float64Array.from({ length: image.length }, (_, pixel) =>
    mask[segmentOf[pixel]] === 1 ? image[pixel] : fill,
  );
}
