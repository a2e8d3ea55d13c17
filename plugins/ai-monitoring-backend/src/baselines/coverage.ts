import type { ModelVersionDetail } from '@greenroom/plugin-ai-registry-common';

const MOST_NAMED = 20;

/**
 * Inputs, or parts of them, that no feature of a version's schema names: they are recorded by
 * nobody, and nothing can be said of their drift.
 */
export function uncoveredInputs({
  signature,
  schema,
  baseline,
}: Pick<ModelVersionDetail, 'signature' | 'schema' | 'baseline'>): string[] {
  if (!signature) {
    return ['it runs at a provider, and has no tensors to watch'];
  }
  if (!schema) return ['its schema is missing, which names what to watch'];
  const found = signature.inputs.flatMap(({ name, shape }) => {
    const watched = schema.features.filter(({ tensor }) => tensor === name);
    if (watched.length === 0) return [`no feature names input '${name}'`];
    const rowShape = shape.slice(1);
    const values = rowShape.reduce((product, size) => product * size, 1);
    // A row of a free length is watched as far as its features go.
    if (rowShape.some(size => size < 0) || watched.length >= values) return [];
    return [
      `features name ${watched.length} of the ${values} values of input '${name}'`,
    ];
  });
  for (const { name, histogram } of baseline?.features ?? []) {
    if (histogram.kind === 'categorical' && histogram.categories.length === 0) {
      found.push(
        histogram.unseen > 0
          ? `nearly each value of '${name}' is another, so only whether it is missing is watched`
          : `'${name}' has no value in the reference rows`,
      );
    }
  }
  const more = found.length - MOST_NAMED;
  return more > 0 ? [...found.slice(0, MOST_NAMED), `and ${more} more`] : found;
}
