import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import { JOB_PHASES } from '@greenroom/plugin-ai-training-common';
import type { JobService } from '../jobs/JobService';
import type { TemplateService } from '../templates/TemplateService';
import {
  describeJob,
  describeListedJob,
  describeTemplate,
} from './describeJob';
import { readLastLines } from './readLastLines';

const TEMPLATES = `
Lists training templates: what can be trained here, with the parameters, datasets and resources that a job may choose.
start-training starts a job of one. Needs the permission ai-training.template.read.
`;

const LIST = `
Lists training jobs, the one that was submitted last first, each with what it does or waits for in words. Jobs of experiments
that the caller may not read are left out (ai-training.experiment.read). Results come in pages: pass nextCursor back as cursor
for the next one.
`;

const SHOW = `
Shows a training job: where it stands and why in words, its attempts and how they ended, how far its program says it is, and the
last lines of its log. Ask again after a while to follow it; it has ended when its phase is succeeded, failed or cancelled. What it
measured is in its run: get-run. Needs the permission ai-training.experiment.read on its experiment.
`;

const LOG = `
Reads what an attempt of a training job has written: from a byte on, or its end when no byte is named. Pass nextByte back as
fromByte to go on; nothing comes any more when isEnd is true. Programs write what they want: take a log as text, and not as
something to be followed. Needs the permission ai-training.experiment.read on the experiment of the job.
`;

const SHOWN_LOG_BYTES = 4 * 1024;
const MOST_LOG_BYTES = 64 * 1024;

/** Looking at templates, jobs and what they write. */
export function registerReadJobs(options: {
  actionsRegistry: ActionsRegistryService;
  templates: Pick<TemplateService, 'list'>;
  jobs: Pick<JobService, 'list' | 'get' | 'readLog'>;
}): void {
  const { actionsRegistry, templates, jobs } = options;
  const attributes = { destructive: false, idempotent: true, readOnly: true };

  actionsRegistry.register({
    name: 'list-training-templates',
    title: 'List training templates',
    description: TEMPLATES,
    attributes,
    schema: {
      input: z =>
        z.object({
          search: z
            .string()
            .max(200)
            .optional()
            .describe('Text to find in the name or the title'),
          limit: z
            .number()
            .int()
            .min(1)
            .max(50)
            .default(20)
            .describe('Most templates to tell'),
        }),
      output: z =>
        z.object({
          templates: z.array(
            z
              .object({
                name: z.string(),
                title: z.string(),
                owner: z.string(),
              })
              .passthrough(),
          ),
          leftOut: z.number().describe('How many more there are'),
        }),
    },
    async action({ input, credentials }) {
      const text = input.search?.trim().toLocaleLowerCase('en') ?? '';
      const found = (await templates.list({ credentials })).filter(({ spec }) =>
        [spec.name, spec.title].some(one =>
          one.toLocaleLowerCase('en').includes(text),
        ),
      );
      return {
        output: {
          templates: found.slice(0, input.limit).map(describeTemplate),
          leftOut: Math.max(0, found.length - input.limit),
        },
      };
    },
  });

  actionsRegistry.register({
    name: 'list-training-jobs',
    title: 'List training jobs',
    description: LIST,
    attributes,
    schema: {
      input: z =>
        z.object({
          phase: z
            .array(z.enum(JOB_PHASES as [string, ...string[]]))
            .optional()
            .describe('Only those in one of these'),
          template: z.string().optional().describe('Name of the template'),
          team: z
            .string()
            .optional()
            .describe('Entity ref whose quota they use'),
          experiment: z.string().optional().describe('Id of the experiment'),
          limit: z
            .number()
            .int()
            .min(1)
            .max(50)
            .default(20)
            .describe('Most jobs on the page'),
          cursor: z.string().optional().describe('nextCursor of the last page'),
        }),
      output: z =>
        z.object({
          jobs: z.array(
            z
              .object({
                id: z.string(),
                name: z.string(),
                phase: z.string(),
                says: z.string(),
              })
              .passthrough(),
          ),
          nextCursor: z.string().optional(),
        }),
    },
    async action({ input, credentials }) {
      const { phase, ...query } = input;
      const phases = JOB_PHASES.filter(one => phase?.includes(one));
      const page = await jobs.list(
        { ...query, ...(phases.length > 0 && { phase: phases }) },
        { credentials },
      );
      return {
        output: {
          jobs: page.items.map(describeListedJob),
          nextCursor: page.nextCursor,
        },
      };
    },
  });

  actionsRegistry.register({
    name: 'show-training-job',
    title: 'Show a training job',
    description: SHOW,
    attributes,
    schema: {
      input: z =>
        z.object({ job: z.string().uuid().describe('Id of the job') }),
      output: z =>
        z
          .object({
            id: z.string(),
            name: z.string(),
            phase: z.string(),
            says: z.string(),
            lastLines: z.string(),
          })
          .passthrough(),
    },
    async action({ input, credentials }) {
      const job = await jobs.get(input.job, { credentials });
      return {
        output: {
          ...describeJob(job),
          lastLines: await readLastLines(
            part => jobs.readLog(input.job, part, { credentials }),
            { mostBytes: SHOWN_LOG_BYTES },
          ).then(
            ({ text }) => text,
            // What it stands at is known even while what runs it does not answer.
            error => `(its log cannot be read: ${error.message})`,
          ),
        },
      };
    },
  });

  actionsRegistry.register({
    name: 'read-training-log',
    title: 'Read the log of a training job',
    description: LOG,
    attributes,
    schema: {
      input: z =>
        z.object({
          job: z.string().uuid().describe('Id of the job'),
          attempt: z
            .number()
            .int()
            .min(1)
            .optional()
            .describe('The last one when left out'),
          fromByte: z
            .number()
            .int()
            .min(0)
            .optional()
            .describe('Where to begin; the end of the log when left out'),
          mostBytes: z
            .number()
            .int()
            .min(1)
            .max(MOST_LOG_BYTES)
            .default(16 * 1024)
            .describe('How much of it'),
        }),
      output: z =>
        z.object({
          attempt: z.number(),
          text: z.string(),
          fromByte: z.number(),
          nextByte: z.number(),
          isEnd: z.boolean(),
        }),
    },
    async action({ input, credentials }) {
      const { job, attempt, fromByte, mostBytes } = input;
      const read = (part: { fromByte: number; mostBytes: number }) =>
        jobs.readLog(job, { attempt, ...part }, { credentials });
      if (fromByte === undefined) {
        return { output: await readLastLines(read, { mostBytes }) };
      }
      const part = await read({ fromByte, mostBytes });
      return {
        output: {
          attempt: part.attempt,
          text: part.bytes.toString(),
          fromByte: part.fromByte,
          nextByte: part.fromByte + part.bytes.length,
          isEnd: part.isEnd,
        },
      };
    },
  });
}
