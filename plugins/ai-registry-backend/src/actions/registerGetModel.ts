import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import type { ModelService } from '../models/ModelService';
import type { VersionService } from '../versions/VersionService';

const DESCRIPTION = `
Shows one registered model: what it does, whose it is, its tags, where its aliases point (dev, staging
and production say which version runs there), whether it should not be used any more, and its newest
versions with what they measured. get-model-version tells more of one version. Needs the permission
ai-registry.model.read on the model.
`;

/** More are found by their number. */
const MOST_VERSIONS = 20;

export function registerGetModel(options: {
  actionsRegistry: ActionsRegistryService;
  models: ModelService;
  versions: VersionService;
}): void {
  options.actionsRegistry.register({
    name: 'get-model',
    title: 'Show a machine learning model',
    description: DESCRIPTION,
    attributes: { destructive: false, idempotent: true, readOnly: true },
    schema: {
      input: z =>
        z.object({
          model: z.string().describe('Name of the model, e.g. digits'),
        }),
      output: z =>
        z
          .object({
            name: z.string(),
            title: z.string(),
            description: z.string(),
            task: z.string(),
            owner: z.string(),
            versionCount: z.number(),
            versions: z
              .array(
                z
                  .object({
                    version: z.number(),
                    createdAt: z.string(),
                    createdBy: z.string(),
                    servability: z
                      .string()
                      .describe('Whether the data plane can load it'),
                    metrics: z.record(z.string(), z.number()).optional(),
                  })
                  .passthrough(),
              )
              .describe(`The newest first, at most ${MOST_VERSIONS}`),
          })
          .passthrough(),
    },
    async action({ input, credentials }) {
      const { model: name } = input;
      const [model, { items }] = await Promise.all([
        options.models.get(name, { credentials }),
        options.versions.list(
          { model: name, limit: MOST_VERSIONS },
          { credentials },
        ),
      ]);
      return {
        output: {
          ...model,
          versions: items.map(version => ({
            version: version.version,
            description: version.description,
            format: version.format,
            servability: version.servability.state,
            metrics: version.evaluation?.metrics,
            tags: version.tags,
            stage: version.stage,
            aliases: version.aliases,
            deprecation: version.deprecation,
            createdAt: version.createdAt,
            createdBy: version.createdBy,
          })),
        },
      };
    },
  });
}
