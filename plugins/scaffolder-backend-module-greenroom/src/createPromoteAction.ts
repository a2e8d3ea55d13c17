import type {
  AuthService,
  DiscoveryService,
} from '@backstage/backend-plugin-api';
import { createTemplateAction } from '@backstage/plugin-scaffolder-node';
import { AiRegistryClient } from '@greenroom/plugin-ai-registry-common';

/**
 * `greenroom:promote`: opens a promotion in the name of whoever uses the template, who needs the
 * same permission as on the page of the model.
 */
export function createPromoteAction(options: {
  auth: AuthService;
  discovery: DiscoveryService;
}) {
  const { auth, discovery } = options;
  const registry = new AiRegistryClient({ discoveryApi: discovery });
  return createTemplateAction({
    id: 'greenroom:promote',
    description:
      'Opens a promotion of a version of a model, in the name of whoever uses the template.',
    examples: [
      {
        description: 'Promote version 3 of digits to staging',
        example: `steps:
  - id: promote
    name: Promote
    action: greenroom:promote
    input:
      model: digits
      version: 3
      environment: staging
      reason: It reads sevens better
`,
      },
    ],
    schema: {
      input: {
        model: z => z.string().min(1).describe('Name of the model'),
        version: z => z.number().int().min(1).describe('Number of the version'),
        environment: z => z.string().min(1).describe('Name of the environment'),
        reason: z => z.string().min(1).describe('Why, for those who review it'),
      },
      output: {
        promotion: z => z.string().describe('Id of the promotion'),
        page: z =>
          z.string().describe('Address of its page, within the portal'),
      },
    },
    async handler(ctx) {
      const { model, version, environment, reason } = ctx.input;
      const { token } = await auth.getPluginRequestToken({
        onBehalfOf: await ctx.getInitiatorCredentials(),
        targetPluginId: 'ai-registry',
      });
      // A task that was interrupted and goes on opens no second one.
      const id = await ctx.checkpoint({
        key: `promote.${environment}.${model}.${version}`,
        fn: async () => {
          const promotion = await registry.promote(
            { model, version, environment, reason },
            { token, signal: ctx.signal },
          );
          return promotion.id;
        },
      });
      ctx.logger.info(
        `Opened the promotion ${id} of ${model} version ${version} to ${environment}`,
      );
      ctx.output('promotion', id);
      ctx.output('page', `/ai-registry/promotions/${id}`);
    },
  });
}
