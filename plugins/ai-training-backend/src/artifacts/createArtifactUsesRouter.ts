import type { HttpAuthService } from '@backstage/backend-plugin-api';
import { NotAllowedError } from '@backstage/errors';
import type { Digest } from '@greenroom/plugin-ai-registry-common';
import type express from 'express';
import Router from 'express-promise-router';
import type { ArtifactRows } from './ArtifactRows';

/** Who removes from the store what nobody uses. */
const COLLECTOR = 'plugin:ai-registry';

/** Tells the registry which contents files of runs have, so that it keeps them. */
export function createArtifactUsesRouter(options: {
  httpAuth: HttpAuthService;
  rows: Pick<ArtifactRows, 'findUsed'>;
  /** Those that templates and jobs have their code in. */
  findUsedSources(digests: readonly string[]): Promise<string[]>;
}): express.Router {
  const { httpAuth, rows, findUsedSources } = options;
  const router = Router();
  router.post<{}, { used: Digest[] }, { digests: Digest[] }>(
    '/artifacts/used',
    async (req, res) => {
      const { principal } = await httpAuth.credentials(req, {
        allow: ['service'],
      });
      if (principal.subject !== COLLECTOR) {
        throw new NotAllowedError(
          `Only ${COLLECTOR} may ask which artifacts are used`,
        );
      }
      const { digests } = req.body;
      const used = new Set([
        ...(await rows.findUsed(digests)),
        ...((await findUsedSources(digests)) as Digest[]),
      ]);
      res.json({ used: [...used] });
    },
  );
  return router;
}
