import {
  DATASET_NAME_PATTERN,
  MODEL_NAME_PATTERN,
} from '@greenroom/plugin-ai-registry-common';
import {
  JOB_PRIORITIES,
  problemWithQuantity,
  problemWithValue,
} from '@greenroom/plugin-ai-training-common';
import { z } from 'zod';
import { nameSchema } from '../sections/bounds';

export const TEMPLATE_API_VERSION = 'greenroom.dev/v1';
export const TEMPLATE_KIND = 'TrainingTemplate';

/** What a shell takes as the name of a variable, in small letters. */
const IDENTIFIER = /^[a-z][a-z0-9_]{0,62}$/;
const ENTITY_REF = /^(group|user):[a-z0-9-]+\/[A-Za-z0-9._-]+$/;
const DAY_MINUTES = 24 * 60;
const MOST_PARAMETERS = 100;
const MOST_DATASETS = 20;
const MOST_ARGUMENTS = 200;
const MOST_CHOICES = 100;

const identifier = z
  .string()
  .regex(
    IDENTIFIER,
    'expected 1 to 63 lower-case letters, digits and underscores, a letter first',
  );

const valueSchema = z.union([z.number(), z.string().max(6_000), z.boolean()]);

const quantity = (what: 'memory' | 'cpu') =>
  z
    .union([z.string(), z.number()])
    .transform(String)
    .check(({ value, issues }) => {
      const message = problemWithQuantity(what, value);
      if (message) issues.push({ code: 'custom', input: value, message });
    });

const parameterSchema = z
  .strictObject({
    name: identifier.describe(
      'The program sees it as `GREENROOM_PARAM_<NAME>`, and in the command as `{{ name }}`.',
    ),
    title: z.string().max(100).optional().describe('What pages call it.'),
    description: z.string().max(1_000).optional().describe('What it does.'),
    type: z
      .enum(['integer', 'number', 'string', 'boolean'])
      .describe('What it may be.'),
    default: valueSchema
      .optional()
      .describe('What it is when nobody says; it has to be given without one.'),
    minimum: z.number().optional().describe('Least, of numbers.'),
    maximum: z.number().optional().describe('Most, of numbers.'),
    choices: z
      .array(valueSchema)
      .min(1)
      .max(MOST_CHOICES)
      .optional()
      .describe('All that it may be.'),
  })
  .check(({ value, issues }) => {
    const complain = (path: (string | number)[], message: string) =>
      issues.push({ code: 'custom', input: value, path, message });
    const isNumber = value.type === 'integer' || value.type === 'number';
    for (const bound of ['minimum', 'maximum'] as const) {
      if (value[bound] === undefined || isNumber) continue;
      complain([bound], 'expected none: only numbers have bounds');
    }
    value.choices?.forEach((choice, index) => {
      const problem = problemWithValue({ type: value.type }, choice);
      if (problem) complain(['choices', index], problem);
    });
    if (value.default === undefined) return;
    const problem = problemWithValue(value, value.default);
    if (problem) complain(['default'], problem);
  })
  .describe('Something that whoever starts a job may choose.');

const datasetSchema = z
  .strictObject({
    name: identifier.describe(
      'The program finds its files where `GREENROOM_DATASET_<NAME>` says.',
    ),
    dataset: z
      .string()
      .regex(DATASET_NAME_PATTERN, 'expected the name of a dataset')
      .describe('Name of the dataset in the registry.'),
    version: z
      .int()
      .min(1)
      .optional()
      .describe('Number of its version; the newest when it is left out.'),
  })
  .describe('A dataset of the registry that the program reads.');

const programSchema = z
  .strictObject({
    image: z
      .string()
      .max(1_000)
      .optional()
      .describe(
        'Image of the container in a cluster, with its digest: registry.example.org/trainer@sha256:.... Not used on the machine of the control plane.',
      ),
    command: z
      .array(z.string().max(10_000))
      .min(1)
      .max(MOST_ARGUMENTS)
      .describe(
        'Program and arguments, run in the folder above greenroom/. {{ name }} is the value of a parameter.',
      ),
    pythonLock: z
      .string()
      .regex(
        /^(?!.*(^|\/)\.\.(\/|$))[A-Za-z0-9._-][A-Za-z0-9._/-]*$/,
        'expected a path below the folder above greenroom/, such as requirements.lock',
      )
      .optional()
      .describe(
        'File with exact versions of Python packages, which the command has on the machine of the control plane.',
      ),
  })
  .describe('What is run.');

const resourcesSchema = z
  .strictObject({
    flavor: nameSchema
      .optional()
      .describe('Name of a flavor of the platform, such as a kind of GPU.'),
    count: z
      .int()
      .min(1)
      .max(64)
      .default(1)
      .describe('How many of the flavor each node has.'),
    nodes: z
      .int()
      .min(1)
      .max(256)
      .default(1)
      .describe('Programs that work together, each on a node of its own.'),
    memory: quantity('memory')
      .optional()
      .describe('Memory of each node: 4Gi, at least 16Mi.'),
    cpu: quantity('cpu')
      .optional()
      .describe('Processors of each node: 2 or 500m.'),
  })
  .describe('What it runs on.');

export const trainingTemplateSchema = z
  .strictObject({
    apiVersion: z
      .literal(TEMPLATE_API_VERSION)
      .describe('The version of this format.'),
    kind: z.literal(TEMPLATE_KIND).describe('How a model is trained.'),
    metadata: z
      .strictObject({
        name: nameSchema.describe('Unique in the portal.'),
        title: z.string().min(1).max(100).optional().describe('For people.'),
        description: z
          .string()
          .max(10_000)
          .optional()
          .describe('What it trains, and on what.'),
      })
      .describe('What it is called.'),
    spec: z
      .strictObject({
        owner: z
          .string()
          .regex(
            ENTITY_REF,
            'expected an entity ref such as group:default/vision',
          )
          .describe(
            'Group or user that answers for it, and whose quota its jobs count against.',
          ),
        experiment: z
          .string()
          .min(1)
          .max(500)
          .describe(
            'Name of the experiment of its runs; made where there is none.',
          ),
        model: z
          .string()
          .regex(MODEL_NAME_PATTERN, 'expected a model name')
          .optional()
          .describe('Registered model that its jobs may add versions to.'),
        program: programSchema,
        parameters: z
          .array(parameterSchema)
          .max(MOST_PARAMETERS)
          .default([])
          .describe('What may be chosen.'),
        datasets: z
          .array(datasetSchema)
          .max(MOST_DATASETS)
          .default([])
          .describe('What it reads.'),
        resources: resourcesSchema.default({ count: 1, nodes: 1 }),
        priority: z
          .enum(JOB_PRIORITIES as [string, ...string[]])
          .pipe(z.enum(['low', 'normal', 'high']))
          .default('normal')
          .describe('Which of its team go first.'),
        deadlineMinutes: z
          .int()
          .min(1)
          .max(30 * DAY_MINUTES)
          .default(DAY_MINUTES)
          .describe(
            'Minutes that a job may run: all its attempts together, from its start or the last Retry.',
          ),
        retries: z
          .int()
          .min(0)
          .max(10)
          .default(2)
          .describe(
            'How often it is tried again when it was not the program that failed, such as a lost node.',
          ),
        checkpoints: z
          .boolean()
          .default(false)
          .describe(
            'Whether the program goes on from what it has put into `GREENROOM_CHECKPOINTS`.',
          ),
      })
      .check(({ value, issues }) => {
        const complain = (path: (string | number)[], message: string) =>
          issues.push({ code: 'custom', input: value, path, message });
        for (const field of ['parameters', 'datasets'] as const) {
          const names = value[field].map(({ name }) => name);
          names.forEach((name, index) => {
            if (names.indexOf(name) === index) return;
            complain([field, index, 'name'], `'${name}' is named before`);
          });
        }
        const known = value.parameters.map(({ name }) => name);
        value.program.command.forEach((argument, index) => {
          const unknown = placeholdersOf(argument).find(
            name => !known.includes(name),
          );
          if (unknown === undefined) return;
          complain(
            ['program', 'command', index],
            `there is no parameter '${unknown}'`,
          );
        });
      })
      .describe('How it is trained.'),
  })
  .describe('How a model is trained again and again.');

const PLACEHOLDER = /\{\{\s*([a-z][a-z0-9_]*)\s*\}\}/g;

function placeholdersOf(argument: string): string[] {
  return [...argument.matchAll(PLACEHOLDER)].map(([, name]) => name);
}
