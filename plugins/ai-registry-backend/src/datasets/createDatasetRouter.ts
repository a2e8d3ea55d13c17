import type {
  AuditorService,
  HttpAuthService,
} from '@backstage/backend-plugin-api';
import { audited, checkUpload, sendFile } from '@greenroom/ai-node';
import type { DatasetFormat } from '@greenroom/bundle-file';
import type {
  Dataset,
  DatasetChanges,
  DatasetQuery,
  DatasetUse,
  DatasetVersion,
  Digest,
  NewDataset,
  NewExternalDataset,
  Page,
} from '@greenroom/plugin-ai-registry-common';
import type express from 'express';
import Router from 'express-promise-router';
import type { DatasetService, DatasetVersionRef } from './DatasetService';

const MEDIA_TYPES: Record<DatasetFormat, string> = {
  csv: 'text/csv; charset=utf-8; header=present',
  jsonl: 'application/jsonl; charset=utf-8',
  parquet: 'application/vnd.apache.parquet',
};

export function createDatasetRouter(options: {
  auditor: AuditorService;
  httpAuth: HttpAuthService;
  datasets: DatasetService;
  maxBytes: number;
}): express.Router {
  const { auditor, httpAuth, datasets, maxBytes } = options;
  const router = Router();

  router.get<{}, Page<Dataset>, never, DatasetQuery>(
    '/datasets',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      res.json(await datasets.list(req.query, { credentials }));
    },
  );

  router.post<{}, Dataset, NewDataset>('/datasets', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    const dataset = await audited(
      auditor,
      {
        eventId: 'dataset-create',
        request: req,
        meta: { dataset: req.body.name },
      },
      () => datasets.create(req.body, { credentials }),
    );
    res.status(201).json(dataset);
  });

  router.get('/datasets/:dataset', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    res.json(await datasets.get(req.params.dataset, { credentials }));
  });

  router.patch<{ dataset: string }, Dataset, DatasetChanges>(
    '/datasets/:dataset',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      const { dataset } = req.params;
      const changed = await audited(
        auditor,
        { eventId: 'dataset-update', request: req, meta: { dataset } },
        () => datasets.update(dataset, req.body, { credentials }),
      );
      res.json(changed);
    },
  );

  router.post<
    { dataset: string },
    DatasetVersion,
    never,
    { format: DatasetFormat; description?: string }
  >('/datasets/:dataset/files', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    checkUpload(req, maxBytes);
    const { dataset } = req.params;
    const { format, description } = req.query;
    const cancel = new AbortController();
    res.once('close', () => cancel.abort());
    const version = await audited(
      auditor,
      { eventId: 'dataset-upload', request: req, meta: { dataset, format } },
      () =>
        datasets.upload(
          dataset,
          {
            // Breaking off must not close the connection before the answer is sent.
            content: req.iterator({ destroyOnReturn: false }),
            format,
            description,
            signal: cancel.signal,
          },
          { credentials },
        ),
    );
    res.status(201).json(version);
  });

  router.get<
    { dataset: string },
    Page<DatasetVersion>,
    never,
    { limit?: number; cursor?: string }
  >('/datasets/:dataset/versions', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    const query = { ...req.query, dataset: req.params.dataset };
    res.json(await datasets.listVersions(query, { credentials }));
  });

  router.post<{ dataset: string }, DatasetVersion, NewExternalDataset>(
    '/datasets/:dataset/versions',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      const { dataset } = req.params;
      const version = await audited(
        auditor,
        { eventId: 'dataset-refer', request: req, meta: { dataset } },
        () => datasets.createExternal(dataset, req.body, { credentials }),
      );
      res.status(201).json(version);
    },
  );

  router.get('/datasets/:dataset/versions/:version', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    const ref = refOf(req.params);
    res.json(await datasets.getVersion(ref, { credentials }));
  });

  router.get('/datasets/:dataset/versions/:version/rows', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    const ref = refOf(req.params);
    res.json(await datasets.listRows(ref, req.query, { credentials }));
  });

  router.get(
    '/datasets/:dataset/versions/:version/preview',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      res.json(await datasets.preview(refOf(req.params), { credentials }));
    },
  );

  router.get('/datasets/:dataset/versions/:version/file', async (req, res) => {
    const credentials = await httpAuth.credentials(req);
    const file = await audited(
      auditor,
      {
        eventId: 'dataset-download',
        request: req,
        severityLevel: 'low',
        meta: { ...refOf(req.params) },
      },
      () => datasets.findFile(refOf(req.params), { credentials }),
    );
    res.set({
      'Content-Type': MEDIA_TYPES[file.format],
      'Content-Length': String(file.sizeBytes),
      'Content-Disposition': `attachment; filename="${file.name}"`,
      'X-Content-Type-Options': 'nosniff',
      'Cache-Control': 'private, no-transform',
      ETag: `"${file.digest}"`,
    });
    if (req.method === 'HEAD') {
      res.end();
      return;
    }
    await sendFile(await file.open(), res);
  });

  router.get<VersionParams, { items: DatasetUse[] }>(
    '/datasets/:dataset/versions/:version/uses',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      const ref = refOf(req.params);
      res.json({ items: await datasets.listUses(ref, { credentials }) });
    },
  );

  router.get<{}, { items: DatasetVersion[] }, never, { digest: Digest }>(
    '/dataset-versions',
    async (req, res) => {
      const credentials = await httpAuth.credentials(req);
      const { digest } = req.query;
      res.json({ items: await datasets.findVersions(digest, { credentials }) });
    },
  );

  return router;
}

type VersionParams = { dataset: string; version: string };

function refOf({ dataset, version }: VersionParams): DatasetVersionRef {
  return { dataset, version: Number(version) };
}
