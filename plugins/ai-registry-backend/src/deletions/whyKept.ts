import type { Environments } from '@greenroom/plugin-ai-registry-common';

/** What keeps a model or a version from being deleted. */
export interface Uses {
  /** Where aliases point: those of environments are moved by Git alone. */
  aliases: { alias: string; version: number }[];
  /** What manifests of environments name. */
  wanted: { environment: string; versions: number[] }[];
  /** Promotions that are neither closed nor done. */
  promotions: { id: string; environment: string; version: number }[];
}

/**
 * Why something cannot be deleted, in a sentence; undefined where it can.
 *
 * @param version - undefined for the model as a whole
 */
export function whyKept(
  uses: Uses,
  options: { version?: number; environments: Pick<Environments, 'has'> },
): string | undefined {
  const { version, environments } = options;
  const isMeant = (used: number) => version === undefined || used === version;
  const wanted = uses.wanted.find(({ versions }) => versions.some(isMeant));
  if (wanted) {
    return `the manifest of ${wanted.environment} names it: take the manifest out, or promote another version first`;
  }
  const alias = uses.aliases.find(
    one => environments.has(one.alias) && isMeant(one.version),
  );
  if (alias) {
    return `it runs in ${alias.alias}: take its manifest out of the environments repository, or promote another version first`;
  }
  const promotion = uses.promotions.find(one => isMeant(one.version));
  return (
    promotion &&
    `it is being promoted to ${promotion.environment} (promotion ${promotion.id}): close that first`
  );
}
