import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import { NotFoundError } from '@backstage/errors';
import type { DatasetService } from '../datasets/DatasetService';

const DESCRIPTION = `
Gets one version of a dataset: its columns and their types, the number of its rows, its digest, and
which evaluations of models were made on it. Without a version number it gets the newest one. The
rows themselves are not in the answer.
`;

export function registerGetDataset(options: {
  actionsRegistry: ActionsRegistryService;
  datasets: DatasetService;
}): void {
  options.actionsRegistry.register({
    name: 'get-dataset',
    title: 'Get a version of a dataset',
    description: DESCRIPTION,
    attributes: { destructive: false, idempotent: true, readOnly: true },
    schema: {
      input: z =>
        z.object({
          dataset: z
            .string()
            .describe('Name of the dataset, e.g. capital-cities'),
          version: z
            .number()
            .int()
            .min(1)
            .optional()
            .describe('Version number; the newest one when left out'),
        }),
      output: z =>
        z
          .object({
            dataset: z.string(),
            version: z.number(),
            digest: z.string().describe('What evaluations name'),
            owner: z.string(),
            createdAt: z.string(),
            createdBy: z.string(),
          })
          .passthrough(),
    },
    async action({ input, credentials }) {
      const { title, owner, latestVersion } = await options.datasets.get(
        input.dataset,
        { credentials },
      );
      const version = input.version ?? latestVersion;
      if (version === undefined) {
        throw new NotFoundError(
          `Dataset '${input.dataset}' has no version yet`,
        );
      }
      const ref = { dataset: input.dataset, version };
      const [detail, uses] = await Promise.all([
        options.datasets.getVersion(ref, { credentials }),
        options.datasets.listUses(ref, { credentials }),
      ]);
      return { output: { ...detail, title, owner, uses } };
    },
  });
}
