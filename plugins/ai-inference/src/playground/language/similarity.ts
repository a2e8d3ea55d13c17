/**
 * How alike two embeddings are: the cosine of the angle between them, from -1 to 1. Undefined
 * where one of them is all zeros, or they are not of one length.
 */
export function cosineSimilarity(
  a: readonly number[],
  b: readonly number[],
): number | undefined {
  if (a.length !== b.length) return undefined;
  let dot = 0;
  let squaresA = 0;
  let squaresB = 0;
  a.forEach((value, index) => {
    dot += value * b[index];
    squaresA += value * value;
    squaresB += b[index] * b[index];
  });
  const length = Math.sqrt(squaresA) * Math.sqrt(squaresB);
  return length > 0 ? dot / length : undefined;
}

/** The other texts, the most alike first. */
export function rankBySimilarity(
  embeddings: readonly (readonly number[])[],
): { index: number; similarity: number | undefined }[] {
  const [first, ...others] = embeddings;
  return others
    .map((other, index) => ({
      index: index + 1,
      similarity: cosineSimilarity(first, other),
    }))
    .sort((one, two) => (two.similarity ?? -2) - (one.similarity ?? -2));
}
