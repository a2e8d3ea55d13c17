import type { ManifestSpec } from './manifestV2';

/**
 * Sections that the format has, and this release does not act on, and what it does not do. Whoever
 * builds one of them takes its line out.
 */
const NOT_IN_FORCE = {
  replicas: 'starts no data planes',
  resources: 'starts no data planes',
} satisfies Partial<Record<keyof ManifestSpec, string>>;

/**
 * A sentence for each section of a manifest that would be ignored: a promise that is not kept is
 * refused. Empty when all of it is in force.
 */
export function findNotInForce(spec: ManifestSpec): string[] {
  return Object.entries(NOT_IN_FORCE)
    .filter(([section]) => section in spec)
    .map(
      ([section, why]) =>
        `spec.${section}: this release does not act on it, it ${why}: leave it out`,
    );
}
