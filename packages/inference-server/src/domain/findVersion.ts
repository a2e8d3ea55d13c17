import { InferenceError } from './InferenceError';
import { describePending, type ServedRoute } from './ServedRoute';
import type { ServedVersion } from './ServedVersion';

/** @throws InferenceError `not-found`, naming the versions that there are, or `not-ready`. */
export function findVersion(
  route: ServedRoute,
  version: string,
): ServedVersion {
  const number = /^[1-9][0-9]{0,8}$/.test(version) ? Number(version) : 0;
  const served = route.find(number);
  if (served !== undefined) return served;
  const pending = route.pending.find(candidate => candidate.version === number);
  if (pending !== undefined) {
    throw new InferenceError(
      'not-ready',
      `model "${route.model}": ${describePending(pending)}`,
    );
  }
  const versions = route.versions.map(candidate => candidate.version);
  throw new InferenceError(
    'not-found',
    `unknown version "${version}" of model "${route.model}": ${
      versions.length > 0
        ? `deployed here: ${versions.join(', ')}`
        : 'none is loaded yet'
    }`,
  );
}

/** Says why a model that is wanted does not answer. */
export function notReady(route: ServedRoute): InferenceError {
  const [first] = route.pending;
  const why = route.failure ?? (first && describePending(first));
  return new InferenceError(
    'not-ready',
    `model "${route.model}" is not ready: ${
      why ?? 'no version has a share of the traffic'
    }`,
  );
}
