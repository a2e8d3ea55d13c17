import type { BaselineProfile } from '@greenroom/ml-kit';
import type {
  ModelSchema,
  ModelVersionDetail,
  Signature,
} from '@greenroom/plugin-ai-registry-common';
import type { InferRequest } from '../openInference';
import type { LanguageTask } from '../language';
import { exampleRequest } from './exampleRequest';

/** Names of the places of an output's last dimension are told up to so many. */
const MOST_LABELS = 100;
/** Columns of an input are described up to so many. */
const MOST_FEATURES = 100;

/** What callers have to know of a version; it never changes, as the version does not. */
export interface VersionContract {
  /** What it takes and gives as tensors; undefined for one that takes texts alone. */
  signature?: Signature;
  /** What the first columns of its inputs mean, and what it answers. */
  schema?: Pick<ModelSchema, 'task' | 'features' | 'prediction'>;
  /** Columns that have a name, those of `schema` among them. */
  featureCount: number;
  /** What it can be asked for in OpenAI's words. */
  tasks: LanguageTask[];
  /** A request that it answers; undefined where that would be too long, or has no form in JSON. */
  example?: InferRequest;
}

/**
 * What callers have to know of a version, of a size that does not depend on the model.
 *
 * @param options.embeds - whether it embeds texts by itself, which its files say
 */
export function toContract(
  version: Pick<ModelVersionDetail, 'signature' | 'schema' | 'external'> & {
    baseline?: BaselineProfile;
  },
  options: { embeds: boolean },
): VersionContract {
  const { signature, schema, external, baseline } = version;
  const example = signature && exampleRequest({ signature, schema, baseline });
  return {
    ...(signature && { signature: withFewLabels(signature) }),
    ...(schema && { schema: withFewFeatures(schema) }),
    featureCount: schema?.features.length ?? 0,
    tasks: options.embeds ? ['embeddings'] : external?.tasks ?? [],
    ...(example && { example }),
  };
}

function withFewLabels({ inputs, outputs }: Signature): Signature {
  return {
    inputs,
    outputs: outputs.map(({ labels, ...output }) =>
      labels && labels.length <= MOST_LABELS ? { ...output, labels } : output,
    ),
  };
}

function withFewFeatures(
  schema: ModelSchema,
): NonNullable<VersionContract['schema']> {
  const { labels, codes: _codes, ...prediction } = schema.prediction;
  return {
    task: schema.task,
    features: schema.features.slice(0, MOST_FEATURES),
    prediction: {
      ...prediction,
      ...(labels && labels.length <= MOST_LABELS && { labels }),
    },
  };
}
