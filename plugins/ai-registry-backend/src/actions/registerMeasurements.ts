import type { ActionsRegistryService } from '@backstage/backend-plugin-api/alpha';
import {
  type Measurement,
  MODEL_NAME_PATTERN,
} from '@greenroom/plugin-ai-registry-common';
import type { MeasurementService } from '../measurements/MeasurementService';

const MEASURE = `
Has a version of a registered model answer the rows of a dataset version, apart from everything else, and
computes metrics of what it says: they are not believed, but found out. The result is added to the version as an
evaluation. It takes from seconds to minutes: ask get-measurement for it with the id that is returned.
Only for models with a signature and a schema (ONNX), on at most 50000 rows that are kept in the portal.
Needs the permission ai-registry.model.update on the model, and ai-registry.dataset.download on the dataset.
`;

const GET = `
How far a measurement of a model version is, and what it has found: metrics with 95 % intervals, slices,
what is to be known of it (remarks), and the comparison with what runs in an environment where that was asked for.
`;

/** Agents measure versions, as people do. */
export function registerMeasurements(options: {
  actionsRegistry: ActionsRegistryService;
  measurements: MeasurementService;
}): void {
  const { actionsRegistry, measurements } = options;
  actionsRegistry.register({
    name: 'measure-version',
    title: 'Measure a version of a machine learning model on a dataset',
    description: MEASURE,
    attributes: { destructive: false, idempotent: false, readOnly: false },
    schema: {
      input: z =>
        z.object({
          model: z
            .string()
            .regex(MODEL_NAME_PATTERN)
            .describe('Name of the model, e.g. digits'),
          version: z.number().int().min(1).describe('Number of the version'),
          dataset: z.string().min(1).max(63).describe('Name of the dataset'),
          datasetVersion: z
            .number()
            .int()
            .min(1)
            .describe('Number of its version'),
          target: z.string().min(1).max(200).describe('Column with the truth'),
          features: z
            .record(z.string(), z.string())
            .optional()
            .describe(
              'Columns by the names of the features, where they are called otherwise',
            ),
          slices: z
            .array(z.string())
            .max(4)
            .optional()
            .describe('Columns each of whose values is looked at apart'),
          protected: z
            .string()
            .optional()
            .describe(
              'Column of the groups that a classifier must treat alike',
            ),
          positive: z
            .string()
            .optional()
            .describe('The class that counts as being selected'),
          compareWith: z
            .string()
            .optional()
            .describe(
              'Environment whose running version is measured with the same',
            ),
        }),
      output: z => z.object({ measurement: z.string(), phase: z.string() }),
    },
    async action({ input, credentials }) {
      const { model, version, dataset, datasetVersion, ...asked } = input;
      const { id, state } = await measurements.create(
        { model, version },
        { ...asked, dataset: { name: dataset, version: datasetVersion } },
        { credentials },
      );
      return { output: { measurement: id, phase: state.phase } };
    },
  });

  actionsRegistry.register({
    name: 'get-measurement',
    title: 'Look at a measurement of a machine learning model',
    description: GET,
    attributes: { destructive: false, idempotent: true, readOnly: true },
    schema: {
      input: z =>
        z.object({
          measurement: z.string().uuid().describe('Id of the measurement'),
        }),
      output: z =>
        z.object({
          model: z.string(),
          version: z.number(),
          phase: z.string(),
          done: z
            .number()
            .optional()
            .describe('Rows that were answered by now'),
          of: z.number().optional().describe('Rows in all'),
          reason: z.string().optional().describe('Why it failed'),
          rows: z.number().optional().describe('Rows with a truth'),
          metrics: z
            .array(
              z.object({
                name: z.string(),
                value: z.number(),
                interval: z.array(z.number()).optional(),
                higherIsBetter: z.boolean(),
              }),
            )
            .optional(),
          slices: z
            .array(
              z.object({
                name: z.string(),
                rows: z.number(),
                value: z.number().optional(),
                interval: z.array(z.number()).optional(),
                few: z.boolean(),
              }),
            )
            .optional(),
          remarks: z.array(z.string()).optional(),
          comparison: z
            .object({
              environment: z.string(),
              version: z.number().optional(),
              improvement: z.number().optional(),
              interval: z.array(z.number()).optional(),
              missing: z.string().optional(),
            })
            .optional(),
        }),
    },
    async action({ input, credentials }) {
      const found = await measurements.get(input.measurement, { credentials });
      return { output: outputOf(found) };
    },
  });
}

function outputOf({ model, version, state, comparison }: Measurement) {
  const place = { model, version, phase: state.phase };
  if (state.phase === 'running') {
    return { ...place, done: state.done, of: state.of };
  }
  if (state.phase === 'failed') return { ...place, reason: state.reason };
  if (state.phase !== 'done') return place;
  const { rows, metrics, slices, remarks } = state.result;
  const paired = comparison?.paired;
  return {
    ...place,
    rows,
    metrics,
    slices: slices.map(({ column: _column, ...slice }) => slice),
    remarks,
    ...(comparison && {
      comparison: {
        environment: comparison.environment,
        version: comparison.version,
        ...(paired && {
          improvement: paired.improvement,
          interval: paired.interval,
        }),
        ...(comparison.missing && { missing: comparison.missing }),
      },
    }),
  };
}
