import { answerFailures, createApiRouter } from '@greenroom/ai-node';
import { RECORD_LIMITS } from '@greenroom/plugin-ai-inference-common';
import type express from 'express';

export const PACKAGE_NAME = '@greenroom/plugin-ai-monitoring-backend';

/** A sample is two; nothing else of a batch comes in such numbers. */
const MAX_STRUCTURES = RECORD_LIMITS.weight;

/** Puts the features' routers behind the checks of the OpenAPI document. */
export async function createRouter(options: {
  /** Names of those that there are. */
  environments: readonly string[];
  features: express.Router[];
}): Promise<express.Router> {
  const router = await createApiRouter({
    packageName: PACKAGE_NAME,
    jsonLimitBytes: RECORD_LIMITS.bytes,
    enums: { Environment: options.environments },
    jsonMaxStructures: MAX_STRUCTURES,
  });
  options.features.forEach(feature => router.use(feature));
  router.use(answerFailures);
  return router;
}
