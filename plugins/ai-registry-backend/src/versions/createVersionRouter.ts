import type {
  AuditorService,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import { audited } from '@greenroom/ai-node';
import type {
  BundleFile,
  Evaluation,
  FoundVersion,
  ModelVersion,
  NewVersion,
  Page,
  SearchPage,
  Servability,
  VersionChanges,
  VersionComparison,
  VersionEvaluation,
  VersionSearch,
} from '@greenroom/plugin-ai-registry-common';
import type express from 'express';
import Router from 'express-promise-router';
import type { AuthorizedVersionService } from './AuthorizedVersionService';
import type { VersionRef } from './VersionService';

export function createVersionRouter(options: {
  auditor: AuditorService;
  httpAuth: HttpAuthService;
  versions: AuthorizedVersionService;
}): express.Router {
  const { auditor, httpAuth, versions } = options;
  const router = Router();

  router.get<
    { model: string },
    Page<ModelVersion>,
    never,
    { limit?: number; cursor?: string }
  >('/models/:model/versions', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    const query = { ...req.query, model: req.params.model };
    res.json(await versions.list(query, { credentials }));
  });

  router.post<{ model: string }, ModelVersion, NewVersion>(
    '/models/:model/versions',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      const { model } = req.params;
      const { digest, bundle } = req.body;
      const files = bundle?.files.length;
      const version = await audited(
        auditor,
        {
          eventId: 'version-create',
          request: req,
          meta: { model, digest, files },
        },
        () => versions.create(model, req.body, { credentials }),
      );
      res.status(201).json(version);
    },
  );

  router.post<{}, FoundVersion, { externalName: string; version: NewVersion }>(
    '/versions',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      const { externalName, version } = req.body;
      const { digest, bundle } = version;
      const created = await audited(
        auditor,
        {
          eventId: 'version-create',
          request: req,
          meta: { externalName, digest, files: bundle?.files.length },
        },
        () => versions.createOf(externalName, version, { credentials }),
      );
      res.status(201).json(created);
    },
  );

  router.get('/models/:model/versions/:version', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    res.json(await versions.get(refOf(req.params), { credentials }));
  });

  router.patch<VersionParams, ModelVersion, VersionChanges>(
    '/models/:model/versions/:version',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      const ref = refOf(req.params);
      const changed = await audited(
        auditor,
        { eventId: 'version-update', request: req, meta: { ...ref } },
        () => versions.update(ref, req.body, { credentials }),
      );
      res.json(changed);
    },
  );

  router.post<{}, SearchPage<FoundVersion>, VersionSearch>(
    '/version-searches',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      res.json(await versions.search(req.body, { credentials }));
    },
  );

  router.get<VersionParams, { items: BundleFile[] }>(
    '/models/:model/versions/:version/files',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      const items = await versions.listFiles(refOf(req.params), {
        credentials,
      });
      res.json({ items });
    },
  );

  router.get<
    { model: string },
    VersionComparison,
    never,
    { base: number; candidate: number }
  >('/models/:model/compare', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    const pair = { ...req.query, model: req.params.model };
    res.json(await versions.compare(pair, { credentials }));
  });

  router.get<VersionParams, { items: VersionEvaluation[] }>(
    '/models/:model/versions/:version/evaluations',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      const items = await versions.listEvaluations(refOf(req.params), {
        credentials,
      });
      res.json({ items });
    },
  );

  router.post<VersionParams, VersionEvaluation, Evaluation>(
    '/models/:model/versions/:version/evaluations',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      const ref = refOf(req.params);
      const evaluation = await audited(
        auditor,
        { eventId: 'evaluation-add', request: req, meta: { ...ref } },
        () => versions.addEvaluation(ref, req.body, { credentials }),
      );
      res.status(201).json(evaluation);
    },
  );

  router.post<VersionParams, Servability>(
    '/models/:model/versions/:version/trial',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      const ref = refOf(req.params);
      const servability = await audited(
        auditor,
        { eventId: 'version-try', request: req, meta: { ...ref } },
        () => versions.tryToLoad(ref, { credentials }),
      );
      res.json(servability);
    },
  );

  return router;
}

type VersionParams = { model: string; version: string };

function refOf({ model, version }: VersionParams): VersionRef {
  return { model, version: Number(version) };
}
