import type { DiscoveryService } from '@backstage/backend-plugin-api';
import type express from 'express';
import Router from 'express-promise-router';
import { manifestJsonSchema, SCHEMA_FILE } from '@greenroom/manifest';

/** Editors ask for it at each start, and have no token. */
const MAX_AGE_SECONDS = 300;

/** Where it is open to everybody: it says nothing that the published package does not. */
export const SCHEMAS_PATH = '/schemas';

export function createSchemaRouter(): express.Router {
  const router = Router();
  const schema = manifestJsonSchema();
  router.get(`${SCHEMAS_PATH}/${SCHEMA_FILE}`, (_req, res) => {
    res.setHeader('Cache-Control', `public, max-age=${MAX_AGE_SECONDS}`);
    res.type('application/schema+json').send(JSON.stringify(schema));
  });
  return router;
}

/** Where editors get the schema from. */
export async function schemaUrlOf(
  discovery: DiscoveryService,
): Promise<string> {
  const base = await discovery.getExternalBaseUrl('ai-registry');
  return `${base}${SCHEMAS_PATH}/${SCHEMA_FILE}`;
}
