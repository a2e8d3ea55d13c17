import type {
  AuthService,
  DiscoveryService,
} from '@backstage/backend-plugin-api';
import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import {
  AiTrainingClient,
  ENDED_PHASES,
  JOB_PRIORITIES,
  parameterValueOf,
  type ParameterValue,
  tellProgress,
  tellState,
  type TrainingJob,
  type TrainingTemplate,
} from '@greenroom/plugin-ai-training-common';
import { createHash } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';

const LOOK_MILLIS = 5_000;
/** A portal that is being restarted is asked again so often. */
const MOST_FAILURES = 60;

/**
 * `greenroom:train`: starts a training job in the name of whoever uses the template, who needs the same permission as
 * on the page of the training template, and waits for it where that is asked for.
 */
export function createTrainAction(options: {
  auth: AuthService;
  discovery: DiscoveryService;
  /** Between two looks at a job; 5 seconds when left out. */
  lookMillis?: number;
}) {
  const { auth, discovery, lookMillis = LOOK_MILLIS } = options;
  const training = new AiTrainingClient({ discoveryApi: discovery });
  return createTemplateAction({
    id: 'greenroom:train',
    description:
      'Starts a training job of a training template, in the name of whoever uses the software template.',
    examples: [
      {
        description: 'Train digits with 80 epochs, and wait until it is done',
        example: `steps:
  - id: train
    name: Train
    action: greenroom:train
    input:
      template: digits
      parameters:
        epochs: 80
      wait: true
`,
      },
    ],
    schema: {
      input: {
        template: z => z.string().min(1).describe('Name of the template'),
        name: z =>
          z.string().optional().describe('Name of the job and its run'),
        parameters: z =>
          z
            .record(z.string(), z.union([z.string(), z.number(), z.boolean()]))
            .optional()
            .describe(
              'By name; the defaults of the template when left out. A text is read as the type that the template says',
            ),
        datasets: z =>
          z
            .record(z.string(), z.number().int().min(1))
            .optional()
            .describe("Versions of datasets, by the template's names for them"),
        resources: z =>
          z
            .object({
              flavor: z.string().optional(),
              count: z.number().int().min(1).optional(),
              nodes: z.number().int().min(1).optional(),
              memory: z.string().optional(),
              cpu: z.string().optional(),
            })
            .optional()
            .describe('What it runs on, where the template is not meant'),
        priority: z =>
          z.enum(JOB_PRIORITIES as [string, ...string[]]).optional(),
        team: z =>
          z
            .string()
            .optional()
            .describe("Whose quota it uses; the template's owner's"),
        backend: z =>
          z.string().optional().describe('local, or the name of a cluster'),
        wait: z =>
          z
            .boolean()
            .optional()
            .describe(
              'Whether the step goes on until the job has ended, and fails unless it succeeded',
            ),
      },
      output: {
        job: z => z.string().describe('Id of the job'),
        run: z => z.string().describe('Id of the run that it logs to'),
        phase: z => z.string().describe('Where it stood at last'),
        page: z =>
          z.string().describe('Address of its page, within the portal'),
      },
    },
    async handler(ctx) {
      const { wait: waits = false, priority, ...wanted } = ctx.input;
      const tokenOf = async () => {
        const { token } = await auth.getPluginRequestToken({
          onBehalfOf: await ctx.getInitiatorCredentials(),
          targetPluginId: 'ai-training',
        });
        return token;
      };
      const key = createHash('sha256')
        .update(JSON.stringify({ ...wanted, priority }))
        .digest('hex')
        .slice(0, 32);
      // A task that was interrupted and goes on starts no second one, whenever that was.
      const { id, run } = await ctx.checkpoint({
        key: `train.${key}`,
        fn: async () => {
          const how = { token: await tokenOf(), signal: ctx.signal };
          const made = await training.submitJob(
            {
              ...wanted,
              parameters: await readTexts(wanted.parameters, () =>
                training.getTemplate(wanted.template, how),
              ),
              priority: JOB_PRIORITIES.find(one => one === priority),
              requestId: `scaffolder.${ctx.task.id}.${key.slice(0, 16)}`,
            },
            how,
          );
          return { id: made.id, run: made.run };
        },
      });
      ctx.logger.info(`Started the training job ${id} of ${wanted.template}`);
      ctx.output('job', id);
      ctx.output('run', run);
      ctx.output('page', `/ai-training/jobs/${id}`);

      const ask = async () =>
        training.getJob(id, { token: await tokenOf(), signal: ctx.signal });
      if (!waits) {
        ctx.output('phase', 'queued');
        return;
      }
      const ended = await untilEnded({
        ask,
        lookMillis,
        signal: ctx.signal,
        say: line => ctx.logger.info(line),
      });
      const { phase } = ended.state;
      ctx.output('phase', phase);
      if (phase !== 'succeeded') {
        throw new Error(`The training job ${id}: ${tellState(ended.state)}`);
      }
    },
  });
}

/** Forms give texts. What is none of the type stays as it is: the portal says what is wrong with it. */
async function readTexts(
  parameters: Record<string, ParameterValue> = {},
  getTemplate: () => Promise<TrainingTemplate>,
): Promise<Record<string, ParameterValue>> {
  const entries = Object.entries(parameters);
  if (entries.every(([, value]) => typeof value !== 'string')) {
    return parameters;
  }
  const { spec } = await getTemplate();
  return Object.fromEntries(
    entries.map(([name, value]) => {
      const declared = spec.parameters.find(one => one.name === name);
      const read =
        declared && typeof value === 'string'
          ? parameterValueOf(declared, value)
          : value;
      return [name, read ?? value];
    }),
  );
}

/** Says where a job stands whenever that changes, until it has ended. */
async function untilEnded(options: {
  ask(): Promise<TrainingJob>;
  lookMillis: number;
  signal: AbortSignal | undefined;
  say(line: string): void;
}): Promise<TrainingJob> {
  const { ask, lookMillis, signal, say } = options;
  let said: string | undefined;
  let failures = 0;
  for (;;) {
    try {
      const job = await ask();
      failures = 0;
      const progress = job.progress && tellProgress(job.progress);
      const line = [tellState(job.state), progress].filter(Boolean).join('; ');
      if (line !== said) say(`${job.name}: ${line}`);
      said = line;
      if (ENDED_PHASES.includes(job.state.phase)) return job;
    } catch (error) {
      signal?.throwIfAborted();
      failures += 1;
      if (failures > MOST_FAILURES || !isPassing(error)) throw error;
    }
    await wait(lookMillis, undefined, { signal });
  }
}

/** Whether it may be answered later: nobody answered, or a server is being restarted. */
function isPassing(error: unknown): boolean {
  const { statusCode } = Object(error) as { statusCode?: number };
  return statusCode === undefined || statusCode >= 500 || statusCode === 429;
}
