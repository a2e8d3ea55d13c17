import type {
  MlflowFacts,
  MlflowFlavor,
  Signature,
} from '@greenroom/plugin-ai-registry-common';
import { BundleError } from '@greenroom/bundle-file';
import { parseDocument } from 'yaml';
import { readMlflowSignature } from './readMlflowSignature';

/** Says what a folder of MLflow is; lies at its root. */
export const MLMODEL_FILE = 'MLmodel';
/** A signature of thousands of columns stays far below. */
export const MAX_MLMODEL_BYTES = 4 * 1024 * 1024;

const MAX_FLAVORS = 50;
const MAX_FACTS = 50;
const MAX_FACT_CHARACTERS = 500;

/** What `MLmodel` says; nothing of it is carried out. */
export interface Mlmodel {
  facts: MlflowFacts;
  /** Undefined where it has none, or one that tensors cannot say. */
  signature?: Signature;
  /** Path of the file that MLflow's flavor `onnx` loads. */
  onnxFile?: string;
}

/** @throws BundleError when it is not one */
export function readMlmodel(text: string): Mlmodel {
  const document = parseDocument(text, {
    // Tags of Python stay what they are: marks that nobody follows.
    logLevel: 'silent',
    schema: 'core',
  });
  const [error] = document.errors;
  if (error) {
    throw new BundleError(`${MLMODEL_FILE} is no YAML: ${error.message}`);
  }
  const value = toValue(document);
  const flavors = isRecord(value) ? value.flavors : undefined;
  if (!isRecord(value) || !isRecord(flavors)) {
    throw new BundleError(
      `${MLMODEL_FILE} names no flavors: expected the file that MLflow writes beside a model`,
    );
  }
  const { signature, problem } = readMlflowSignature(value.signature);
  return {
    facts: {
      flavors: Object.entries(flavors).slice(0, MAX_FLAVORS).map(toFlavor),
      ...textOf('mlflowVersion', value.mlflow_version),
      ...textOf('run', value.run_id),
      ...textOf('modelId', value.model_id),
      ...textOf('createdAt', value.utc_time_created),
      ...(problem !== undefined && { signatureProblem: problem }),
    },
    ...(signature && { signature }),
    ...onnxFileOf(flavors.onnx),
  };
}

function toValue(document: ReturnType<typeof parseDocument>): unknown {
  try {
    return document.toJS({ maxAliasCount: 1_000 });
  } catch (error) {
    throw new BundleError(
      `${MLMODEL_FILE} cannot be read: ${(error as Error).message}`,
    );
  }
}

function toFlavor([name, said]: [string, unknown]): MlflowFlavor {
  const facts = Object.entries(isRecord(said) ? said : {})
    .filter(([, value]) => isPlain(value))
    .slice(0, MAX_FACTS)
    .map(([key, value]) => [key, String(value).slice(0, MAX_FACT_CHARACTERS)]);
  return { name, facts: Object.fromEntries(facts) };
}

function onnxFileOf(flavor: unknown): Pick<Mlmodel, 'onnxFile'> {
  return isRecord(flavor) && typeof flavor.data === 'string'
    ? { onnxFile: flavor.data }
    : {};
}

function textOf<Field extends string>(
  field: Field,
  value: unknown,
): { [field in Field]?: string } {
  return isPlain(value)
    ? ({ [field]: String(value).slice(0, MAX_FACT_CHARACTERS) } as {
        [field in Field]?: string;
      })
    : {};
}

function isPlain(value: unknown): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
