import { answerFailures, createApiRouter } from '@greenroom/ai-node';
import type express from 'express';

export const PACKAGE_NAME = '@greenroom/plugin-ai-inference-backend';

/** Enough for a playground request with some images in it. */
const JSON_LIMIT_BYTES = 8 * 1024 * 1024;

/** Puts the features' routers behind the checks of the OpenAPI document. */
export async function createRouter(options: {
  /** Names of those that there are. */
  environments: readonly string[];
  features: express.Router[];
}): Promise<express.Router> {
  const router = await createApiRouter({
    packageName: PACKAGE_NAME,
    jsonLimitBytes: JSON_LIMIT_BYTES,
    enums: { Environment: options.environments },
  });
  options.features.forEach(feature => router.use(feature));
  router.use(answerFailures);
  return router;
}
