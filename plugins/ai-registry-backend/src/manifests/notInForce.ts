import type { ManifestSpec } from './manifestV2';

/**
 * What the format has, and this release does not act on: the field below `spec`, with `*` for
 * each item of a list and `=` before a value; then what it does not do. Whoever builds one of
 * them takes its line out.
 */
const NOT_IN_FORCE: Record<string, string> = {
  'rollout.strategy=experiment': 'runs no experiments',
  'rollout.strategy=shadow': 'copies no requests',
  'rollout.strategy=adaptive': 'lets shares follow no metric',
  'rollout.steps.*.analysisSeconds': 'analyses nothing between steps',
  analysis: 'analyses nothing between steps',
  outcomes: 'keeps no outcomes',
  recentRows: 'keeps no rows',
  replicas: 'starts no data planes',
  resources: 'starts no data planes',
  automatedPromotion: 'promotes nothing by itself',
};

/**
 * A sentence for each part of a manifest that would be ignored: a promise that is not kept is
 * refused. Empty when all of it is in force.
 */
export function findNotInForce(spec: ManifestSpec): string[] {
  return Object.entries(NOT_IN_FORCE).flatMap(([pattern, why]) => {
    const [path, value] = pattern.split('=');
    return fieldsAt(spec, path.split('.')).flatMap(found => {
      if (value !== undefined && found.value !== value) return [];
      const field = ['spec', ...found.path].join('.');
      return `${field}: this release does not act on ${
        value === undefined ? 'it' : `'${value}'`
      }, it ${why}: ${
        value === undefined ? 'leave it out' : 'choose immediate or canary'
      }`;
    });
  });
}

/** Where a pattern's field is present, and what is there. */
function fieldsAt(
  value: unknown,
  [key, ...rest]: string[],
): { path: string[]; value: unknown }[] {
  if (key === undefined) {
    return value === undefined ? [] : [{ path: [], value }];
  }
  if (typeof value !== 'object' || value === null) return [];
  const entries = Object.entries(value).filter(
    ([name]) => key === '*' || name === key,
  );
  return entries.flatMap(([name, inner]) =>
    fieldsAt(inner, rest).map(found => ({
      ...found,
      path: [name, ...found.path],
    })),
  );
}
