import type { Imported, Run } from '@greenroom/plugin-ai-training-common';
import { RefusedError } from './Endpoint';
import { forEachParallel } from '../forEachParallel';
import {
  attempt,
  BATCH,
  compare,
  CONCURRENCY,
  type ExperimentPair,
  type Import,
  inBatches,
  ORIGIN_TAG,
} from './Import';
import { importFiles } from './importFiles';
import {
  type FileMessage,
  type RunMessage,
  toNumber,
  toPairs,
  toRecord,
} from './messages';

const ENDED = ['FINISHED', 'FAILED', 'KILLED'];
const NAME_TAG = 'mlflow.runName';

/** Brings the runs of an experiment over, with all but what ties them to logged models. */
export async function importRuns(
  job: Import,
  experiment: ExperimentPair,
): Promise<void> {
  await forEachParallel(
    job.source.runs(experiment.theirs),
    { limit: CONCURRENCY },
    async run => {
      const { run_id } = run.info;
      const what = whatIs(run, experiment);
      const came = await attempt(job, { kind: 'runs', what }, async () => {
        if (!(await importRun(job, { run, experiment, what }))) {
          experiment.incomplete.add(run_id);
        }
      });
      if (!came) experiment.incomplete.add(run_id);
    },
  );
}

export function whatIs(
  { info: { run_id } }: RunMessage,
  { name }: ExperimentPair,
): string {
  return `run ${run_id} of experiment '${name}'`;
}

/** @returns whether all of it is here now */
async function importRun(
  job: Import,
  options: { run: RunMessage; experiment: ExperimentPair; what: string },
): Promise<boolean> {
  const { run, experiment, what } = options;
  const { report } = job;
  const found = await bring(job, run, experiment);
  const here = found?.item;
  report.add('runs', found && !found.isNew ? 'there' : 'came');
  if (here?.lifecycle === 'deleted') {
    if (run.info.lifecycle_stage === 'deleted') return true;
    report.note({
      what,
      why: 'it is deleted here: what it may have got since is not looked for',
    });
    return true;
  }
  if (here && !job.isDryRun) {
    await complete(job, { run, here, what });
    await importInputs(job, run, here);
    await importPoints(job, run, here);
  }
  const isComplete = await importFiles(job, {
    what,
    uri: run.info.artifact_uri ?? '',
    here: here && folderOf(here.artifactUri),
    listElsewhere: async () => {
      const { files = [] } = await job.source.get<{ files?: FileMessage[] }>(
        '/artifacts/list',
        { run_id: run.info.run_id },
      );
      return files;
    },
  });
  // It says that all points are here, so that they are not asked for once more.
  const hasEnded = ENDED.includes(run.info.status ?? '');
  if (
    here &&
    hasEnded &&
    !job.isDryRun &&
    here.tags[ORIGIN_TAG] === undefined
  ) {
    await setTags(job, here.id, {
      [ORIGIN_TAG]: originOf(job, run, experiment),
    });
  }
  return isComplete;
}

function originOf(
  { source }: Import,
  { info }: RunMessage,
  { theirs }: ExperimentPair,
): string {
  return `${source.endpoint.url}/#/experiments/${theirs}/runs/${info.run_id}`;
}

/** Undefined in a dry run, where it is not here. */
async function bring(
  { api, isDryRun }: Import,
  { info, data }: RunMessage,
  experiment: ExperimentPair,
): Promise<Imported<Run> | undefined> {
  if (isDryRun || experiment.here === undefined) {
    const item = await findRun(api, info.run_id);
    return item && { isNew: false, item };
  }
  return api.json<Imported<Run>>('POST', {
    path: `/experiments/${experiment.here}/imported-runs`,
    body: {
      id: info.run_id,
      name: info.run_name || toRecord(data?.tags)[NAME_TAG] || info.run_id,
      userId: info.user_id || 'unknown',
      status: info.status ?? 'RUNNING',
      startedAt: toNumber(info.start_time),
      endedAt: toNumber(info.end_time) || undefined,
      ...firstOf('params', toRecord(data?.params)),
      ...firstOf('tags', toRecord(data?.tags)),
    },
  });
}

/** What fits into one body; the rest is logged afterwards. */
export function firstOf(
  field: string,
  values: Record<string, string>,
): { [field: string]: Record<string, string> } {
  const [first = []] = inBatches(toPairs(values), { mostCharacters: 20_000 });
  return { [field]: toRecord(first) };
}

export async function findRun(
  api: Import['api'],
  id: string,
): Promise<Run | undefined> {
  try {
    return await api.json<Run>('GET', {
      path: `/runs/${encodeURIComponent(id)}`,
    });
  } catch (error) {
    if (error instanceof RefusedError && error.status === 404) return undefined;
    throw error;
  }
}

/** What is not here yet, or has changed there since it came while it was going on. */
async function complete(
  job: Import,
  options: { run: RunMessage; here: Run; what: string },
): Promise<void> {
  const { run, here, what } = options;
  const { info, data } = run;
  const { portal, report } = job;
  const status = info.status ?? 'RUNNING';
  if (!ENDED.includes(here.status) && status !== here.status) {
    await portal.post('/runs/update', {
      run_id: here.id,
      status,
      end_time: toNumber(info.end_time) || undefined,
    });
  } else if (status !== here.status) {
    report.note({
      what,
      why: `it is ${here.status} here, which stays, and ${status} there`,
    });
  }
  if (!ENDED.includes(status)) {
    report.note({
      what,
      why: `it is ${status} there: call this again when it has ended`,
    });
  }
  const params = compare(toRecord(data?.params), here.params);
  for (const batch of inBatches(toPairs(params.missing))) {
    await portal.post('/runs/log-batch', { run_id: here.id, params: batch });
  }
  const tags = compare(toRecord(data?.tags), here.tags);
  await setTags(job, here.id, tags.missing);
  const different = [
    ...params.different.map(key => `param ${key}`),
    ...tags.different.map(key => `tag ${key}`),
  ];
  if (different.length > 0) {
    report.note({
      what,
      why: `these have other values here, which stay: ${different.join(', ')}`,
    });
  }
}

async function setTags(
  { portal }: Import,
  run_id: string,
  tags: Record<string, string>,
): Promise<void> {
  for (const batch of inBatches(toPairs(tags))) {
    await portal.post('/runs/log-batch', { run_id, tags: batch });
  }
}

async function importInputs(
  { portal, report }: Import,
  { inputs }: RunMessage,
  here: Run,
): Promise<void> {
  const keyOf = ({ name, digest }: { name: string; digest: string }) =>
    JSON.stringify([name, digest]);
  const known = new Set(here.inputs.map(({ dataset }) => keyOf(dataset)));
  const all = inputs?.dataset_inputs ?? [];
  const missing = all.filter(({ dataset }) => !known.has(keyOf(dataset)));
  for (const datasets of inBatches(missing)) {
    await portal.post('/runs/log-inputs', { run_id: here.id, datasets });
  }
  report.add('datasets', 'there', all.length - missing.length);
  report.add('datasets', 'came', missing.length);
}

/** A point that comes twice is here once. */
async function importPoints(
  { source, portal, report }: Import,
  { info, data }: RunMessage,
  here: Run,
): Promise<void> {
  const isSettled = here.tags[ORIGIN_TAG] !== undefined;
  for (const { key, step, timestamp } of data?.metrics ?? []) {
    const latest = here.metrics.find(point => point.key === key);
    const isKnown =
      isSettled &&
      latest?.step === (toNumber(step) ?? 0) &&
      latest.at === toNumber(timestamp);
    if (isKnown) continue;
    for await (const points of source.history(info.run_id, key)) {
      await portal.post('/runs/log-batch', {
        run_id: here.id,
        metrics: points.map(point => ({
          key,
          value: point.value,
          timestamp: point.timestamp,
          step: point.step ?? 0,
        })),
      });
      report.add('metric points', 'came', points.length);
    }
  }
}

/** Of the portal's proxy; undefined where clients keep files of this experiment elsewhere. */
export function folderOf(artifactUri: string): string | undefined {
  const [, path] = /^mlflow-artifacts:\/*(.*)$/.exec(artifactUri) ?? [];
  return path;
}

/** Ties runs to the logged models that they read and made, when these are here, and deletes what is deleted there. */
export async function finishRuns(
  job: Import,
  experiment: ExperimentPair,
): Promise<void> {
  await forEachParallel(
    job.source.runs(experiment.theirs),
    { limit: CONCURRENCY },
    async run => {
      const what = whatIs(run, experiment);
      const done = await attempt(job, { kind: 'runs', what }, () =>
        finishRun(job, run, experiment),
      );
      if (!done) experiment.incomplete.add(run.info.run_id);
    },
  );
}

async function finishRun(
  { portal, api }: Import,
  { info, inputs, outputs }: RunMessage,
  { incomplete }: ExperimentPair,
): Promise<void> {
  const { run_id } = info;
  const models = inputs?.model_inputs ?? [];
  const made = outputs?.model_outputs ?? [];
  const isDeleted = info.lifecycle_stage === 'deleted';
  if (models.length + made.length === 0 && !isDeleted) return;
  const here = await findRun(api, run_id);
  if (!here || here.lifecycle === 'deleted') return;
  for (const batch of inBatches(
    models.filter(({ model_id }) => !here.inputModels.includes(model_id)),
    { most: BATCH },
  )) {
    await portal.post('/runs/log-inputs', { run_id, models: batch });
  }
  const known = here.outputs.map(({ modelId }) => modelId);
  for (const batch of inBatches(
    made.filter(({ model_id }) => !known.includes(model_id)),
  )) {
    await portal.post('/runs/outputs', { run_id, models: batch });
  }
  if (isDeleted && !incomplete.has(run_id)) {
    await portal.post('/runs/delete', { run_id });
  }
}
