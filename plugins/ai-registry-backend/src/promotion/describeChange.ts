import type { ModelVersionDetail } from '@greenroom/plugin-ai-registry-common';
import { type Consumer, MOST_CONSUMERS } from './evidence/Consumers';
import { millis } from './evidence/latencyBudget';

/** What a reviewer wants to know of the versions, and of who is concerned. */
export interface ChangeFacts {
  candidate: ModelVersionDetail;
  /** Undefined where nothing runs yet. */
  running?: ModelVersionDetail;
  /** Undefined where nobody could tell. */
  consumers?: Consumer[];
  /** Address of the candidate's page; undefined where the portal has none. */
  versionUrl?: string;
}

/** A table of what runs against what will, without what neither of the two has. Markdown. */
export function describeChange({
  candidate,
  running,
  versionUrl,
}: ChangeFacts): string {
  const before = running ? factsOf(running) : {};
  const after = factsOf(candidate);
  const labels = [...new Set([...Object.keys(after), ...Object.keys(before)])];
  return [
    '### What changes',
    '',
    `| | ${
      running ? `version ${running.version} (running)` : 'nothing runs'
    } | version ${candidate.version} |`,
    '| --- | --- | --- |',
    ...labels.map(
      label => `| ${label} | ${cell(before[label])} | ${cell(after[label])} |`,
    ),
    ...(versionUrl
      ? [
          '',
          `The [page of version ${candidate.version}](${versionUrl}) has its files, its ML-BOM (CycloneDX) and its signature.`,
        ]
      : []),
  ].join('\n');
}

/** Who depends on the model, as the catalog says. Markdown; undefined where nobody could tell. */
export function describeConsumers(
  consumers: Consumer[] | undefined,
): string | undefined {
  if (!consumers) return undefined;
  const lines =
    consumers.length === 0
      ? [
          'No entity of the catalog depends on the model. Callers with keys may not be among them.',
        ]
      : consumers.map(({ entity, owner }) =>
          owner ? `- ${entity}, of ${owner}` : `- ${entity}`,
        );
  const more =
    consumers.length < MOST_CONSUMERS
      ? []
      : ['- and more, which the catalog lists'];
  return ['### Who uses it', '', ...lines, ...more].join('\n');
}

function factsOf(version: ModelVersionDetail): Record<string, string> {
  const { source, evaluation, servability, external, tags } = version;
  const facts: [string, string | undefined][] = [
    ['digest', version.digest],
    ['format', version.format],
    [
      'model of the provider',
      external && `${external.model} by ${external.connection}`,
    ],
    ['size', bytes(version.sizeBytes)],
    [
      'one row, p95',
      servability.state === 'servable' && servability.latencyMicros
        ? millis(servability.latencyMicros.p95)
        : undefined,
    ],
    ['registered by', version.createdBy],
    ['registered', version.createdAt],
    ['repository', source.repository],
    ['commit', source.commit],
    ['training run', source.run],
    [
      'evaluated on',
      evaluation &&
        `${evaluation.dataset.name}, ${evaluation.dataset.rows} rows (${evaluation.dataset.digest})`,
    ],
    ['licence', tags.license ?? tags.licence],
  ];
  return Object.fromEntries(
    facts.flatMap(([label, value]) =>
      value === undefined || value === '' ? [] : [[label, value]],
    ),
  );
}

/** "410 kB" or "1.2 GB". */
function bytes(count: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  const power = Math.min(
    units.length - 1,
    Math.floor(Math.log10(Math.max(count, 1)) / 3),
  );
  return `${Number((count / 1_000 ** power).toPrecision(3))} ${units[power]}`;
}

/** What people wrote is a text in a cell, and no Markdown of its own. */
function cell(text: string | undefined): string {
  return text === undefined
    ? ''
    : text.replace(/\s+/g, ' ').replace(/([|\\`*_[\]<>])/g, '\\$1');
}
