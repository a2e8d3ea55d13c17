import type { Config } from '@backstage/config';
import type { Entity } from '@backstage/catalog-model';
import { stringifyEntityRef } from '@backstage/catalog-model';
import { InputError } from '@backstage/errors';
import type { LanguageTask } from '@greenroom/plugin-ai-inference-common';
import { createHash } from 'node:crypto';

/** What other portals call an entity that stands for a server of models. */
export const ENTITY_TYPE_MODEL_SERVER = 'ai-model-server';

/**
 * Kinds that portals know such entities by: Backstage's proposal is a type of `API`, Red Hat Developer
 * Hub has a kind of its own until that is decided. Their fields are the same.
 */
const MODEL_SERVER_KINDS = ['API', 'AiModelServerAPI'] as const;
export type ModelServerKind = (typeof MODEL_SERVER_KINDS)[number];

const KEY = 'aiRegistry.catalog.modelServers';
/** No model's name has a dot. */
const SUFFIX = '.server';
const LONGEST_NAME = 63;
const DIGEST_CHARACTERS = 8;

/** Undefined where there are to be none. */
export function readModelServerKind(
  config: Config,
): ModelServerKind | undefined {
  const wanted = config.getOptionalString(KEY);
  if (wanted === undefined) return undefined;
  const kind = MODEL_SERVER_KINDS.find(one => one === wanted);
  if (!kind) {
    throw new InputError(
      `${KEY} is '${wanted}', expected ${MODEL_SERVER_KINDS.join(
        ' or ',
      )}, or nothing for no such entities`,
    );
  }
  return kind;
}

/** Of a model's server in the namespace of its environment, where the model's API has the model's name. */
export function modelServerName(model: string, kind: ModelServerKind): string {
  if (kind !== 'API') return model;
  if (model.length + SUFFIX.length <= LONGEST_NAME) return `${model}${SUFFIX}`;
  const digest = createHash('sha256').update(model).digest('hex');
  const end = `.${digest.slice(0, DIGEST_CHARACTERS)}${SUFFIX}`;
  return `${model.slice(0, LONGEST_NAME - end.length)}${end}`;
}

/**
 * The same API as other portals write it; undefined while nobody knows where it is reached. What it takes is
 * filled in when the catalog processes it.
 */
export function toModelServerEntity(
  api: Entity,
  options: { kind: ModelServerKind; addresses: string[] },
): Entity | undefined {
  const [serverUrl] = options.addresses;
  if (serverUrl === undefined) return undefined;
  const { metadata, spec } = api;
  return {
    ...api,
    kind: options.kind,
    metadata: {
      ...metadata,
      name: modelServerName(metadata.name, options.kind),
    },
    spec: {
      ...spec,
      type: ENTITY_TYPE_MODEL_SERVER,
      ...serverFacts(metadata.name, serverUrl, []),
      requiresApiKey: true,
      apiEntityRef: stringifyEntityRef(api),
    },
  };
}

/** What says how a model is called in the words of other portals. */
export function serverFacts(
  model: string,
  address: string,
  tasks: readonly LanguageTask[],
) {
  const isLanguage = tasks.length > 0;
  return {
    serverType: isLanguage ? 'openai-v1' : 'open-inference-v2',
    serverUrl: isLanguage ? `${address}/v1` : address,
    models: { discoverable: isLanguage, available: [model], default: model },
  };
}
