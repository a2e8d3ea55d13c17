import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import { RUN_STATUSES } from '@greenroom/plugin-ai-training-common';
import type { ExperimentService } from '../experiments/ExperimentService';
import { isExperimentId } from '../experiments/ExperimentStore';
import type { RunLists } from '../runs/RunLists';
import { describeRun, MOST_LISTED_ENTRIES } from './describeRun';

const DESCRIPTION = `
Finds training runs of an experiment in MLflow's filter language, such as
metrics.accuracy > 0.9 and params.depth = '3' and attributes.status = 'FINISHED', in an order such as
metrics.accuracy DESC. Of each run it tells params and newest metrics, the first ${MOST_LISTED_ENTRIES} of each by name unless keys
says which. Needs the permission ai-training.experiment.read on the experiment. Results come in pages:
pass nextCursor back as cursor for the next one.
`;

export function registerFindRuns(options: {
  actionsRegistry: ActionsRegistryService;
  experiments: Pick<ExperimentService, 'getByName'>;
  lists: Pick<RunLists, 'list'>;
}): void {
  const { actionsRegistry, experiments, lists } = options;
  actionsRegistry.register({
    name: 'find-runs',
    title: 'Find training runs',
    description: DESCRIPTION,
    attributes: { destructive: false, idempotent: true, readOnly: true },
    schema: {
      input: z =>
        z.object({
          experiment: z
            .string()
            .min(1)
            .max(500)
            .describe('Id of the experiment, or its whole name'),
          filter: z
            .string()
            .max(10_000)
            .optional()
            .describe(
              `In MLflow's language; a status is one of ${RUN_STATUSES.join(
                ', ',
              )}`,
            ),
          orderBy: z
            .array(z.string().max(500))
            .max(10)
            .optional()
            .describe(
              'Such as metrics.accuracy DESC; the newest first when left out',
            ),
          keys: z
            .array(z.string().max(250))
            .max(MOST_LISTED_ENTRIES)
            .optional()
            .describe('The only params and metrics to tell'),
          limit: z
            .number()
            .int()
            .min(1)
            .max(50)
            .default(10)
            .describe('Most runs on the page'),
          cursor: z.string().optional().describe('nextCursor of the last page'),
        }),
      output: z =>
        z.object({
          runs: z.array(
            z
              .object({
                id: z.string(),
                name: z.string(),
                status: z.string(),
                params: z.record(z.string(), z.string()),
                metrics: z.record(
                  z.string(),
                  z.union([z.number(), z.string()]),
                ),
              })
              .passthrough(),
          ),
          nextCursor: z.string().optional(),
        }),
    },
    async action({ input, credentials }) {
      const { experiment: named, keys, ...query } = input;
      const experiment = isExperimentId(named)
        ? named
        : (await experiments.getByName(named, { credentials })).id;
      const page = await lists.list({ ...query, experiment }, { credentials });
      return {
        output: {
          runs: page.items.map(run => ({
            ...describeRun(run, { most: MOST_LISTED_ENTRIES, keys }),
          })),
          nextCursor: page.nextCursor,
        },
      };
    },
  });
}
