import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import {
  MODEL_NAME_PATTERN,
  type PromotionState,
} from '@greenroom/plugin-ai-registry-common';
import type { PortalPages } from '@greenroom/ai-node';
import type { PromotionService } from '../promotion/PromotionService';

const REQUEST = `
Asks for a version of a registered model to run in an environment: opens a change request with gates,
such as a trial load and a comparison with what runs there now. It runs only after the gates have passed
and a person has approved; nothing is switched by asking. An older open request for the same place is
closed. list-promotions tells how it goes on. Needs the permission ai-registry.model.promote on
<environment>/<model>.
`;

const LIST = `
Lists promotions, the newest first: of each the version, the environment, its phase, what it waits for, and
its gates with their results in a sentence each. Promotions of models that the caller may not read are left
out (ai-registry.model.read).
`;

/** Asking for promotions and following them; approving is for people, in the portal or on the Git host. */
export function registerPromotions(options: {
  actionsRegistry: ActionsRegistryService;
  promotions: Pick<PromotionService, 'promote' | 'list'>;
  pages: Pick<PortalPages, 'promotion'>;
}): void {
  const { actionsRegistry, promotions, pages } = options;
  actionsRegistry.register({
    name: 'request-promotion',
    title: 'Request that a version of a model runs in an environment',
    description: REQUEST,
    attributes: { destructive: false, idempotent: false, readOnly: false },
    schema: {
      input: z =>
        z.object({
          model: z
            .string()
            .regex(MODEL_NAME_PATTERN)
            .describe('Name of the model, e.g. digits'),
          version: z.number().int().min(1).describe('Version that is to run'),
          environment: z
            .string()
            .min(1)
            .max(40)
            .describe('Where, for example staging'),
          reason: z
            .string()
            .trim()
            .min(1)
            .max(2_000)
            .describe('Why, for those who review it'),
        }),
      output: z =>
        z.object({
          id: z.string(),
          phase: z.string(),
          page: z.string().describe('Path in the portal, for who reviews it'),
        }),
    },
    async action({ input, credentials }) {
      const { model, version, environment, reason } = input;
      const { id, state } = await promotions.promote(
        { model, version, environment, reason },
        { credentials },
      );
      return {
        output: { id, phase: state.phase, page: pages.promotion(id) },
      };
    },
  });

  actionsRegistry.register({
    name: 'list-promotions',
    title: 'List promotions of machine learning models',
    description: LIST,
    attributes: { destructive: false, idempotent: true, readOnly: true },
    schema: {
      input: z =>
        z.object({
          model: z.string().optional().describe('Only of this model'),
          environment: z.string().optional().describe('Only to this one'),
          open: z
            .boolean()
            .optional()
            .describe('true: only those that go on; false: only ended ones'),
          limit: z
            .number()
            .int()
            .min(1)
            .max(20)
            .default(5)
            .describe('Most promotions in the answer'),
        }),
      output: z =>
        z.object({
          promotions: z.array(
            z.object({
              id: z.string(),
              kind: z.string(),
              model: z.string(),
              version: z.number(),
              environment: z.string(),
              phase: z.string(),
              note: z.string().optional().describe('What holds or ended it'),
              requestedBy: z.string(),
              createdAt: z.string(),
              gates: z.array(
                z.object({
                  title: z.string(),
                  status: z.string(),
                  summary: z.string(),
                }),
              ),
              page: z.string().describe('Path in the portal'),
            }),
          ),
        }),
    },
    async action({ input, credentials }) {
      const found = await promotions.list(input, { credentials });
      return {
        output: {
          promotions: found.map(promotion => ({
            id: promotion.id,
            kind: promotion.kind,
            model: promotion.model,
            version: promotion.version,
            environment: promotion.environment,
            phase: promotion.state.phase,
            note: noteOf(promotion.state),
            requestedBy: promotion.requestedBy,
            createdAt: promotion.createdAt,
            gates: promotion.gates.map(({ title, status, summary }) => ({
              title,
              status,
              summary,
            })),
            page: pages.promotion(promotion.id),
          })),
        },
      };
    },
  });
}

/** What holds it up, or how it ended; undefined where the phase says it all. */
function noteOf(state: PromotionState): string | undefined {
  switch (state.phase) {
    case 'rolling-out':
      return state.waitingFor;
    case 'completed':
      return state.outcome.note;
    case 'closed':
      return state.reason;
    case 'failed':
      return state.error;
    default:
      return undefined;
  }
}
