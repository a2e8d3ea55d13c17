import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import type { DatasetService } from '../datasets/DatasetService';

const DESCRIPTION = `
Lists the datasets that models are trained, evaluated or asked with, with their owner and newest
version. Results come in pages: pass nextCursor back as cursor for the next one.
`;

export function registerListDatasets(options: {
  actionsRegistry: ActionsRegistryService;
  datasets: DatasetService;
}): void {
  options.actionsRegistry.register({
    name: 'list-datasets',
    title: 'List datasets',
    description: DESCRIPTION,
    attributes: { destructive: false, idempotent: true, readOnly: true },
    schema: {
      input: z =>
        z.object({
          search: z
            .string()
            .max(200)
            .optional()
            .describe(
              'Words that must all appear in name, title, description or tags',
            ),
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
            .describe('Most datasets on the page'),
          cursor: z.string().optional().describe('nextCursor of the last page'),
        }),
      output: z =>
        z.object({
          datasets: z.array(
            z.object({
              name: z.string(),
              title: z.string(),
              description: z.string(),
              owner: z.string(),
              latestVersion: z.number().optional(),
            }),
          ),
          totalDatasets: z.number(),
          nextCursor: z.string().optional(),
        }),
    },
    async action({ input, credentials }) {
      const page = await options.datasets.list(input, { credentials });
      return {
        output: {
          datasets: page.items.map(
            ({ name, title, description, owner, latestVersion }) => ({
              name,
              title,
              description,
              owner,
              latestVersion,
            }),
          ),
          totalDatasets: page.totalItems,
          nextCursor: page.nextCursor,
        },
      };
    },
  });
}
