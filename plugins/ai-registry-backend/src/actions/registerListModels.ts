import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import type { ModelService } from '../models/ModelService';

const DESCRIPTION = `
Lists the machine learning models that are registered, with their owner, task, tags, newest version
and aliases. The aliases dev, staging and production say which version runs in that environment.
Results come in pages: pass nextCursor back as cursor for the next one.
`;

export function registerListModels(options: {
  actionsRegistry: ActionsRegistryService;
  models: ModelService;
}): void {
  options.actionsRegistry.register({
    name: 'list-models',
    title: 'List machine learning models',
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
          tags: z
            .array(z.string().max(500))
            .max(20)
            .optional()
            .describe(
              'Pairs key=value that must all be there, e.g. domain=vision',
            ),
          licence: z
            .string()
            .max(200)
            .optional()
            .describe(
              'Licence of the newest version, in any case, e.g. apache-2.0',
            ),
          limit: z
            .number()
            .int()
            .min(1)
            .max(100)
            .default(20)
            .describe('Most models on the page'),
          cursor: z.string().optional().describe('nextCursor of the last page'),
        }),
      output: z =>
        z.object({
          models: z.array(
            z.object({
              name: z.string(),
              title: z.string(),
              description: z.string(),
              task: z.string(),
              owner: z.string(),
              tags: z.record(z.string(), z.string()),
              licence: z.string().optional(),
              latestVersion: z.number().optional(),
              deprecation: z
                .object({
                  message: z.string(),
                  sunsetAt: z.string().optional(),
                })
                .optional()
                .describe('It should not be used any more'),
              aliases: z.array(
                z.object({ alias: z.string(), version: z.number() }),
              ),
            }),
          ),
          totalModels: z.number(),
          nextCursor: z.string().optional(),
        }),
    },
    async action({ input, credentials }) {
      const page = await options.models.list(input, { credentials });
      return {
        output: {
          models: page.items.map(model => ({
            name: model.name,
            title: model.title,
            description: model.description,
            task: model.task,
            owner: model.owner,
            tags: model.tags,
            licence: model.licence,
            latestVersion: model.latestVersion,
            deprecation: model.deprecation && {
              message: model.deprecation.message,
              sunsetAt: model.deprecation.sunsetAt,
            },
            aliases: model.aliases,
          })),
          totalModels: page.totalItems,
          nextCursor: page.nextCursor,
        },
      };
    },
  });
}
