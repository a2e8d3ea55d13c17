import { answerFailures, createApiRouter } from '@greenroom/ai-node';
import type express from 'express';

export const PACKAGE_NAME = '@greenroom/plugin-ai-training-backend';

/** Puts the features' routers behind the checks of the OpenAPI document. */
export async function createRouter(options: {
  features: express.Router[];
}): Promise<express.Router> {
  const router = await createApiRouter({ packageName: PACKAGE_NAME });
  options.features.forEach(feature => router.use(feature));
  router.use(answerFailures);
  return router;
}
