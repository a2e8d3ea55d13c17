import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import { InputError } from '@backstage/errors';
import { MODEL_NAME_PATTERN } from '@greenroom/plugin-ai-registry-common';
import type { DeprecationService } from '../deprecations/DeprecationService';

const DEPRECATE = `
Says that a registered model, or one of its versions, should not be used any more: why, until when it
answers, and what to call instead. All callers are told with each answer, and owners of keys for it are
notified. Nothing is switched off by itself. Once more, it changes what is said; what is left out then is
not said any more. Needs the permission ai-registry.model.update on the model.
`;

const WITHDRAW = `
Takes the deprecation of a registered model, or of one of its versions, back: it may be used as before,
and owners of keys for it are notified. Needs the permission ai-registry.model.update on the model.
`;

/** Deprecating and its way back; the service asks for permission. */
export function registerDeprecations(options: {
  actionsRegistry: ActionsRegistryService;
  deprecations: DeprecationService;
}): void {
  const { actionsRegistry, deprecations } = options;
  actionsRegistry.register({
    name: 'deprecate-model',
    title: 'Deprecate a machine learning model, or one of its versions',
    description: DEPRECATE,
    attributes: { destructive: true, idempotent: true, readOnly: false },
    schema: {
      input: z =>
        z.object({
          model: z
            .string()
            .regex(MODEL_NAME_PATTERN)
            .describe('Name of the model, e.g. digits'),
          version: z
            .number()
            .int()
            .min(1)
            .optional()
            .describe('Version number; the model as a whole when left out'),
          message: z
            .string()
            .min(1)
            .max(2_000)
            .describe('Why, and what callers have to do; they read it'),
          sunsetAt: z
            .string()
            .max(40)
            .optional()
            .describe(
              'When it may stop answering, ISO 8601, e.g. 2027-01-31T00:00:00Z',
            ),
          replacementModel: z
            .string()
            .regex(MODEL_NAME_PATTERN)
            .optional()
            .describe('Name of the model to use instead'),
          replacementVersion: z
            .number()
            .int()
            .min(1)
            .optional()
            .describe(
              'Version of it that callers are to name; whichever answers when left out',
            ),
        }),
      output: z =>
        z.object({
          since: z.string(),
          sunsetAt: z.string().optional(),
          message: z.string(),
          deprecatedBy: z.string(),
        }),
    },
    async action({ input, credentials }) {
      const { model, version, message, sunsetAt } = input;
      const { replacementModel, replacementVersion } = input;
      if (replacementVersion !== undefined && replacementModel === undefined) {
        throw new InputError(
          'replacementVersion: expected replacementModel beside it, the model whose version it is',
        );
      }
      const said = await deprecations.put(
        { model, ...(version !== undefined && { version }) },
        {
          message,
          ...(sunsetAt !== undefined && { sunsetAt }),
          ...(replacementModel !== undefined && {
            replacement: {
              model: replacementModel,
              ...(replacementVersion !== undefined && {
                version: replacementVersion,
              }),
            },
          }),
        },
        { credentials },
      );
      return {
        output: {
          since: said.since,
          ...(said.sunsetAt !== undefined && { sunsetAt: said.sunsetAt }),
          message: said.message,
          deprecatedBy: said.deprecatedBy,
        },
      };
    },
  });

  actionsRegistry.register({
    name: 'withdraw-deprecation',
    title:
      'Take the deprecation of a machine learning model, or of one of its versions, back',
    description: WITHDRAW,
    attributes: { destructive: false, idempotent: false, readOnly: false },
    schema: {
      input: z =>
        z.object({
          model: z
            .string()
            .regex(MODEL_NAME_PATTERN)
            .describe('Name of the model, e.g. digits'),
          version: z
            .number()
            .int()
            .min(1)
            .optional()
            .describe('Version number; the model as a whole when left out'),
        }),
      output: z => z.object({ withdrawn: z.boolean() }),
    },
    async action({ input: { model, version }, credentials }) {
      await deprecations.withdraw(
        { model, ...(version !== undefined && { version }) },
        { credentials },
      );
      return { output: { withdrawn: true } };
    },
  });
}
