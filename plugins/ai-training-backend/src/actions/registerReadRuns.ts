import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import { InputError } from '@backstage/errors';
import type { RunService } from '../runs/RunService';
import { compareRuns } from './compareRuns';
import { describeRun, describeTags, MOST_ENTRIES } from './describeRun';

const GET = `
Shows a training run: how it went, its params, the newest value of each metric, its tags, the datasets
that it read and the models that it made. At most ${MOST_ENTRIES} of each are told, and leftOut says how many more
there are. Needs the permission ai-training.experiment.read on its experiment.
`;

const COMPARE = `
Puts 2 to 10 training runs beside each other: the params in which they differ, and the newest value of
each metric, in the order of the runs; null where a run has none. Needs the permission
ai-training.experiment.read on their experiments.
`;

const MOST_COMPARED = 10;

/** Looking at runs whose ids are known. */
export function registerReadRuns(options: {
  actionsRegistry: ActionsRegistryService;
  runs: Pick<RunService, 'get'>;
}): void {
  const { actionsRegistry, runs } = options;
  actionsRegistry.register({
    name: 'get-run',
    title: 'Show a training run',
    description: GET,
    attributes: { destructive: false, idempotent: true, readOnly: true },
    schema: {
      input: z =>
        z.object({
          run: z
            .string()
            .regex(/^[0-9a-f]{32}$/)
            .describe('Id of the run: 32 hexadecimal digits'),
        }),
      output: z =>
        z
          .object({
            id: z.string(),
            experiment: z.string().describe('Id of its experiment'),
            name: z.string(),
            status: z.string(),
            params: z.record(z.string(), z.string()),
            metrics: z.record(z.string(), z.union([z.number(), z.string()])),
            tags: z.record(z.string(), z.string()),
          })
          .passthrough(),
    },
    async action({ input, credentials }) {
      const run = await runs.get(input.run, { credentials });
      const { leftOut, ...facts } = describeRun(run, { most: MOST_ENTRIES });
      const { tags, leftOut: leftOutTags } = describeTags(run.tags);
      const more = {
        ...leftOut,
        ...(leftOutTags > 0 && { tags: leftOutTags }),
      };
      return {
        output: {
          ...facts,
          tags,
          datasets: run.inputs
            .slice(0, MOST_ENTRIES)
            .map(({ dataset: { name, digest } }) => ({ name, digest })),
          models: run.outputs
            .slice(0, MOST_ENTRIES)
            .map(({ modelId }) => modelId),
          ...(Object.keys(more).length > 0 && { leftOut: more }),
        },
      };
    },
  });

  actionsRegistry.register({
    name: 'compare-runs',
    title: 'Compare training runs',
    description: COMPARE,
    attributes: { destructive: false, idempotent: true, readOnly: true },
    schema: {
      input: z =>
        z.object({
          runs: z
            .array(z.string().regex(/^[0-9a-f]{32}$/))
            .min(2)
            .max(MOST_COMPARED)
            .describe('Ids of the runs, each once'),
        }),
      output: z => {
        const compared = z.array(
          z.object({
            key: z.string(),
            values: z.array(z.union([z.number(), z.string(), z.null()])),
          }),
        );
        return z.object({
          runs: z.array(
            z.object({ id: z.string(), name: z.string(), status: z.string() }),
          ),
          params: compared,
          equalParams: z
            .number()
            .describe('How many params are the same in all runs'),
          metrics: compared,
          leftOut: z
            .number()
            .describe('How many params and metrics are not told'),
        });
      },
    },
    async action({ input, credentials }) {
      const twice = input.runs.find((id, at) => input.runs.indexOf(id) !== at);
      if (twice !== undefined) {
        throw new InputError(`runs: expected each once, got '${twice}' twice`);
      }
      const found = await Promise.all(
        input.runs.map(id => runs.get(id, { credentials })),
      );
      return {
        output: {
          runs: found.map(({ id, name, status }) => ({ id, name, status })),
          ...compareRuns(found),
        },
      };
    },
  });
}
