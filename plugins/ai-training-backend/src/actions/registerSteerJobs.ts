import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import { JOB_PRIORITIES } from '@greenroom/plugin-ai-training-common';
import type { JobService } from '../jobs/JobService';
import { describeJob } from './describeJob';

const START = `
Starts a training job of a template: list-training-templates says which there are, and what may be chosen. What is left out is as
the template has it, or the job that is cloned or resumed. It uses the quota and the budget of the template's owner, or of team. The answer says what it waits for;
show-training-job says how it goes on. Give a requestId of your own: asked twice with the same one, there is one job. Needs the
permission ai-training.job.submit on the template, and ai-registry.dataset.download on its datasets.
`;

const CANCEL = `
Has a training job end: its program is told to, and has a moment to put down a checkpoint. One that has ended stays as it is. What
it measured stays. Needs the permission ai-training.job.steer on its template.
`;

const RETRY = `
Has a training job go on that failed or was cancelled, from its checkpoints where its template keeps them. Look first why it ended:
a program that failed mostly fails again. Needs the permission ai-training.job.steer on its template.
`;

/** An action comes with no token of the caller's: people are acted for, and programs are refused. */
const NO_TOKEN = { headers: {} };

/** Starting, ending and retrying jobs. */
export function registerSteerJobs(options: {
  actionsRegistry: ActionsRegistryService;
  jobs: Pick<JobService, 'submit' | 'cancel' | 'retry'>;
}): void {
  const { actionsRegistry, jobs } = options;

  actionsRegistry.register({
    name: 'start-training',
    title: 'Start a training job',
    description: START,
    attributes: { destructive: false, idempotent: false, readOnly: false },
    schema: {
      input: z =>
        z.object({
          template: z.string().min(1).describe('Name of the template'),
          name: z.string().optional().describe('Of the job and its run'),
          parameters: z
            .record(z.string(), z.union([z.number(), z.string(), z.boolean()]))
            .optional()
            .describe('By name, of the type that the template says'),
          datasets: z
            .record(z.string(), z.number().int().min(1))
            .optional()
            .describe("Versions of datasets, by the template's names for them"),
          resources: z
            .object({
              flavor: z.string().optional(),
              count: z.number().int().min(1).optional(),
              nodes: z.number().int().min(1).optional(),
              memory: z.string().optional().describe('Such as 2Gi'),
              cpu: z.string().optional().describe('Such as 2 or 500m'),
            })
            .optional(),
          priority: z.enum(JOB_PRIORITIES as [string, ...string[]]).optional(),
          deadlineMinutes: z.number().int().min(1).optional(),
          team: z
            .string()
            .optional()
            .describe('Entity ref of a group that the caller belongs to'),
          backend: z
            .string()
            .optional()
            .describe('local, or the name of a cluster'),
          cloneOf: z
            .string()
            .uuid()
            .optional()
            .describe('Id of a job: what is left out is as it was there'),
          resumeOf: z
            .string()
            .uuid()
            .optional()
            .describe(
              'Id of a job whose checkpoints it begins with: what is left out is as it was there',
            ),
          requestId: z.string().min(1).max(100).optional(),
        }),
      output: z => jobOutput(z),
    },
    async action({ input, credentials }) {
      const { priority, ...wanted } = input;
      const job = await jobs.submit(
        {
          ...wanted,
          priority: JOB_PRIORITIES.find(one => one === priority),
        },
        { credentials, req: NO_TOKEN },
      );
      return { output: describeJob(job) };
    },
  });

  for (const [act, name, title, description] of [
    ['cancel', 'cancel-training', 'Cancel a training job', CANCEL],
    ['retry', 'retry-training', 'Retry a training job', RETRY],
  ] as const) {
    actionsRegistry.register({
      name,
      title,
      description,
      attributes: {
        destructive: act === 'cancel',
        idempotent: act === 'cancel',
        readOnly: false,
      },
      schema: {
        input: z =>
          z.object({ job: z.string().uuid().describe('Id of the job') }),
        output: z => jobOutput(z),
      },
      async action({ input, credentials }) {
        const job = await jobs[act](input.job, { credentials });
        return { output: describeJob(job) };
      },
    });
  }
}

type Zod = Parameters<
  Parameters<ActionsRegistryService['register']>[0]['schema']['output']
>[0];

function jobOutput(z: Zod) {
  return z
    .object({
      id: z.string(),
      name: z.string(),
      phase: z.string(),
      says: z.string(),
    })
    .passthrough();
}
