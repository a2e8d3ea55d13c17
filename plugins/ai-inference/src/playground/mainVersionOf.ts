import type { Deployment } from '@greenroom/plugin-ai-inference-common';

/** The version with the most traffic; the wanted one while nothing answers. */
export function mainVersionOf({ variants, wanted }: Deployment): number {
  const first =
    variants.find(({ version }) => version === wanted.version) ?? variants[0];
  return variants.reduce(
    (a, b) => (b.weightPercent > a.weightPercent ? b : a),
    first,
  ).version;
}
