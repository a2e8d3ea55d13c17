import type { FoundVersion, Model } from '@greenroom/plugin-ai-registry-common';
import { toPairs } from '../mlflow/wire';
import { toMlflowStage } from './stages';

/** @param latest - the newest in each stage, of this model and maybe others */
export function toRegisteredModelMessage(
  model: Model,
  latest: readonly FoundVersion[],
): object {
  return {
    name: model.externalName,
    creation_timestamp: Date.parse(model.createdAt),
    last_updated_timestamp: Date.parse(model.updatedAt),
    user_id: model.createdBy,
    description: model.description,
    latest_versions: latest
      .filter(version => version.model === model.name)
      .map(toModelVersionMessage),
    tags: toPairs(model.tags),
    aliases: model.aliases.map(({ alias, version }) => ({
      alias,
      version: String(version),
    })),
  };
}

export function toModelVersionMessage(version: FoundVersion): object {
  const { source } = version;
  return {
    name: version.externalName,
    version: String(version.version),
    creation_timestamp: Date.parse(version.createdAt),
    last_updated_timestamp: Date.parse(version.updatedAt),
    user_id: version.createdBy,
    current_stage: toMlflowStage(version.stage),
    description: version.description,
    source: source.uri ?? '',
    run_id: source.run ?? '',
    run_link: source.runLink ?? '',
    // It is there as a whole or not at all; clients wait for one without.
    status: 'READY',
    status_message: '',
    tags: toPairs(version.tags),
    aliases: version.aliases,
    ...(source.loggedModel !== undefined && { model_id: source.loggedModel }),
  };
}
