import {
  DEFAULT_EXACT_GROUPS,
  exactShapley,
  gridSegments,
  groupsOfSegments,
  kernelShap,
  MAX_EXACT_GROUPS,
  occlusion,
  permutationShapley,
  type Predict,
} from '@greenroom/ml-kit';
import type { ModelSchema } from '../domain/tensor';
import type { FeatureTable } from './FeatureTable';
import { invalid } from './invalid';
import { explainLinearly, explainText } from './lime';
import type { ExplainMethod, ExplainSettings } from './settings';

/** What a part of the input is worth, in the unit of what is explained. */
export interface Attribution {
  value: number;
  /** What another seed would change; 0 where nothing is drawn. */
  standardError: number;
}

/** Why a version answers a row as it does. */
export interface RowExplanation {
  method: Exclude<ExplainMethod, 'auto'>;
  baseValue: number;
  prediction: number;
  /** In the order of the features, the patches row by row, or the words. */
  attributions: Attribution[];
  /** What the attributions are of. */
  parts:
    | { kind: 'features' }
    | { kind: 'patches'; rows: number; columns: number }
    | { kind: 'words'; words: string[] };
  /** How far base value and attributions are from the prediction; absent for linear models around the row. */
  additivityError?: number;
  /** Of a linear model around the row: how much of what happens there it explains, 0 to 1. */
  fit?: number;
  /** Of a linear model around the row: how alike the most important parts are for five seeds, 0 to 1. */
  stability?: number;
}

export interface ExplainOptions {
  table: FeatureTable;
  schema: ModelSchema;
  instance: Float64Array;
  background: Float64Array[];
  settings: ExplainSettings;
  /** Rows that the model may be asked for. */
  maxEvaluations: number;
  /** Of rows of features. */
  predict: Predict;
  /** Of the text in the place of the feature, with what is there otherwise. */
  predictTexts(feature: number, texts: string[]): Promise<ArrayLike<number>>;
  signal: AbortSignal;
}

const DEFAULT_GRID = 8;

/**
 * Explains one answer by the method that is asked for. `auto`: of an image what each patch is
 * worth, of a text its words, of anything else Shapley values, exact for up to 12 features that
 * differ from the background and as many as the budget allows.
 *
 * @throws InferenceError `invalid` where the method does not fit the version or the budget
 */
export async function explainRow(
  options: ExplainOptions,
): Promise<RowExplanation> {
  const { method } = options.settings;
  const texts = options.table.features.flatMap(({ datatype }, at) =>
    datatype === 'BYTES' ? at : [],
  );
  const isText = texts.length === 1 && options.table.features.length === 1;
  if (method === 'lime' || (method === 'auto' && isText)) {
    return isText ? explainText(options, texts[0]) : explainLinearly(options);
  }
  const parts = partsOf(options);
  const groups =
    parts.kind === 'patches' ? patchesOf(options, parts) : undefined;
  const game = { ...options, groups };
  const chosen = chooseMethod(options, groups?.length);
  const result = await run(chosen, game);
  return {
    method: chosen,
    parts,
    baseValue: result.baseValue,
    prediction: result.prediction,
    attributions: result.values.map((value, at) => ({
      value,
      standardError: result.standardErrors[at],
    })),
    additivityError: result.additivityError,
  };
}

type GameMethod = 'exact' | 'permutation' | 'kernel' | 'occlusion';

function run(
  method: GameMethod,
  options: ExplainOptions & { groups: number[][] | undefined },
) {
  const { background, maxEvaluations, settings } = options;
  const { seed } = settings;
  const count = options.groups?.length ?? options.instance.length;
  switch (method) {
    case 'exact':
      return exactShapley(options);
    case 'occlusion':
      return occlusion(options);
    case 'kernel':
      return kernelShap({
        ...options,
        seed,
        coalitions: Math.max(
          2 * count,
          Math.min(2_048, Math.floor(maxEvaluations / background.length) - 2),
        ),
      });
    default:
      return permutationShapley({
        ...options,
        seed,
        maxPairs: Math.max(
          2,
          Math.floor(
            maxEvaluations / (2 * Math.max(1, count - 1) * background.length),
          ),
        ),
      });
  }
}

/** @throws InferenceError `invalid` when it would ask for more rows than the budget */
function chooseMethod(
  { settings, instance, background, maxEvaluations, schema }: ExplainOptions,
  patches: number | undefined,
): GameMethod {
  const count = patches ?? instance.length;
  const rows = background.length;
  const exactRows = 2 ** count * rows;
  const method =
    settings.method === 'auto' || settings.method === 'lime'
      ? automatic()
      : settings.method;
  const needed: Record<GameMethod, number> = {
    exact: exactRows,
    occlusion: (count + 2) * rows,
    kernel: (2 * count + 2) * rows,
    permutation: 4 * count * rows,
  };
  if (method === 'exact' && count > MAX_EXACT_GROUPS) {
    throw invalid(
      `"explain.method": exact values are for up to ${MAX_EXACT_GROUPS} features or patches, and there are ${count}: choose permutation or kernel, or a coarser grid`,
    );
  }
  if (needed[method] > maxEvaluations) {
    throw invalid(
      `"explain.method": ${method} takes ${needed[method]} rows of the model, more than the ${maxEvaluations} that may be asked for: take fewer background_rows, a coarser grid, or another method`,
    );
  }
  return method;

  function automatic(): GameMethod {
    if (schema.image) return 'occlusion';
    return count <= DEFAULT_EXACT_GROUPS && exactRows <= maxEvaluations
      ? 'exact'
      : 'permutation';
  }
}

function partsOf({ schema, settings, table }: ExplainOptions) {
  const { image } = schema;
  if (!image || table.features.length !== image.width * image.height) {
    if (settings.grid) {
      throw invalid(
        '"explain.grid" is for images, and the schema of this version describes none: leave it out',
      );
    }
    return { kind: 'features' } as const;
  }
  const [rows, columns] = settings.grid ?? [
    Math.min(DEFAULT_GRID, image.height),
    Math.min(DEFAULT_GRID, image.width),
  ];
  if (rows > image.height || columns > image.width) {
    throw invalid(
      `"explain.grid" is ${rows} x ${columns}, finer than the ${image.height} x ${image.width} pixels`,
    );
  }
  return { kind: 'patches', rows, columns } as const;
}

function patchesOf(
  { schema }: ExplainOptions,
  { rows, columns }: { rows: number; columns: number },
): number[][] {
  const { width = 1, height = 1 } = schema.image ?? {};
  return groupsOfSegments(gridSegments({ width, height, rows, columns }));
}
