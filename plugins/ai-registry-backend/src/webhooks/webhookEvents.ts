import type { Change } from '@greenroom/ai-node';
import type {
  Model,
  ModelVersion,
  WebhookEvent,
} from '@greenroom/plugin-ai-registry-common';

/** Something that hooks are told of. */
export interface Happening {
  event: WebhookEvent;
  /** The registry's own name of the model. */
  model: string;
  /** Without the model's `name`, which is what MLflow calls it. */
  data: Record<string, unknown>;
}

type Recorded = Pick<
  Change<object>,
  'action' | 'model' | 'subject' | 'before' | 'after'
>;

/** What MLflow's own server tells of a version, apart from the model's name. */
type SaidOfVersion = Pick<
  ModelVersion,
  'version' | 'description' | 'tags' | 'stage'
>;

interface AliasTarget {
  alias: string;
  version: number;
}

/** What a change in the registry is for those who know MLflow: nothing, one event or several. */
export function happeningsOf(change: Recorded): Happening[] {
  const { action, model } = change;
  if (model === undefined) return [];
  const happening = (
    event: WebhookEvent,
    data: Record<string, unknown>,
  ): Happening => ({ event, model, data });
  switch (action) {
    case 'model-created':
    case 'model-restored':
    case 'model-updated':
      return [
        happening(
          action === 'model-updated'
            ? 'registered_model.updated'
            : 'registered_model.created',
          dataOfModel(change.after as Model),
        ),
      ];
    case 'model-deleted':
      return [happening('registered_model.deleted', {})];
    case 'version-created':
    case 'version-restored':
      return [
        happening(
          'model_version.created',
          dataOfVersion(change.after as ModelVersion),
        ),
      ];
    case 'version-updated':
      return changesOfVersion(
        change.before as SaidOfVersion,
        change.after as SaidOfVersion,
      ).map(({ event, data }) => happening(event, data));
    case 'version-deleted':
      return [happening('model_version.deleted', { version: change.subject })];
    case 'alias-moved': {
      const { alias, version } = change.after as AliasTarget;
      return [
        happening('model_version_alias.created', {
          alias,
          version: String(version),
        }),
      ];
    }
    case 'alias-removed':
      return [
        happening('model_version_alias.deleted', { alias: change.subject }),
      ];
    default:
      return [];
  }
}

function dataOfModel({ tags, description }: Model): Record<string, unknown> {
  return { tags, description: description || null };
}

function dataOfVersion(version: ModelVersion): Record<string, unknown> {
  return {
    version: String(version.version),
    source: version.source.uri ?? '',
    run_id: version.source.run ?? null,
    tags: version.tags,
    description: version.description || null,
  };
}

function changesOfVersion(
  before: SaidOfVersion,
  after: SaidOfVersion,
): Omit<Happening, 'model'>[] {
  const version = String(after.version);
  const found: Omit<Happening, 'model'>[] = [];
  if (before.description !== after.description || before.stage !== after.stage)
    found.push({
      event: 'model_version.updated',
      data: {
        version,
        description: after.description || null,
        stage: after.stage ?? 'None',
      },
    });
  for (const [key, value] of Object.entries(after.tags)) {
    if (before.tags[key] === value) continue;
    found.push({
      event: 'model_version_tag.set',
      data: { version, key, value },
    });
  }
  for (const key of Object.keys(before.tags)) {
    if (Object.hasOwn(after.tags, key)) continue;
    found.push({ event: 'model_version_tag.deleted', data: { version, key } });
  }
  return found;
}

/** What is sent, in MLflow's form. */
export function bodyOf(
  event: WebhookEvent,
  data: Record<string, unknown>,
  at: Date,
): string {
  const [entity, action] = event.split('.');
  return JSON.stringify({
    entity,
    action,
    // As Python writes it: receivers may read nothing else.
    timestamp: at.toISOString().replace('Z', '+00:00'),
    data,
  });
}

const EXAMPLE_MODEL = {
  name: 'example_model',
  tags: { example_key: 'example_value' },
  description: 'An example registered model',
};
const EXAMPLE_VERSION = { name: 'example_model', version: '1' };

/** What MLflow's own server sends to try a hook. */
export const EXAMPLES: Record<WebhookEvent, Record<string, unknown>> = {
  'registered_model.created': EXAMPLE_MODEL,
  'registered_model.updated': EXAMPLE_MODEL,
  'registered_model.deleted': { name: 'example_model' },
  'model_version.created': {
    ...EXAMPLE_VERSION,
    source: 'models:/123',
    run_id: 'abcd1234abcd5678',
    tags: { example_key: 'example_value' },
    description: 'An example model version',
  },
  'model_version.updated': {
    ...EXAMPLE_VERSION,
    description: 'An example model version',
    stage: 'None',
  },
  'model_version.deleted': EXAMPLE_VERSION,
  'model_version_tag.set': {
    ...EXAMPLE_VERSION,
    key: 'example_key',
    value: 'example_value',
  },
  'model_version_tag.deleted': { ...EXAMPLE_VERSION, key: 'example_key' },
  'model_version_alias.created': {
    name: 'example_model',
    alias: 'example_alias',
    version: '1',
  },
  'model_version_alias.deleted': {
    name: 'example_model',
    alias: 'example_alias',
  },
};
