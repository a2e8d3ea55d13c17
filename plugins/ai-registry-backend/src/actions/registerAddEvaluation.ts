import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import { InputError } from '@backstage/errors';
import {
  type Digest,
  MODEL_NAME_PATTERN,
} from '@greenroom/plugin-ai-registry-common';
import type { DatasetService } from '../datasets/DatasetService';
import type { CallOptions } from '../models/ModelService';
import type { VersionService } from '../versions/VersionService';

const DESCRIPTION = `
Adds to a version of a registered model what was measured of it: metrics on a dataset, and which of them
decides. Nothing is replaced: a version keeps up to 100 evaluations, and comparisons and the gates of
promotions use the newest. Of a registered dataset its name and version are enough (list-datasets); of
another one say its digest and number of rows: two versions are compared where the digest is equal.
Needs the permission ai-registry.model.update on the model.
`;

/** As the API of the registry has it. */
const MOST_METRICS = 200;

interface DatasetInput {
  dataset: string;
  datasetVersion?: number;
  datasetDigest?: string;
  rows?: number;
}

export function registerAddEvaluation(options: {
  actionsRegistry: ActionsRegistryService;
  versions: VersionService;
  datasets: DatasetService;
}): void {
  options.actionsRegistry.register({
    name: 'add-evaluation',
    title: 'Log an evaluation to a version of a machine learning model',
    description: DESCRIPTION,
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
            .describe('Version that was measured'),
          dataset: z
            .string()
            .min(1)
            .max(200)
            .describe('Name of the dataset that it was measured on'),
          datasetVersion: z
            .number()
            .int()
            .min(1)
            .optional()
            .describe('Version of a registered dataset'),
          datasetDigest: z
            .string()
            .regex(/^sha256:[0-9a-f]{64}$/)
            .optional()
            .describe(
              'Of a dataset that is not registered: sha256: and 64 hexadecimal digits of its content',
            ),
          rows: z
            .number()
            .int()
            .min(1)
            .optional()
            .describe(
              'Number of rows of a dataset that is not registered, or whose number is not known',
            ),
          metrics: z
            .record(z.string().min(1).max(200), z.number())
            .describe(
              `What was measured, by name, e.g. {"accuracy": 0.97}; 1 to ${MOST_METRICS}`,
            ),
          primaryMetric: z
            .string()
            .describe('Name of the metric that decides, one of metrics'),
          higherIsBetter: z
            .boolean()
            .describe('Of the metric that decides; false for an error'),
        }),
      output: z =>
        z.object({
          id: z.string(),
          addedAt: z.string(),
          datasetDigest: z.string(),
          rows: z.number(),
        }),
    },
    async action({ input, credentials }) {
      const { model, version, metrics, primaryMetric, higherIsBetter } = input;
      const count = Object.keys(metrics).length;
      if (count < 1 || count > MOST_METRICS) {
        throw new InputError(
          `metrics: expected 1 to ${MOST_METRICS}, got ${count}`,
        );
      }
      const dataset = await datasetOf(input, options.datasets, { credentials });
      const { id, addedAt } = await options.versions.addEvaluation(
        { model, version },
        {
          dataset,
          metrics,
          primary: { name: primaryMetric, higherIsBetter },
        },
        { credentials },
      );
      return {
        output: {
          id,
          addedAt,
          datasetDigest: dataset.digest,
          rows: dataset.rows,
        },
      };
    },
  });
}

/** @throws InputError that names the field that is missing, or is one too many */
async function datasetOf(
  input: DatasetInput,
  datasets: Pick<DatasetService, 'getVersion'>,
  options: CallOptions,
): Promise<{ name: string; digest: Digest; rows: number }> {
  const { dataset: name, datasetVersion, datasetDigest } = input;
  if (datasetVersion === undefined) {
    if (datasetDigest === undefined || input.rows === undefined) {
      throw new InputError(
        'datasetVersion: expected the version of a registered dataset, or datasetDigest and rows of another one',
      );
    }
    return { name, digest: datasetDigest as Digest, rows: input.rows };
  }
  if (datasetDigest !== undefined) {
    throw new InputError(
      'datasetDigest: expected nothing beside datasetVersion, whose digest the registry knows',
    );
  }
  const { digest, rows = input.rows } = await datasets.getVersion(
    { dataset: name, version: datasetVersion },
    options,
  );
  if (rows === undefined) {
    throw new InputError(
      `rows: expected the number of rows, since nobody has said it of version ${datasetVersion} of '${name}'`,
    );
  }
  if (input.rows !== undefined && input.rows !== rows) {
    throw new InputError(
      `rows: version ${datasetVersion} of '${name}' has ${rows}, got ${input.rows}: leave it out`,
    );
  }
  return { name, digest, rows };
}
