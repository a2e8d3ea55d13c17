import type {
  Imported,
  LoggedModel,
} from '@greenroom/plugin-ai-training-common';
import { forEachParallel } from '../forEachParallel';
import {
  attempt,
  compare,
  CONCURRENCY,
  type ExperimentPair,
  type Import,
  inBatches,
} from './Import';
import { importFiles } from './importFiles';
import { firstOf, folderOf } from './importRuns';
import {
  type FileMessage,
  type LoggedModelMessage,
  toNumber,
  toPairs,
  toRecord,
} from './messages';

/** As the protocol writes them, by name or by number. */
const STATUSES: Record<string, string> = {
  2: 'LOGGED_MODEL_READY',
  3: 'LOGGED_MODEL_UPLOAD_FAILED',
};

/** Brings the logged models of an experiment over; the runs that made them have to be here. */
export async function importLoggedModels(
  job: Import,
  experiment: ExperimentPair,
): Promise<void> {
  await forEachParallel(
    job.source.loggedModels(experiment.theirs),
    { limit: CONCURRENCY },
    async model => {
      const what = `logged model ${model.info.model_id} of experiment '${experiment.name}'`;
      await attempt(job, { kind: 'logged models', what }, () =>
        importLoggedModel(job, { model, experiment, what }),
      );
    },
  );
}

async function importLoggedModel(
  job: Import,
  options: {
    model: LoggedModelMessage;
    experiment: ExperimentPair;
    what: string;
  },
): Promise<void> {
  const { model, experiment, what } = options;
  const { source, portal, report } = job;
  const { model_id, artifact_uri = '', status = '' } = model.info;
  const found = await bring(job, model, experiment);
  const here = found?.item;
  report.add('logged models', found?.isNew === false ? 'there' : 'came');
  if (here?.lifecycle === 'deleted') {
    report.note({ what, why: 'it is deleted here, and stays so' });
    return;
  }
  const isComplete = await importFiles(job, {
    what,
    uri: artifact_uri,
    here: here && folderOf(here.artifactUri),
    listElsewhere: async () => {
      const { files = [] } = await source.get<{ files?: FileMessage[] }>(
        `/logged-models/${model_id}/artifacts/directories`,
        {},
      );
      return files;
    },
  });
  if (!here || job.isDryRun) return;
  await complete(job, model, here);
  const wanted = STATUSES[status] ?? String(status);
  // Without its files it is not ready, whatever it is there.
  if (
    isComplete &&
    here.status === 'PENDING' &&
    Object.values(STATUSES).includes(wanted)
  ) {
    await portal.patch(`/logged-models/${model_id}`, {
      model_id,
      status: wanted,
    });
  }
}

async function bring(
  { api, portal, isDryRun }: Import,
  { info, data }: LoggedModelMessage,
  experiment: ExperimentPair,
): Promise<{ isNew: boolean; item?: LoggedModel } | undefined> {
  if (isDryRun || experiment.here === undefined) {
    const found = await portal.find<{ model: LoggedModelMessage }>(
      `/logged-models/${info.model_id}`,
      {},
    );
    return found && { isNew: false };
  }
  return api.json<Imported<LoggedModel>>('POST', {
    path: `/experiments/${experiment.here}/imported-logged-models`,
    body: {
      id: info.model_id,
      name: info.name,
      modelType: info.model_type || undefined,
      sourceRun: info.source_run_id || undefined,
      createdAt: toNumber(info.creation_timestamp_ms),
      ...firstOf('params', toRecord(data?.params)),
      ...firstOf('tags', toRecord(info.tags)),
    },
  });
}

async function complete(
  { portal }: Import,
  { info, data }: LoggedModelMessage,
  here: LoggedModel,
): Promise<void> {
  const path = `/logged-models/${info.model_id}`;
  const params = compare(toRecord(data?.params), here.params).missing;
  for (const batch of inBatches(toPairs(params))) {
    await portal.post(`${path}/params`, { params: batch });
  }
  const tags = compare(toRecord(info.tags), here.tags).missing;
  for (const batch of inBatches(toPairs(tags))) {
    await portal.patch(`${path}/tags`, { tags: batch });
  }
  const keyOf = (...parts: (string | undefined)[]) =>
    JSON.stringify(parts.map(part => part ?? ''));
  const known = new Set(
    here.metrics.map(it =>
      keyOf(it.run, it.key, it.datasetName, it.datasetDigest, String(it.step)),
    ),
  );
  const missing = (data?.metrics ?? []).filter(
    it =>
      !known.has(
        keyOf(
          it.run_id,
          it.key,
          it.dataset_name,
          it.dataset_digest,
          String(it.step ?? 0),
        ),
      ),
  );
  for (const run_id of new Set(missing.map(it => it.run_id))) {
    const metrics = missing.filter(it => it.run_id === run_id);
    for (const batch of inBatches(metrics)) {
      await portal.post('/runs/log-batch', {
        run_id,
        metrics: batch.map(metric => ({ ...metric, model_id: info.model_id })),
      });
    }
  }
}
