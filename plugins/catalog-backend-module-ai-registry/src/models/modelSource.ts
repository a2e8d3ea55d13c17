import { type Entity, stringifyEntityRef } from '@backstage/catalog-model';
import type { AiInferenceClient } from '@greenroom/plugin-ai-inference-common';
import type {
  AiRegistryClient,
  Environments,
} from '@greenroom/plugin-ai-registry-common';
import type { PluginCaller } from '../PluginCaller';
import { findOne, readPages } from '../readPages';
import type { EntitySource } from '../SourceEntityProvider';
import type { AddressBook } from './AddressBook';
import {
  type DeployedModel,
  type DeploymentFacts,
  toDeploymentFacts,
} from './deployedModel';
import {
  type ModelServerKind,
  modelServerName,
  toModelServerEntity,
} from './modelServers';
import { toApiEntity } from './toApiEntity';
import { toModelEntity } from './toModelEntity';

const MODELS_AT_ONCE = 200;
const DEPLOYMENTS_AT_ONCE = 500;

interface ModelSourceOptions {
  registry: AiRegistryClient;
  inference: AiInferenceClient;
  call: PluginCaller;
  environments: Environments;
  addresses: AddressBook;
  /** Of the entities that stand for the same APIs as other portals write them; undefined for none. */
  modelServers?: ModelServerKind;
  /** Address of a model's page in the portal. */
  pageOf: (name: string) => string;
}

/** Registered models with their deployments, by the model's name. */
export function modelSource(
  options: ModelSourceOptions,
): EntitySource<DeployedModel> {
  const { registry, call, environments, addresses, modelServers } = options;

  return {
    providerName: 'ai-registry',

    async list(signal) {
      await addresses.read(signal);
      const deployments = await readDeployments(options, undefined, signal);
      const models = new Map<string, DeployedModel>();
      const pages = readPages(async cursor =>
        registry.listModels(
          { limit: MODELS_AT_ONCE, cursor },
          await call('ai-registry', signal),
        ),
      );
      for await (const model of pages) {
        const { name } = model;
        models.set(name, { model, deployments: deployments.get(name) ?? [] });
      }
      return models;
    },

    async find(names) {
      if (names.length === 0) return new Map();
      const deployments = await readDeployments(options, names);
      const models = new Map<string, DeployedModel>();
      // One after the other, so that many changes leave the registry to people.
      for (const name of names) {
        const caller = await call('ai-registry');
        const model = await findOne(() => registry.getModel(name, caller));
        if (!model) continue;
        models.set(name, { model, deployments: deployments.get(name) ?? [] });
      }
      return models;
    },

    toEntities: ({ model, deployments }): Entity[] => [
      toModelEntity({ model, deployments }, options),
      ...deployments.flatMap(deployment => {
        const environment = environments.find(deployment.environment);
        if (!environment) return [];
        const reached = addresses.of(environment);
        const api = toApiEntity(
          { model, deployment, environment },
          {
            ...options,
            isLast: environment === environments.last,
            addresses: reached,
          },
        );
        const server =
          modelServers &&
          toModelServerEntity(api, { kind: modelServers, addresses: reached });
        return server ? [api, server] : [api];
      }),
    ],

    refsOf: name => [
      stringifyEntityRef({ kind: 'resource', namespace: 'default', name }),
      ...environments.names.flatMap(namespace => [
        stringifyEntityRef({ kind: 'api', namespace, name }),
        ...(modelServers
          ? [
              stringifyEntityRef({
                kind: modelServers,
                namespace,
                name: modelServerName(name, modelServers),
              }),
            ]
          : []),
      ]),
    ],
  };
}

/** By model; none where nothing serves models, since the portal has no inference plugin. */
async function readDeployments(
  { inference, call }: ModelSourceOptions,
  models?: string[],
  signal?: AbortSignal,
): Promise<Map<string, DeploymentFacts[]>> {
  const byModel = new Map<string, DeploymentFacts[]>();
  const pages = readPages(async cursor => {
    const caller = await call('ai-inference', signal);
    const page = await findOne(() =>
      inference.listDeployments(
        { models, limit: DEPLOYMENTS_AT_ONCE, cursor },
        caller,
      ),
    );
    return page ?? { items: [], totalItems: 0 };
  });
  for await (const deployment of pages) {
    const { model } = deployment;
    const facts = toDeploymentFacts(deployment);
    byModel.set(model, [...(byModel.get(model) ?? []), facts]);
  }
  return byModel;
}
