/** A linear classifier of vectors: a score per class is `vector · weights + bias`, and the highest wins. */
export interface LinearProbe {
  readonly classes: readonly string[];
  /** The likeliest class of a vector. */
  predict(vector: ArrayLike<number>): string;
}

/**
 * Ridge regression on one-hot targets, in closed form: with X the vectors less their mean, and Y the targets less theirs,
 * the weights are Xᵀ (X Xᵀ + λ I)⁻¹ Y. The matrix has a row per vector, so that some thousand vectors are a matter of
 * seconds, however long they are.
 * @param lambda how much large weights cost, as a share of the vectors' mean square
 */
export function trainProbe(
  vectors: readonly ArrayLike<number>[],
  labels: readonly string[],
  lambda = 0.1,
): LinearProbe {
  const classes = [...new Set(labels)].toSorted();
  const mean = meanOf(vectors);
  const centred = vectors.map((vector) => mean.map((value, i) => vector[i] - value));
  const gram = centred.map((a) => centred.map((b) => dot(a, b)));
  const scale = gram.reduce((sum, row, i) => sum + row[i], 0) / gram.length;
  gram.forEach((row, i) => {
    row[i] += lambda * scale;
  });
  const factor = cholesky(gram);
  const rows = classes.map((name) => {
    const share = labels.filter((label) => label === name).length / labels.length;
    const alphas = solve(
      factor,
      labels.map((label) => Number(label === name) - share),
    );
    const weights = mean.map((_, i) => centred.reduce((sum, vector, n) => sum + alphas[n] * vector[i], 0));
    return { weights, bias: share - dot(weights, mean) };
  });
  return {
    classes,
    predict(vector) {
      const scores = rows.map(({ weights, bias }) => dot(weights, vector) + bias);
      return classes[scores.indexOf(Math.max(...scores))];
    },
  };
}

function meanOf(vectors: readonly ArrayLike<number>[]): number[] {
  return Array.from(
    vectors[0],
    (_, i) => vectors.reduce((sum, vector) => sum + vector[i], 0) / vectors.length,
  );
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

/** The lower triangle L with L Lᵀ = `matrix`, which is symmetric and positive definite. */
function cholesky(matrix: readonly (readonly number[])[]): number[][] {
  const lower: number[][] = [];
  for (const [i, row] of matrix.entries()) {
    lower.push([]);
    for (let j = 0; j <= i; j++) {
      let rest = row[j];
      for (let k = 0; k < j; k++) rest -= lower[i][k] * lower[j][k];
      lower[i].push(i === j ? Math.sqrt(rest) : rest / lower[j][j]);
    }
  }
  return lower;
}

/** x with L Lᵀ x = `values`. */
function solve(lower: readonly (readonly number[])[], values: readonly number[]): number[] {
  const x = [...values];
  for (let i = 0; i < x.length; i++) {
    for (let k = 0; k < i; k++) x[i] -= lower[i][k] * x[k];
    x[i] /= lower[i][i];
  }
  for (let i = x.length - 1; i >= 0; i--) {
    for (let k = i + 1; k < x.length; k++) x[i] -= lower[k][i] * x[k];
    x[i] /= lower[i][i];
  }
  return x;
}
