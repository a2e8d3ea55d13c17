import type { ModelVersionDetail } from '@greenroom/plugin-ai-registry-common';
import type { Action, Job } from '../actions/Action';
import { MODEL_WORD } from '../models/modelsCommand';
import { showList, showOne } from '../output/show';
import { numberText, pairsText, sizeText, timeText } from '../output/words';
import { resolveVersion, VERSION_HELP, VERSION_WORD } from './resolveVersion';

export const showAction: Action = {
  name: 'show',
  summary: 'says all that is known of a version',
  more: VERSION_HELP,
  words: [MODEL_WORD, VERSION_WORD],
  async run(job) {
    const { portal, signal } = job;
    const [model, text] = job.args;
    const number = await resolveVersion(job, model, text);
    const version = await portal.registry.getVersion(model, number, { signal });
    showOne(job, version, factsOf(job, version));
  },
};

export const filesAction: Action = {
  name: 'files',
  summary: 'lists the files of a version with their digests',
  more: VERSION_HELP,
  words: [MODEL_WORD, VERSION_WORD],
  async run(job) {
    const { portal, signal } = job;
    const [model, text] = job.args;
    const number = await resolveVersion(job, model, text);
    const { items } = await portal.registry.listVersionFiles(model, number, {
      signal,
    });
    showList(job, { items, more: false }, [
      { title: 'PATH', of: ({ path }) => path },
      {
        title: 'SIZE',
        of: ({ sizeBytes }) => sizeText(sizeBytes),
        plain: ({ sizeBytes }) => sizeBytes,
        isNumber: true,
      },
      { title: 'DIGEST', of: ({ digest }) => digest },
    ]);
  },
};

function factsOf(
  { portal }: Job,
  version: ModelVersionDetail,
): [string, string | number | undefined][] {
  const { model, version: number, evaluation, source } = version;
  return [
    ['model', model],
    ['version', number],
    ['description', version.description],
    ['aliases', version.aliases.join(', ')],
    ['stage', version.stage],
    ['tags', pairsText(version.tags)],
    ['format', version.format],
    ['digest', version.digest],
    ['size', sizeText(version.sizeBytes)],
    ['bytes', version.sizeBytes],
    ['files', version.files ?? 1],
    ['servable', servableText(version)],
    ['signed', version.signing?.verification.state],
    ['code when loaded', version.pickles?.join(', ')],
    ['evaluated on', evaluation && datasetText(evaluation)],
    ['metrics', evaluation && metricsText(evaluation.metrics)],
    ['repository', source.repository],
    ['commit', source.commit],
    ['run', source.run],
    ['files from', source.uri],
    ['deprecated', version.deprecation?.message],
    ['created', `${timeText(version.createdAt)} by ${version.createdBy}`],
    ['page', `${portal.url}/ai-registry/models/${model}/versions/${number}`],
  ];
}

function servableText({ servability }: ModelVersionDetail): string {
  return 'reason' in servability
    ? `${servability.state}: ${servability.reason}`
    : servability.state;
}

function datasetText({
  dataset,
}: NonNullable<ModelVersionDetail['evaluation']>): string {
  return `${dataset.name}, ${dataset.rows} rows`;
}

function metricsText(metrics: Record<string, number>): string {
  return pairsText(
    Object.fromEntries(
      Object.entries(metrics).map(([name, value]) => [name, numberText(value)]),
    ),
  );
}
