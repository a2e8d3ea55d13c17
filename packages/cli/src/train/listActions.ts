import {
  type FlavorUse,
  JOB_PHASES,
  type JobPhase,
  tellEnd,
  tellState,
  type TrainingJob,
} from '@greenroom/plugin-ai-training-common';
import type { Action } from '../actions/Action';
import { usageError } from '../CommandError';
import { LIMIT_OPTION, limitOf, readUpTo } from '../output/readUpTo';
import { showList, showOne } from '../output/show';
import type { Column } from '../output/table';
import { moneyText, pairsText, timeText } from '../output/words';
import {
  attemptDuration,
  costText,
  JOB_WORD,
  progressText,
  resourcesText,
} from './jobWords';

const PAGE_SIZE = 200;

const JOBS: Column<TrainingJob>[] = [
  { title: 'JOB', of: ({ id }) => id },
  { title: 'NAME', of: ({ name }) => name },
  { title: 'TEMPLATE', of: ({ template }) => template },
  { title: 'PHASE', of: ({ state }) => state.phase },
  {
    title: 'SUBMITTED',
    of: ({ submittedAt }) => timeText(submittedAt),
    plain: ({ submittedAt }) => submittedAt,
  },
  { title: 'BY', of: ({ submittedBy }) => submittedBy },
  { title: 'COST', of: costText },
  { title: 'STATE', of: ({ state }) => tellState(state) },
];

export const listAction: Action = {
  name: 'list',
  summary: 'lists training jobs, the one that was submitted last first',
  options: {
    phase: {
      type: 'string',
      multiple: true,
      value: 'PHASE',
      help: `only those in it: ${JOB_PHASES.join(
        ', ',
      )}; several times: in one of them`,
    },
    template: {
      type: 'string',
      value: 'NAME',
      help: 'only those of this template',
    },
    team: {
      type: 'string',
      value: 'REF',
      help: 'only those whose quota is that of this group, such as group:default/vision',
    },
    experiment: {
      type: 'string',
      value: 'NUMBER',
      help: 'only those of the experiment with this number',
    },
    ...LIMIT_OPTION,
  },
  async run(job) {
    const { called, words, portal, signal } = job;
    const limit = limitOf(called, words);
    const phase = words.texts('phase').map(text => phaseOf(called, text));
    const query = {
      ...(phase.length > 0 && { phase }),
      template: words.text('template'),
      team: words.text('team'),
      experiment: words.text('experiment'),
    };
    const found = await readUpTo({ limit, pageSize: PAGE_SIZE }, page =>
      portal.training.listJobs({ ...query, ...page }, { signal }),
    );
    showList(job, found, JOBS);
  },
};

function phaseOf(called: string, text: string): JobPhase {
  const found = JOB_PHASES.find(phase => phase === text);
  if (found) return found;
  throw usageError(
    `${called}: --phase is '${text}': expected one of ${JOB_PHASES.join(', ')}`,
  );
}

export const showAction: Action = {
  name: 'show',
  summary: 'says all that is known of a training job, and why it waits',
  words: [JOB_WORD],
  async run(job) {
    const { portal, args, signal } = job;
    const shown = await portal.training.getJob(args[0], { signal });
    showOne(job, shown, [
      ['job', shown.id],
      ['name', shown.name],
      ['template', shown.template],
      ['phase', shown.state.phase],
      ['state', tellState(shown.state)],
      ['progress', progressText(shown)],
      ...shown.attempts.map(
        attempt =>
          [
            `attempt ${attempt.number}`,
            [
              attempt.end ? tellEnd(attempt.end) : 'it goes on',
              attemptDuration(attempt),
            ]
              .filter(Boolean)
              .join(', after '),
          ] as const,
      ),
      ['cost', costText(shown)],
      ['params', pairsText(toTexts(shown.parameters))],
      [
        'datasets',
        shown.datasets
          .map(({ name, dataset, version }) =>
            name === dataset
              ? `${dataset} ${version}`
              : `${name}: ${dataset} ${version}`,
          )
          .join(', '),
      ],
      ['runs on', `${resourcesText(shown)}, by ${shown.backend}`],
      ['priority', shown.priority],
      ['deadline', `${shown.deadlineMinutes} minutes`],
      ['team', shown.team],
      ['run', shown.run],
      ['experiment', shown.experiment],
      ['revision', shown.revision],
      ['submitted', `${timeText(shown.submittedAt)} by ${shown.submittedBy}`],
      ['clone of', shown.cloneOf],
      ['resume of', shown.resumeOf],
      ['page', `${portal.url}/ai-training/jobs/${shown.id}`],
    ]);
  },
};

function toTexts(pairs: TrainingJob['parameters']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(pairs).map(([key, value]) => [key, String(value)]),
  );
}

interface UseRow extends Omit<FlavorUse, 'teams' | 'capacity'> {
  team?: string;
  most?: number | string;
}

const USES: Column<UseRow>[] = [
  { title: 'FLAVOR', of: ({ flavor }) => flavor },
  { title: 'BACKEND', of: ({ backend }) => backend },
  { title: 'TEAM', of: ({ team }) => team ?? 'all' },
  { title: 'USED', of: ({ used }) => used, isNumber: true },
  { title: 'OF', of: ({ most }) => most, isNumber: true },
  { title: 'QUEUED', of: ({ queued }) => queued, isNumber: true },
  // Where Kueue has no say there is none.
  {
    title: 'HELD',
    of: ({ held }) => (held > 0 ? held : undefined),
    isNumber: true,
  },
  {
    title: 'PRICE',
    of: ({ pricePerHour: price }) => price && `${moneyText(price)}/h`,
  },
  { title: 'PROBLEM', of: ({ problem }) => problem },
];

function mostOf({
  nominal,
  borrow,
}: Pick<FlavorUse['teams'][number], 'nominal' | 'borrow'>): number | string {
  return borrow === undefined ? `${nominal}+` : nominal + borrow;
}

export const queueAction: Action = {
  name: 'queue',
  summary: 'says how much of each flavor there is, who uses it, and who waits',
  more: 'HELD is what Kueue holds, and nobody has yet. A line for each flavor, and one for each team that has a quota of it, uses it or waits for it; OF is what there is, or what the team may use at most by its quota.',
  async run(job) {
    const { portal, context, isJson, signal } = job;
    const { items } = await portal.training.listFlavorUse({ signal });
    if (isJson) {
      context.print(JSON.stringify({ items }));
      return;
    }
    const rows = items.flatMap(({ teams, capacity, ...flavor }): UseRow[] => [
      { ...flavor, most: capacity },
      ...teams.map(
        ({ team, hasQuota, used, queued, held, nominal, borrow }): UseRow => ({
          flavor: flavor.flavor,
          title: flavor.title,
          backend: flavor.backend,
          team,
          used,
          queued,
          held,
          most: hasQuota ? mostOf({ nominal, borrow }) : undefined,
        }),
      ),
    ]);
    showList(job, { items: rows, more: false }, USES);
  },
};
