import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import { DESCRIPTION_TAG } from '@greenroom/plugin-ai-training-common';
import type { ExperimentService } from '../experiments/ExperimentService';
import { shorten } from './describeRun';

const DESCRIPTION = `
Lists the experiments that training runs are tracked in, the one that was changed last first, with their
owner. find-runs finds runs in one of them. Experiments that the caller may not read are left out
(ai-training.experiment.read). Results come in pages: pass nextCursor back as cursor for the next one.
`;

export function registerListExperiments(options: {
  actionsRegistry: ActionsRegistryService;
  experiments: Pick<ExperimentService, 'list'>;
}): void {
  options.actionsRegistry.register({
    name: 'list-experiments',
    title: 'List experiments of training runs',
    description: DESCRIPTION,
    attributes: { destructive: false, idempotent: true, readOnly: true },
    schema: {
      input: z =>
        z.object({
          search: z
            .string()
            .max(200)
            .optional()
            .describe('Words to find in the name'),
          owner: z
            .string()
            .optional()
            .describe(
              'Entity ref of the owner, e.g. group:default/vision-team',
            ),
          limit: z
            .number()
            .int()
            .min(1)
            .max(100)
            .default(20)
            .describe('Most experiments on the page'),
          cursor: z.string().optional().describe('nextCursor of the last page'),
        }),
      output: z =>
        z.object({
          experiments: z.array(
            z.object({
              id: z.string(),
              name: z.string(),
              description: z.string().optional(),
              owner: z.string(),
              updatedAt: z.string(),
            }),
          ),
          nextCursor: z.string().optional(),
        }),
    },
    async action({ input, credentials }) {
      const page = await options.experiments.list(input, { credentials });
      return {
        output: {
          experiments: page.items.map(
            ({ id, name, owner, updatedAt, tags }) => ({
              id,
              name,
              ...(tags[DESCRIPTION_TAG] && {
                description: shorten(tags[DESCRIPTION_TAG]),
              }),
              owner,
              updatedAt,
            }),
          ),
          nextCursor: page.nextCursor,
        },
      };
    },
  });
}
