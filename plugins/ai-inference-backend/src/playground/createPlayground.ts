import { CertificateFiles, certifiedFetch } from '@greenroom/certificates';
import type { EnvironmentService } from '../deployers/EnvironmentService';
import type { InferenceParts } from '../inferenceParts';
import { createPlaygroundRouter } from './createPlaygroundRouter';
import { DataPlaneFinder } from './DataPlaneFinder';
import { PlaygroundKey } from './PlaygroundKey';
import { PlaygroundService } from './PlaygroundService';

/** Trying a model in the portal, which calls it with a key of its own. */
export function createPlayground(
  parts: InferenceParts & { environments: EnvironmentService },
) {
  const key = new PlaygroundKey(parts);
  const { dataPlane, playground } = parts.config;
  const { certificates } = dataPlane;
  const finder = new DataPlaneFinder({ ...parts, ...playground });
  return {
    key,
    router: createPlaygroundRouter({
      ...parts,
      playground: new PlaygroundService({
        ...playground,
        finder,
        key,
        fetch: certifiedFetch(
          certificates &&
            new CertificateFiles({
              what: 'calls to data planes',
              paths: certificates,
              logger: parts.logger,
            }),
        ),
      }),
    }),
  };
}
