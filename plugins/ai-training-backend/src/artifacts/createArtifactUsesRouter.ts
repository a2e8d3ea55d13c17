import type { HttpAuthService } from '@backstage/backend-plugin-api';
import { InputError, NotAllowedError } from '@backstage/errors';
import {
  type Digest,
  DIGEST_PATTERN,
} from '@greenroom/plugin-ai-registry-common';
import express from 'express';
import Router from 'express-promise-router';
import type { ArtifactRows } from './ArtifactRows';

/** Who removes from the store what nobody uses. */
const COLLECTOR = 'plugin:ai-registry';
const MAX_DIGESTS = 1_000;

/** Tells the registry which contents files of runs have, so that it keeps them. */
export function createArtifactUsesRouter(options: {
  httpAuth: HttpAuthService;
  rows: Pick<ArtifactRows, 'findUsed'>;
}): express.Router {
  const { httpAuth, rows } = options;
  const router = Router();
  router.post('/artifacts/used', express.json(), async (req, res) => {
    const { principal } = await httpAuth.credentials(req, {
      allow: ['service'],
    });
    if (principal.subject !== COLLECTOR) {
      throw new NotAllowedError(`Only ${COLLECTOR} asks which artifacts are used`);
    }
    res.json({ used: await rows.findUsed(readDigests(req.body)) });
  });
  return router;
}

function readDigests(body: unknown): Digest[] {
  const digests: unknown = Object(body).digests;
  if (!Array.isArray(digests) || digests.length > MAX_DIGESTS) {
    throw new InputError(
      `digests: expected a list of at most ${MAX_DIGESTS} digests`,
    );
  }
  return digests.map(digest => {
    if (typeof digest === 'string' && DIGEST_PATTERN.test(digest)) {
      return digest as Digest;
    }
    throw new InputError(
      `digests: '${String(digest)}' is none, expected sha256: and 64 hexadecimal digits`,
    );
  });
}
