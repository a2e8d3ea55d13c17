import type { Run } from '@greenroom/plugin-ai-training-common';

/** Files that are kept here; of others, clients keep track themselves. */
const KEPT_HERE = 'mlflow-artifacts:';

export function isKeptHere({ artifactUri }: Run): boolean {
  return artifactUri.startsWith(KEPT_HERE);
}
