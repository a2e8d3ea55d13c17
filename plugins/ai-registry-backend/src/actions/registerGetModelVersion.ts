import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import { NotFoundError } from '@backstage/errors';
import type { ModelService } from '../models/ModelService';
import type { VersionService } from '../versions/VersionService';

const DESCRIPTION = `
Gets one version of a registered model: what it takes and gives (tensor names, datatypes, shapes
where -1 is free), what its features mean, how it was evaluated, where it came from, and which
aliases point at it; deprecation, or modelDeprecation for the model as a whole, where it should not be used any more. A version that runs at a provider (format external) has no tensors: external says
which model is called over which connection, with what parameters and prompt. Without a version number it gets the newest one.
`;

export function registerGetModelVersion(options: {
  actionsRegistry: ActionsRegistryService;
  models: ModelService;
  versions: VersionService;
}): void {
  options.actionsRegistry.register({
    name: 'get-model-version',
    title: 'Get a version of a machine learning model',
    description: DESCRIPTION,
    attributes: { destructive: false, idempotent: true, readOnly: true },
    schema: {
      input: z =>
        z.object({
          model: z.string().describe('Name of the model, e.g. digits'),
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
            model: z.string(),
            version: z.number(),
            description: z.string(),
            digest: z.string().describe('Content address of the model file'),
            createdAt: z.string(),
            createdBy: z.string(),
          })
          .passthrough(),
    },
    async action({ input, credentials }) {
      const model = await options.models.get(input.model, { credentials });
      const version = input.version ?? model.latestVersion;
      if (version === undefined) {
        throw new NotFoundError(`Model '${input.model}' has no version yet`);
      }
      const { baseline, evaluation, ...detail } = await options.versions.get(
        { model: input.model, version },
        { credentials },
      );
      return {
        output: {
          ...detail,
          // The value of every row is of no use in a conversation.
          evaluation: evaluation && {
            ...evaluation,
            perRow: undefined,
            slices: undefined,
          },
          hasBaseline: baseline !== undefined,
          modelDeprecation: model.deprecation,
        },
      };
    },
  });
}
