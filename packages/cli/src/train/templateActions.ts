import type {
  TemplateParameter,
  TrainingTemplate,
} from '@greenroom/plugin-ai-training-common';
import type { Action, Job } from '../actions/Action';
import { usageError } from '../CommandError';
import { showDone, showList, showOne } from '../output/show';
import type { Column } from '../output/table';
import { timeText } from '../output/words';

const COLUMNS: Column<TrainingTemplate>[] = [
  { title: 'TEMPLATE', of: ({ spec }) => spec.name },
  { title: 'TITLE', of: ({ spec }) => spec.title },
  { title: 'OWNER', of: ({ spec }) => spec.owner },
  { title: 'MODEL', of: ({ spec }) => spec.model },
  {
    title: 'READ',
    of: ({ readAt }) => timeText(readAt),
    plain: ({ readAt }) => readAt,
  },
  { title: 'PROBLEM', of: ({ problem }) => problem },
];

/** What is done with templates, with what the word after it names. */
const ACTS: Record<
  string,
  { expected?: string; run(job: Job, named: string): Promise<void> }
> = {
  list: {
    async run(job) {
      const { portal, signal } = job;
      const { items } = await portal.training.listTemplates({ signal });
      showList(job, { items, more: false }, COLUMNS);
    },
  },
  show: {
    expected: 'the name of a template',
    async run(job, name) {
      const { portal, signal } = job;
      showTemplate(job, await portal.training.getTemplate(name, { signal }));
    },
  },
  register: {
    expected: 'the address of a file train.yaml at a Git host',
    async run(job, target) {
      requireWebAddress(job.called, target);
      const { portal, signal } = job;
      const made = await portal.training.registerTemplate(target, { signal });
      showDone(job, made, `registered template ${made.spec.name}`);
    },
  },
  refresh: {
    expected: 'the name of a template',
    async run(job, name) {
      const { portal, signal } = job;
      const read = await portal.training.refreshTemplate(name, { signal });
      showDone(
        job,
        read,
        read.problem === undefined
          ? `template ${name} is as it is at ${read.revision}`
          : `template ${name} could not be read: ${read.problem}`,
      );
    },
  },
  remove: {
    expected: 'the name of a template',
    async run(job, name) {
      await job.portal.training.deleteTemplate(name, { signal: job.signal });
      showDone(
        job,
        { template: name, removed: true },
        `removed template ${name}; its jobs stay`,
      );
    },
  },
};

/** Of a path the portal could only say that it is no address. */
function requireWebAddress(called: string, target: string): void {
  if (/^https?:\/\//.test(target)) return;
  throw usageError(
    `${called} register: '${target}' is no address at a Git host, such as https://github.com/vision/digits/blob/main/greenroom/train.yaml; a template on the control plane's machine is not registered, but named in its setting aiTraining.templates`,
  );
}

export const templatesAction: Action = {
  name: 'templates',
  summary: 'lists, shows, registers, refreshes or removes training templates',
  more: 'ACT is list, which is meant when it is left out, show NAME, register URL, refresh NAME, which has it read again at once, or remove NAME, which leaves its jobs.',
  words: [
    { name: 'ACT', expected: Object.keys(ACTS).join(', '), isOptional: true },
    { name: 'NAME', expected: 'the name of a template', isOptional: true },
  ],
  async run(job) {
    const { called, args } = job;
    const [name = 'list', named] = args;
    if (!Object.hasOwn(ACTS, name)) {
      throw usageError(
        `${called}: there is no '${name}'; expected one of ${Object.keys(
          ACTS,
        ).join(', ')}`,
      );
    }
    const act = ACTS[name];
    if (act.expected !== undefined && named === undefined) {
      throw usageError(`${called} ${name}: expected ${act.expected}`);
    }
    if (act.expected === undefined && named !== undefined) {
      throw usageError(`${called} ${name}: too many words`);
    }
    await act.run(job, named ?? '');
  },
};

function showTemplate(job: Job, template: TrainingTemplate): void {
  const { spec, location } = template;
  const { flavor = 'any', count, nodes, memory, cpu } = spec.resources;
  showOne(job, template, [
    ['template', spec.name],
    ['title', spec.title],
    ['description', spec.description],
    ['owner', spec.owner],
    ['experiment', spec.experiment],
    ['model', spec.model],
    ...spec.parameters.map(
      parameter =>
        [`param ${parameter.name}`, parameterText(parameter)] as const,
    ),
    ...spec.datasets.map(
      ({ name, dataset, version }) =>
        [
          `dataset ${name}`,
          `${dataset}, ${
            version === undefined ? 'its newest version' : `version ${version}`
          }`,
        ] as const,
    ),
    ['runs on', `${count} x ${flavor}, nodes: ${nodes}`],
    ['memory', memory],
    ['cpu', cpu],
    ['priority', spec.priority],
    ['deadline', `${spec.deadlineMinutes} minutes`],
    ['tried again', spec.retries],
    ['checkpoints', spec.checkpoints ? 'yes' : 'no'],
    ['lies at', location.target],
    ['revision', template.revision],
    ['read', timeText(template.readAt)],
    ['problem', template.problem],
    ['registered by', template.registeredBy],
  ]);
}

/** Such as `integer from 1 to 1000, 40 when left out`. */
function parameterText(parameter: TemplateParameter): string {
  const { type, choices, minimum, maximum, description } = parameter;
  const range = [
    ...(minimum === undefined ? [] : [`from ${minimum}`]),
    ...(maximum === undefined ? [] : [`to ${maximum}`]),
  ];
  return [
    [type, ...range].join(' '),
    ...(choices ? [`one of ${choices.join(', ')}`] : []),
    parameter.default === undefined
      ? 'needed'
      : `${parameter.default} when left out`,
    ...(description === undefined ? [] : [description]),
  ].join(', ');
}
