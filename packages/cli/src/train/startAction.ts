import {
  JOB_PRIORITIES,
  type JobPriority,
  type JobResources,
  type NewJob,
  parameterValueOf,
  type ParameterValue,
  type TemplateParameter,
  type TrainingJob,
} from '@greenroom/plugin-ai-training-common';
import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { Action, Job } from '../actions/Action';
import { type Options, wholeNumber } from '../Command';
import { CommandError, usageError } from '../CommandError';
import { showDone } from '../output/show';
import { isPassing } from '../portal/Portal';
import { TIMEOUT_OPTION, timeoutOf, waitForJob } from './followActions';
import { stateLine } from './jobWords';

/** Before a job is submitted again that the portal may have taken: its request id says that it is the same one. */
const PAUSES_MILLIS = [500, 2_000];

const OPTIONS = {
  param: {
    type: 'string',
    multiple: true,
    value: 'KEY=VALUE',
    help: 'a parameter of the template; several times',
  },
  dataset: {
    type: 'string',
    multiple: true,
    value: 'NAME=VERSION',
    help: "a version of a dataset, by the template's name for it; several times",
  },
  flavor: { type: 'string', value: 'NAME', help: 'what it runs on' },
  count: {
    type: 'string',
    value: 'NUMBER',
    help: 'how many of the flavor each node has',
  },
  nodes: {
    type: 'string',
    value: 'NUMBER',
    help: 'how many programs work together',
  },
  memory: {
    type: 'string',
    value: 'SIZE',
    help: 'of each node, such as 2Gi',
  },
  cpu: {
    type: 'string',
    value: 'NUMBER',
    help: 'processors of each node, such as 2 or 500m',
  },
  priority: {
    type: 'string',
    value: 'PRIORITY',
    choices: JOB_PRIORITIES,
    help: "among its team's jobs",
  },
  'deadline-minutes': {
    type: 'string',
    value: 'NUMBER',
    help: 'how long it may run: all attempts together, from its start or the last retry',
  },
  team: {
    type: 'string',
    value: 'REF',
    help: "whose quota it uses, such as group:default/vision; the template's owner when left out",
  },
  backend: {
    type: 'string',
    value: 'NAME',
    help: 'local, or the name of a cluster',
  },
  name: { type: 'string', value: 'NAME', help: 'of the job and its run' },
  'clone-of': {
    type: 'string',
    value: 'JOB',
    help: 'what is not said is as it was there',
  },
  'resume-of': {
    type: 'string',
    value: 'JOB',
    help: 'begins with its checkpoints; what is not said is as it was there',
  },
  'request-id': {
    type: 'string',
    value: 'TEXT',
    help: 'asked twice with the same one, there is one job',
  },
  wait: {
    type: 'boolean',
    help: 'waits until it has ended, as greenroom train wait does',
  },
  follow: {
    type: 'boolean',
    help: 'waits, and prints what its program writes',
  },
  ...TIMEOUT_OPTION,
} as const satisfies Options;

export const startAction: Action = {
  name: 'start',
  summary: 'starts a training job of a template',
  more: 'What is not said is as the template, or the job that is cloned or resumed, has it; TEMPLATE may be left out with --clone-of and --resume-of. With --wait or --follow, exit code 0: it succeeded, 1: it failed, 6: somebody cancelled it, 3: it has not ended in time; Ctrl+C ends the waiting, not the job.',
  words: [
    {
      name: 'TEMPLATE',
      expected: 'the name of a template',
      isOptional: true,
    },
  ],
  options: OPTIONS,
  async run(job) {
    const { words, context, isJson } = job;
    const waits = words.flag('wait') || words.flag('follow');
    timeoutOf(job);
    const wanted = await readWanted(job);
    const made = await submit(job, wanted);
    const sentence = `started job ${made.id}, ${stateLine(made)}`;
    if (!waits) {
      showDone(job, made, sentence);
      return;
    }
    if (isJson || words.flag('follow')) context.complain(sentence);
    else context.print(sentence);
    await waitForJob(job, made.id);
  },
};

async function readWanted(job: Job): Promise<NewJob> {
  const { called, args, words, portal, signal } = job;
  const cloneOf = words.text('clone-of');
  const resumeOf = words.text('resume-of');
  const before = cloneOf ?? resumeOf;
  let [template] = args;
  if (template === undefined) {
    if (before === undefined) {
      throw usageError(
        `${called}: expected the name of a template, --clone-of or --resume-of`,
      );
    }
    ({ template } = await portal.training.getJob(before, { signal }));
  }
  const number = (option: string) => {
    const text = words.text(option);
    return text === undefined
      ? undefined
      : wholeNumber(called, { name: `--${option}`, text });
  };
  const deadlineMinutes = number('deadline-minutes');
  const resources: Partial<JobResources> = withoutUndefined({
    flavor: words.text('flavor'),
    count: number('count'),
    nodes: number('nodes'),
    memory: words.text('memory'),
    cpu: words.text('cpu'),
  });
  const datasets = Object.fromEntries(
    readPairs(job, 'dataset').map(([name, text]) => [
      name,
      wholeNumber(called, { name: `the version of --dataset ${name}`, text }),
    ]),
  );
  const texts = readPairs(job, 'param');
  const parameters =
    texts.length === 0
      ? {}
      : readParameters(
          called,
          (await portal.training.getTemplate(template, { signal })).spec,
          texts,
        );
  return withoutUndefined({
    template,
    name: words.text('name'),
    parameters,
    datasets,
    resources,
    priority: words.text('priority') as JobPriority | undefined,
    deadlineMinutes,
    team: words.text('team'),
    backend: words.text('backend'),
    cloneOf,
    resumeOf,
    requestId: words.text('request-id') ?? randomUUID(),
  });
}

/** @throws CommandError that names the one that is no pair, or is there twice */
function readPairs(
  { called, words }: Job,
  option: 'param' | 'dataset',
): [string, string][] {
  const pairs = new Map<string, string>();
  for (const text of words.texts(option)) {
    const at = text.indexOf('=');
    if (at < 1) {
      throw usageError(
        `${called}: --${option} is '${text}': expected ${OPTIONS[option].value}`,
      );
    }
    const key = text.slice(0, at);
    if (pairs.has(key)) {
      throw usageError(`${called}: --${option} names '${key}' twice`);
    }
    pairs.set(key, text.slice(at + 1));
  }
  return [...pairs];
}

const EXPECTED: Record<TemplateParameter['type'], string> = {
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  string: 'a text',
};

/** Values as the template's types have them; whether they are in their ranges, the portal says. */
export function readParameters(
  called: string,
  template: { name: string; parameters: readonly TemplateParameter[] },
  texts: readonly (readonly [string, string])[],
): Record<string, ParameterValue> {
  const known = new Map(template.parameters.map(one => [one.name, one]));
  const values = texts.map(([name, text]) => {
    const parameter = known.get(name);
    if (!parameter) {
      throw usageError(
        `${called}: the template '${
          template.name
        }' has no parameter '${name}': expected ${
          known.size === 0 ? 'none' : `one of ${[...known.keys()].join(', ')}`
        }`,
      );
    }
    const value = parameterValueOf(parameter, text);
    if (value !== undefined) return [name, value] as const;
    throw usageError(
      `${called}: --param ${name} is '${text}': expected ${
        EXPECTED[parameter.type]
      }`,
    );
  });
  return Object.fromEntries(values);
}

async function submit(job: Job, wanted: NewJob): Promise<TrainingJob> {
  const { portal, signal } = job;
  for (let attempt = 0; ; attempt++) {
    try {
      return await portal.training.submitJob(wanted, { signal });
    } catch (error) {
      const pause = PAUSES_MILLIS[attempt];
      if (error instanceof CommandError || !isPassing(error) || !pause) {
        throw error;
      }
      await wait(pause, undefined, { signal });
    }
  }
}

/** What was not said is not sent. */
function withoutUndefined<T extends object>(fields: T): T {
  return Object.fromEntries(
    Object.entries(fields).filter(
      ([, value]) =>
        value !== undefined &&
        !(typeof value === 'object' && Object.keys(value).length === 0),
    ),
  ) as T;
}
