import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import type { Conversion } from '@greenroom/plugin-ai-training-common';
import type { ConversionService } from '../conversions/ConversionService';
import { shorten } from './describeRun';

const CONVERT = `
Has a version that MLflow has logged (flavors sklearn, xgboost, lightgbm) become a new version of the same model in ONNX, which can be
served. A training job of the model's owner does it, and registers nothing unless both predict the same on the version's
input example. Asked again while it goes on, the same is told: ask until it is converted or failed, some seconds apart. One that
failed is begun again by asking; look first whether the reason is still there. Needs the permissions ai-registry.model.update on the model
and ai-training.job.submit on onnx.<model>.
`;

const SHOW = `
How the last conversion of a version to ONNX goes or has ended: which version it made, or why none. Changes nothing.
`;

/** An action comes with no token of the caller's: people are acted for, and programs are refused. */
const NO_TOKEN = { headers: {} };

/** Having versions of MLflow converted to ONNX. */
export function registerConversions(options: {
  actionsRegistry: ActionsRegistryService;
  conversions: ConversionService;
}): void {
  const { actionsRegistry, conversions } = options;

  actionsRegistry.register({
    name: 'convert-version-to-onnx',
    title: 'Convert a version to ONNX',
    description: CONVERT,
    attributes: { destructive: false, idempotent: true, readOnly: false },
    schema: {
      input: z =>
        z.object({
          model: z.string().min(1).describe('Name of the model'),
          version: z.number().int().min(1).describe('Logged by MLflow'),
          allowOtherVersions: z
            .boolean()
            .optional()
            .describe(
              'Whether another version of its library may read it; it may then be another model, which the comparison of the predictions shows only in part',
            ),
        }),
      output: z => conversionOutput(z),
    },
    async action({ input, credentials }) {
      const { model, version, allowOtherVersions } = input;
      const conversion = await conversions.start(
        { model, version },
        { allowOtherVersions },
        { credentials, req: NO_TOKEN },
      );
      return { output: describe(conversion) };
    },
  });

  actionsRegistry.register({
    name: 'show-conversion',
    title: 'Show a conversion to ONNX',
    description: SHOW,
    attributes: { destructive: false, idempotent: true, readOnly: true },
    schema: {
      input: z =>
        z.object({
          model: z.string().min(1).describe('Name of the model'),
          version: z.number().int().min(1).describe('Logged by MLflow'),
        }),
      output: z => conversionOutput(z),
    },
    async action({ input, credentials }) {
      const found = await conversions.find(input, {
        credentials,
        req: NO_TOKEN,
      });
      return {
        output: found
          ? describe(found)
          : { phase: 'none', says: 'nobody has had it converted' },
      };
    },
  });
}

function describe({ job, requestedBy, requestedAt, state }: Conversion) {
  return {
    phase: state.phase,
    says: shorten(tell(state)),
    job,
    requestedBy,
    requestedAt,
    ...(state.phase === 'converted' && { made: state.made }),
  };
}

function tell(state: Conversion['state']): string {
  switch (state.phase) {
    case 'converting':
      return 'its job waits or runs; show-training-job says more';
    case 'converted':
      return state.made === undefined
        ? 'the version that it made was deleted'
        : `it is version ${state.made} in ONNX`;
    case 'failed':
      return state.reason;
    default:
      return `${state.by} cancelled it`;
  }
}

type Zod = Parameters<
  Parameters<ActionsRegistryService['register']>[0]['schema']['output']
>[0];

function conversionOutput(z: Zod) {
  return z.object({ phase: z.string(), says: z.string() }).passthrough();
}
