import type { RandomAccessBytes, Span } from '../ProtobufReader';

/** New bytes in the place of those of a span; a span without length is a place to insert at. */
export interface Edit extends Span {
  bytes: Uint8Array;
}

/** A part of the edited bytes: of the source from some place on, or new. */
interface Piece {
  /** Where the piece begins in the edited bytes. */
  at: number;
  length: number;
  /** Position in the source, or the new bytes. */
  from: number | Uint8Array;
}

/** How many bytes the edits add, or take away. */
export function growth(edits: readonly Edit[]): number {
  return edits.reduce(
    (sum, { start, end, bytes }) => sum + bytes.length - (end - start),
    0,
  );
}

/**
 * Bytes with some of them replaced. Nothing is copied: each read goes to the source, or to what
 * is new.
 *
 * @param edits - in no order; none overlaps another
 */
export function editBytes(
  source: RandomAccessBytes,
  edits: readonly Edit[],
): RandomAccessBytes {
  const pieces: Piece[] = [];
  let at = 0;
  let position = 0;
  const add = (from: number | Uint8Array, length: number) => {
    if (length > 0) pieces.push({ at, length, from });
    at += length;
  };
  for (const { start, end, bytes } of [...edits].sort(byPlace)) {
    if (start < position) throw new Error('two edits overlap');
    add(position, start - position);
    add(bytes, bytes.length);
    position = end;
  }
  add(position, source.sizeBytes - position);
  return {
    sizeBytes: at,
    async read(wanted, length) {
      const end = Math.min(wanted + length, at);
      const result = new Uint8Array(Math.max(0, end - wanted));
      for (let i = pieceAt(pieces, wanted); i < pieces.length; i += 1) {
        const piece = pieces[i];
        if (piece.at >= end) break;
        const skipped = Math.max(0, wanted - piece.at);
        const size = Math.min(piece.at + piece.length, end) - piece.at;
        const bytes =
          typeof piece.from === 'number'
            ? await source.read(piece.from + skipped, size - skipped)
            : piece.from.subarray(skipped, size);
        result.set(bytes, piece.at + skipped - wanted);
        // The source is shorter than it said: so is what is read.
        if (bytes.length < size - skipped) {
          return result.subarray(0, piece.at + skipped - wanted + bytes.length);
        }
      }
      return result;
    },
  };
}

function byPlace(a: Edit, b: Edit): number {
  return a.start - b.start || a.end - b.end;
}

/** The last piece that begins at the position or before. */
function pieceAt(pieces: readonly Piece[], position: number): number {
  let low = 0;
  let high = pieces.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (pieces[middle].at <= position) low = middle;
    else high = middle - 1;
  }
  return low;
}
