// @ts-check

/**
 * Eigenvalues (ascending) and unit eigenvectors of a symmetric matrix, by Jacobi's rotations.
 *
 * @param {ArrayLike<number>[]} matrix
 * @returns {{values: Float64Array, vectors: Float64Array[]}} vectors[i] belongs to values[i]
 */
export function symmetric_eigen(matrix) {
  const n = matrix.length;
  const a = Array.from(matrix, (row) => Float64Array.from(row));
  const v = a.map((_, i) => Float64Array.from({ length: n }, (_, j) => (i === j ? 1 : 0)));
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0;
    let all = 0;
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        all += a[i][j] ** 2;
        if (i !== j) off += a[i][j] ** 2;
      }
    }
    if (off <= 1e-34 * all) break;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(a, v, p, q);
  }
  const order = a.map((_, i) => i).sort((i, j) => a[i][i] - a[j][j]);
  return {
    values: Float64Array.from(order, (i) => a[i][i]),
    vectors: order.map((i) => v[i]),
  };
}

/**
 * Rotate rows and columns p, q so that a[p][q] becomes 0; v collects the rotations in its rows.
 *
 * @param {Float64Array[]} a
 * @param {Float64Array[]} v
 * @param {number} p
 * @param {number} q
 */
function rotate(a, v, p, q) {
  if (a[p][q] === 0) return;
  const theta = (a[q][q] - a[p][p]) / (2 * a[p][q]);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.hypot(theta, 1));
  const cos = 1 / Math.hypot(t, 1);
  const sin = t * cos;
  for (let k = 0; k < a.length; k++) {
    const [left, right] = [a[k][p], a[k][q]];
    a[k][p] = cos * left - sin * right;
    a[k][q] = sin * left + cos * right;
  }
  for (let k = 0; k < a.length; k++) {
    const [above, below] = [a[p][k], a[q][k]];
    a[p][k] = cos * above - sin * below;
    a[q][k] = sin * above + cos * below;
    const [first, second] = [v[p][k], v[q][k]];
    v[p][k] = cos * first - sin * second;
    v[q][k] = sin * first + cos * second;
  }
}
