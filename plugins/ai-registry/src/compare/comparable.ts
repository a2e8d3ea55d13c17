import type { Deployment } from '@greenroom/plugin-ai-inference-common';
import { mainVersion } from '../promotions/serving';

/** A version that another one is worth comparing with. */
export interface Comparable {
  version: number;
  /** What it is in production, where what serves there is not what is wanted. */
  role?: 'serving' | 'wanted';
}

/**
 * What to compare a version with: that which serves in production and, where
 * another one is wanted there, that one as well; the version before where it is
 * itself all that runs, or nothing does.
 */
export function comparableWith(
  version: number,
  production: {
    /** Version that the alias names; undefined when there is none. */
    wanted?: number;
    /** What serves; undefined where nothing is deployed, and while that is not known. */
    serving?: Pick<Deployment, 'variants'>;
  },
): Comparable[] {
  const { wanted } = production;
  const serving =
    production.serving && mainVersion(production.serving.variants);
  const named = new Set([serving, wanted].filter(one => one !== undefined));
  const others = [...named]
    .filter(other => other !== version)
    .map(
      (other): Comparable =>
        named.size === 1
          ? { version: other }
          : { version: other, role: other === serving ? 'serving' : 'wanted' },
    );
  if (others.length > 0) return others;
  return version > 1 ? [{ version: version - 1 }] : [];
}
