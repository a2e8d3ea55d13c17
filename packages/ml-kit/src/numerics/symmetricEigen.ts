/** Eigenvalues of a symmetric matrix and their unit eigenvectors: `vectors[i][k]` is component i of vector k. */
export interface SymmetricEigen {
  values: Float64Array;
  vectors: Float64Array[];
}

/**
 * Eigendecomposition of a symmetric matrix by Jacobi rotations: to full precision, in no particular order.
 *
 * @param matrix - n rows of length n; not changed, its lower triangle is ignored
 * O(n^3) a sweep, about ten sweeps: for n up to about a hundred.
 * Source: Golub and Van Loan, Matrix Computations, section 8.5.
 */
export function symmetricEigen(
  matrix: readonly ArrayLike<number>[],
): SymmetricEigen {
  const n = matrix.length;
  const a = matrix.map((row, i) =>
    Float64Array.from({ length: n }, (_, j) =>
      i <= j ? row[j] : matrix[j][i],
    ),
  );
  const vectors = a.map((_, i) => {
    const row = new Float64Array(n);
    row[i] = 1;
    return row;
  });
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0;
    let diagonal = 0;
    for (let i = 0; i < n; i++) {
      diagonal += a[i][i] ** 2;
      for (let j = i + 1; j < n; j++) off += a[i][j] ** 2;
    }
    if (off <= 1e-32 * diagonal) break;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) rotate(a, vectors, p, q);
    }
  }
  return { values: Float64Array.from(a, (row, i) => row[i]), vectors };
}

/** Turns rows and columns p and q so that a[p][q] becomes 0. */
function rotate(
  a: Float64Array[],
  vectors: Float64Array[],
  p: number,
  q: number,
): void {
  if (a[p][q] === 0) return;
  const theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
  const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.hypot(theta, 1));
  const c = 1 / Math.hypot(t, 1);
  const s = t * c;
  for (let i = 0; i < a.length; i++) {
    const ip = a[i][p];
    a[i][p] = c * ip - s * a[i][q];
    a[i][q] = s * ip + c * a[i][q];
  }
  for (let i = 0; i < a.length; i++) {
    const pi = a[p][i];
    a[p][i] = c * pi - s * a[q][i];
    a[q][i] = s * pi + c * a[q][i];
  }
  for (const row of vectors) {
    const ip = row[p];
    row[p] = c * ip - s * row[q];
    row[q] = s * ip + c * row[q];
  }
}
