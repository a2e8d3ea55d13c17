import { InvalidArgumentError } from './InvalidArgumentError';

/** Swaps the row with the largest entry of the column up to it, and returns where that row was. */
function movePivot(rows: Float64Array[], column: number): number {
  let pivot = column;
  for (let i = column + 1; i < rows.length; i++) {
    if (Math.abs(rows[i][column]) > Math.abs(rows[pivot][column])) pivot = i;
  }
  if (!(Math.abs(rows[pivot][column]) > 0)) {
    throw new InvalidArgumentError(
      `The matrix is singular: column ${column} depends on the ones before it`,
    );
  }
  [rows[column], rows[pivot]] = [rows[pivot], rows[column]];
  return pivot;
}

/**
 * Solution x of A x = b by Gaussian elimination with partial pivoting.
 *
 * @param matrix - n rows of length n; it is not changed
 * Throws InvalidArgumentError when the matrix is singular. O(n^3).
 */
export function solveLinear(
  matrix: readonly ArrayLike<number>[],
  right: ArrayLike<number>,
): Float64Array {
  const n = right.length;
  const rows = matrix.map(row => Float64Array.from(row));
  const x = Float64Array.from(right);
  for (let column = 0; column < n; column++) {
    const pivot = movePivot(rows, column);
    [x[column], x[pivot]] = [x[pivot], x[column]];
    const top = rows[column];
    for (let i = column + 1; i < n; i++) {
      const row = rows[i];
      const factor = row[column] / top[column];
      if (factor === 0) continue;
      for (let j = column; j < n; j++) row[j] -= factor * top[j];
      x[i] -= factor * x[column];
    }
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let j = i + 1; j < n; j++) x[i] -= rows[i][j] * x[j];
    x[i] /= rows[i][i];
  }
  return x;
}

/** Inverse of a square matrix by Gauss-Jordan elimination with partial pivoting. Throws InvalidArgumentError when it is singular. O(n^3). */
export function invertMatrix(
  matrix: readonly ArrayLike<number>[],
): Float64Array[] {
  const n = matrix.length;
  const rows = matrix.map((row, i) => {
    const wide = new Float64Array(2 * n);
    wide.set(row);
    wide[n + i] = 1;
    return wide;
  });
  for (let column = 0; column < n; column++) {
    movePivot(rows, column);
    const top = rows[column];
    const scale = 1 / top[column];
    for (let j = column; j < 2 * n; j++) top[j] *= scale;
    for (let i = 0; i < n; i++) {
      const factor = rows[i][column];
      if (i === column || factor === 0) continue;
      const row = rows[i];
      for (let j = column; j < 2 * n; j++) row[j] -= factor * top[j];
    }
  }
  return rows.map(row => row.slice(n));
}
