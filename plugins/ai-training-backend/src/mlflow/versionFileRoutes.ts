import { sendArtifact } from '@greenroom/ai-node';
import type { Digest } from '@greenroom/plugin-ai-registry-common';
import type express from 'express';
import Router from 'express-promise-router';
import { posix } from 'node:path';
import type { ArtifactService } from '../artifacts/ArtifactService';
import { checkPath } from '../artifacts/artifactPath';
import type { VersionFolders } from '../registry/VersionFolders';
import { isOfVersions, parseVersionUri } from '../registry/versionUri';
import { credentialsOf } from './authenticate';
import { Message } from './messages';
import { MlflowError } from './MlflowError';

const FILES = '/api/2.0/mlflow-artifacts/artifacts';

/**
 * The files of registered versions, below paths that no experiment has: to be mounted before those of
 * experiments. They are fetched, and never changed.
 */
export function createVersionFileRoutes(options: {
  folders: VersionFolders;
  /** Both have their files in one store. */
  artifacts: Pick<ArtifactService, 'open'>;
}): express.Router {
  const { folders, artifacts } = options;
  const router = Router();

  router.get(FILES, async (req, res, next) => {
    const path = Message.of(req).text('path') ?? '';
    if (!isOfVersions(path)) {
      next();
      return;
    }
    const entries = await folders.list(readPath(path), callOf(req));
    res.json({
      files: entries.map(({ name, isFolder, sizeBytes }) => ({
        path: name,
        is_dir: isFolder,
        ...(sizeBytes !== undefined && { file_size: sizeBytes }),
      })),
    });
  });

  router.all(`${FILES}/registered-models/*`, async (req, res) => {
    if (req.method !== 'GET') {
      throw new MlflowError(
        'PERMISSION_DENIED',
        'The files of a version never change: log the model to a run, and register another version',
      );
    }
    const path = readPath(decode(req.path.slice(FILES.length + 1)));
    const { digest, sizeBytes } = await folders.find(path, callOf(req));
    const artifact = { digest: digest as Digest, sizeBytes };
    // As a download, and as what it says it is: no page of somebody else's can run here.
    res.attachment(posix.basename(path.path)).set({
      'Cache-Control': 'private, no-cache, no-transform',
      'X-Content-Type-Options': 'nosniff',
    });
    if (!res.get('Content-Type')) res.type('application/octet-stream');
    await sendArtifact(req, res, {
      artifact,
      open: range => artifacts.open(artifact, range),
    });
  });

  return router;
}

function callOf(req: express.Request) {
  return { credentials: credentialsOf(req), req };
}

function readPath(path: string) {
  const parsed = parseVersionUri(checkPath(path.replace(/\/+$/, '')));
  if (parsed) return parsed;
  throw new MlflowError(
    'INVALID_PARAMETER_VALUE',
    `Invalid path '${path}': expected registered-models/<model>/<version>/<path>`,
  );
}

function decode(encoded: string): string {
  try {
    return decodeURIComponent(encoded);
  } catch {
    throw new MlflowError(
      'INVALID_PARAMETER_VALUE',
      `Invalid path '${encoded}': it is not valid UTF-8`,
    );
  }
}
