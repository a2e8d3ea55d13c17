import type { AuditorService } from '@backstage/backend-plugin-api';
import { InputError } from '@backstage/errors';
import { audited, checkUpload, sendArtifact } from '@greenroom/ai-node';
import type express from 'express';
import Router from 'express-promise-router';
import { once } from 'node:events';
import { posix } from 'node:path';
import {
  type ArtifactOwner,
  type ArtifactPath,
  checkPath,
  parseArtifactPath,
} from '../artifacts/artifactPath';
import type { ArtifactEntry } from '../artifacts/ArtifactRows';
import type { ArtifactService } from '../artifacts/ArtifactService';
import type { CallOptions } from '../callOptions';
import { credentialsOf } from './authenticate';
import { Message } from './messages';
import { MlflowError } from './MlflowError';
import { MlflowRoutes } from './MlflowRoutes';

const PROXY = '/api/2.0/mlflow-artifacts';

/**
 * Files of runs and logged models: the proxy that clients store and fetch them by, and lists of them.
 * Bodies are streams; none of this may stand behind what reads bodies.
 */
export function createArtifactRoutes(options: {
  auditor: AuditorService;
  artifacts: ArtifactService;
  /** Largest file that is taken, in bytes. */
  maxBytes: number;
}): express.Router {
  const { artifacts } = options;
  const listOf = async (
    owner: ArtifactOwner,
    query: { path?: string; pageToken?: string },
    call: CallOptions,
  ) => {
    const { experiment, artifactUri } = await artifacts.findOwner(owner, call);
    const path = query.path ? checkPath(query.path) : '';
    const { entries, next } = await artifacts.list(
      { experiment, owner, path },
      { ...call, from: decodePosition(query.pageToken) },
    );
    return {
      root_uri: artifactUri,
      files: entries.map(entry => toFile(entry, path)),
      next_page_token: next && Buffer.from(next).toString('base64url'),
    };
  };
  const lists = new MlflowRoutes()
    .add('get', '/artifacts/list', ({ message, ...call }) =>
      listOf(
        { kind: 'run', id: message.runId() },
        { path: message.text('path'), pageToken: message.text('page_token') },
        call,
      ),
    )
    .add(
      'get',
      '/logged-models/:id/artifacts/directories',
      ({ message, params, ...call }) =>
        listOf(
          { kind: 'model', id: params.id },
          {
            path: message.text('artifact_directory_path'),
            pageToken: message.text('page_token'),
          },
          call,
        ),
    );
  return Router().use(createProxy(options)).use(lists.router);
}

function createProxy(options: {
  auditor: AuditorService;
  artifacts: ArtifactService;
  maxBytes: number;
}): express.Router {
  const { auditor, artifacts, maxBytes } = options;
  const router = Router();

  router.get(`${PROXY}/artifacts`, async (req, res) => {
    const call = { credentials: credentialsOf(req) };
    const folder = Message.of(req).text('path');
    if (!folder) throw new InputError("Invalid path: 'path' is missing");
    await sendList(artifacts, parseArtifactPath(folder), call, res);
  });

  router.put(`${PROXY}/artifacts/*`, async (req, res) => {
    const path = parseArtifactPath(pathOf(req));
    checkUpload(req, maxBytes);
    const cancel = new AbortController();
    res.once('close', () => cancel.abort());
    // Breaking off must not close the connection before the answer is sent.
    await artifacts.put(path, req.iterator({ destroyOnReturn: false }), {
      credentials: credentialsOf(req),
      signal: cancel.signal,
    });
    res.json({});
  });

  router.get(`${PROXY}/artifacts/*`, async (req, res) => {
    const path = parseArtifactPath(pathOf(req));
    await sendOne(artifacts, path, req, res);
  });

  router.delete(`${PROXY}/artifacts/*`, async (req, res) => {
    const path = parseArtifactPath(pathOf(req));
    await audited(
      auditor,
      { eventId: 'run-artifact-delete', request: req, meta: { ...path } },
      () => artifacts.delete(path, { credentials: credentialsOf(req) }),
    );
    res.json({});
  });

  router.post(
    ['create', 'complete', 'abort'].map(step => `${PROXY}/mpu/${step}*`),
    () => {
      throw notSupported('Multipart upload');
    },
  );
  router.get(`${PROXY}/presigned/*`, () => {
    throw notSupported('Multipart download');
  });
  router.post('/api/2.0/mlflow/artifacts/presigned-download-url', () => {
    throw notSupported('Multipart download');
  });

  router.get('/get-artifact', async (req, res) => {
    const call = { credentials: credentialsOf(req) };
    const message = Message.of(req);
    const model = message.text('model_id');
    const owner: ArtifactOwner = model
      ? { kind: 'model', id: model }
      : { kind: 'run', id: message.runId() };
    const path = checkPath(message.requiredText('path'));
    const { experiment } = await artifacts.findOwner(owner, call);
    await sendOne(artifacts, { experiment, owner, path }, req, res);
  });

  return router;
}

/** The path, decoded once: a name may have a % in it. Neither `..` nor `//` were resolved before. */
function pathOf(req: express.Request): string {
  const encoded = req.path.slice(`${PROXY}/artifacts/`.length);
  try {
    return decodeURIComponent(encoded);
  } catch {
    throw new InputError(`Invalid path '${encoded}': it is not valid UTF-8`);
  }
}

async function sendOne(
  artifacts: ArtifactService,
  path: ArtifactPath,
  req: express.Request,
  res: express.Response,
): Promise<void> {
  const file = await artifacts.find(path, { credentials: credentialsOf(req) });
  const name = posix.basename(path.path);
  // As a download, and as what it says it is: no page of somebody else's can run here.
  res.attachment(name).set({
    'Cache-Control': 'private, no-cache, no-transform',
    'X-Content-Type-Options': 'nosniff',
  });
  if (!res.get('Content-Type')) res.type('application/octet-stream');
  await sendArtifact(req, res, {
    artifact: file,
    open: range => artifacts.open(file, range),
  });
}

/** The protocol has no pages here, and clients want all of a folder: it is read and sent page by page. */
async function sendList(
  artifacts: ArtifactService,
  path: ArtifactPath,
  call: CallOptions,
  res: express.Response,
): Promise<void> {
  let page = await artifacts.list(path, call);
  res.type('application/json').write('{"files":[');
  let separator = '';
  for (;;) {
    for (const entry of page.entries) {
      const text = `${separator}${JSON.stringify(toFile(entry, ''))}`;
      separator = ',';
      if (!res.write(text) && !res.destroyed) await drained(res);
    }
    if (page.next === undefined || res.destroyed) break;
    page = await artifacts.list(path, { ...call, from: page.next });
  }
  res.end(']}');
}

/** Also when the caller has gone away. */
async function drained(res: express.Response): Promise<void> {
  const stop = new AbortController();
  await Promise.race([
    once(res, 'drain', { signal: stop.signal }),
    once(res, 'close', { signal: stop.signal }),
  ]).finally(() => stop.abort());
}

/** @param folder - what its path begins with */
function toFile(entry: ArtifactEntry, folder: string): object {
  return {
    path: posix.join(folder, entry.name),
    is_dir: entry.isFolder,
    ...(entry.sizeBytes !== undefined && { file_size: entry.sizeBytes }),
  };
}

function decodePosition(pageToken: string | undefined): string | undefined {
  if (!pageToken) return undefined;
  const position = Buffer.from(pageToken, 'base64url').toString('utf8');
  if (!position.includes('\u0000')) return position;
  throw new InputError(
    `Invalid page token '${pageToken}': it is not one that this list gave, begin without page_token`,
  );
}

/** Clients look for these words, and go another way. */
function notSupported(what: string): MlflowError {
  return new MlflowError(
    'NOT_IMPLEMENTED',
    `${what} is not supported for the current artifact repository`,
  );
}
