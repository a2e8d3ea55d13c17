import type {
  AuthService,
  BackstageCredentials,
  DiscoveryService,
  LoggerService,
  PermissionsRegistryService,
  PermissionsService,
} from '@backstage/backend-plugin-api';
import {
  CatalogEntityDirectory,
  type OwnershipClaims,
  type PortalPages,
  type ServiceToken,
} from '@greenroom/ai-node';
import type { CatalogService } from '@backstage/plugin-catalog-node';
import type { NotificationService } from '@backstage/plugin-notifications-node';
import { aiRegistryPermissions } from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import { CatalogPeople } from './adapters/catalog/CatalogPeople';
import {
  type ArtifactStore,
  FolderArtifactStore,
  S3ArtifactStore,
} from '@greenroom/artifact-store';
import { InferenceServingState } from './adapters/inference/InferenceServingState';
import { LocalGitHost } from './adapters/localGit/LocalGitHost';
import { ProcessTrialRunner } from './adapters/process/ProcessTrialRunner';
import { DefaultAliasService } from './aliases/AliasService';
import { AliasStore } from './aliases/AliasStore';
import { AuthorizedAliasService } from './aliases/AuthorizedAliasService';
import { ArtifactCollector } from './artifacts/ArtifactCollector';
import { ArtifactUses } from './artifacts/ArtifactUses';
import { DefaultArtifactService } from './artifacts/ArtifactService';
import { AuthorizedArtifactService } from './artifacts/AuthorizedArtifactService';
import type { RegistryConfig } from './config';
import { AuthorizedEnvironmentService } from './environments/AuthorizedEnvironmentService';
import { DesiredDeploymentStore } from './environments/DesiredDeploymentStore';
import { DefaultEnvironmentService } from './environments/EnvironmentService';
import { ManifestNoticeStore } from './environments/ManifestNoticeStore';
import { ManifestNotifier } from './environments/ManifestNotifier';
import { ChangeLog } from '@greenroom/ai-node';
import type { Announcement } from './events/announcement';
import { SCHEMA_FILE } from './manifests';
import { AuthorizedModelService } from './models/AuthorizedModelService';
import { DefaultModelService } from './models/ModelService';
import { ModelStore } from './models/ModelStore';
import {
  aiModelInEnvironmentResourceRef,
  aiModelResourceRef,
  findPlaces,
  isInEnvironment,
  isModelOwner,
  isOwnerOfModelInEnvironment,
} from './permissions';
import { AuthorizedPromotionService } from './promotion/AuthorizedPromotionService';
import { createPromotions } from './promotion/createPromotions';
import { ServiceTokenService } from './serviceTokens/ServiceTokenService';
import { ServiceTokenStore } from './serviceTokens/ServiceTokenStore';
import type { TrialRunner } from './trials/TrialRunner';
import { Trials } from './trials/Trials';
import { AuthorizedVersionService } from './versions/AuthorizedVersionService';
import { EvaluationStore } from './versions/EvaluationStore';
import { VersionFiles } from './versions/VersionFiles';
import { DefaultVersionService } from './versions/VersionService';
import { VersionStore } from './versions/VersionStore';

/** Builds the stores, the services on them, and the guards in front of the services. */
export async function createServices(options: {
  knex: Knex;
  config: RegistryConfig;
  /** Tokens of programs that the configuration declares. */
  declaredTokens: ServiceToken[];
  auth: AuthService;
  catalog: CatalogService;
  claims: OwnershipClaims;
  discovery: DiscoveryService;
  logger: LoggerService;
  notifications: NotificationService;
  pages: PortalPages;
  permissions: PermissionsService;
  permissionsRegistry: PermissionsRegistryService;
}) {
  const { knex, config, permissions, permissionsRegistry } = options;
  const changes = new ChangeLog<Announcement>({ knex });
  const modelStore = new ModelStore({ knex });
  const versionStore = new VersionStore({ knex });
  const evaluationStore = new EvaluationStore({ knex });
  const aliasStore = new AliasStore({ knex });
  const deploymentStore = new DesiredDeploymentStore({ knex });
  const artifactStore = await createArtifactStore(config.artifacts);
  const trials = new Trials({
    knex,
    versions: versionStore,
    artifacts: artifactStore,
    changes,
    runner: createTrialRunner(config.trial),
    logger: options.logger,
  });
  const collector = new ArtifactCollector({
    knex,
    artifacts: artifactStore,
    graceMillis: config.artifacts.graceMillis,
    logger: options.logger,
  });
  const gitHost = await LocalGitHost.create({
    directory: config.environmentsRepository.directory,
    environments: config.environments.names,
    knex,
  });
  const people = new CatalogPeople(options);

  permissionsRegistry.addResourceType({
    resourceRef: aiModelResourceRef,
    permissions: aiRegistryPermissions,
    rules: [isModelOwner],
    getResources: names => modelStore.getMany(names),
  });
  permissionsRegistry.addResourceType({
    resourceRef: aiModelInEnvironmentResourceRef,
    rules: [isOwnerOfModelInEnvironment, isInEnvironment],
    getResources: refs => findPlaces(refs, names => modelStore.getMany(names)),
  });

  const models = new AuthorizedModelService({
    models: new DefaultModelService({
      models: modelStore,
      changes,
      directory: new CatalogEntityDirectory(options),
    }),
    permissions,
    permissionsRegistry,
    claims: options.claims,
  });
  const versions = new AuthorizedVersionService({
    versions: new DefaultVersionService({
      models: modelStore,
      versions: versionStore,
      evaluations: evaluationStore,
      artifacts: artifactStore,
      files: new VersionFiles({
        artifacts: artifactStore,
        maxBundleBytes: config.artifacts.maxBundleBytes,
      }),
      trials,
      changes,
    }),
    models,
    permissions,
  });
  const unguardedAliases = new DefaultAliasService({
    aliases: aliasStore,
    models: modelStore,
    versions: versionStore,
    environments: config.environments,
    changes,
  });
  const aliases = new AuthorizedAliasService({
    aliases: unguardedAliases,
    models,
    permissions,
  });
  const artifacts = new AuthorizedArtifactService({
    artifacts: new DefaultArtifactService({
      artifacts: artifactStore,
      collector,
    }),
    uses: new ArtifactUses({ knex }),
    environments: config.environments,
    permissions,
  });
  const {
    promotions: unguardedPromotions,
    reconciler,
    worker: promotionWorker,
  } = createPromotions({
    knex,
    config: config.promotion,
    environments: config.environments,
    membershipsOf: credentials => options.claims.of(credentials),
    manifestSchemaUrl: `${await options.discovery.getExternalBaseUrl(
      'ai-registry',
    )}/schemas/${SCHEMA_FILE}`,
    changes,
    gitHost,
    people,
    logger: options.logger,
    notifications: options.notifications,
    pages: options.pages,
    models: modelStore,
    versions: versionStore,
    evaluations: evaluationStore,
    aliasStore,
    artifacts: artifactStore,
    deployments: deploymentStore,
    aliases: unguardedAliases,
    trials,
    serving: new InferenceServingState({
      discoveryApi: options.discovery,
      auth: options.auth,
    }),
  });
  const promotions = new AuthorizedPromotionService({
    promotions: unguardedPromotions,
    permissions,
  });
  const environments = new AuthorizedEnvironmentService({
    environments: new DefaultEnvironmentService({
      deployments: deploymentStore,
      environments: config.environments,
    }),
    permissions,
  });

  const manifestNotifier = new ManifestNotifier({
    deployments: deploymentStore,
    notices: new ManifestNoticeStore({ knex }),
    models: modelStore,
    gitHost,
    people,
    notifications: options.notifications,
    pages: options.pages,
    administrators: config.administrators,
    logger: options.logger,
  });

  const owned = async (credentials: BackstageCredentials) => {
    const owners = await options.claims.of(credentials);
    return { models: await modelStore.listOwned(owners), owners };
  };

  const serviceTokens = new ServiceTokenService({
    store: new ServiceTokenStore({ knex }),
    changes,
    directory: new CatalogEntityDirectory(options),
    declared: options.declaredTokens,
  });

  return {
    evaluations: evaluationStore,
    serviceTokens,
    changes,
    owned,
    manifestNotifier,
    models,
    versions,
    aliases,
    artifacts,
    promotions,
    environments,
    reconciler,
    promotionWorker,
    trials,
    artifactStore,
    collector,
  };
}

function createArtifactStore(
  config: RegistryConfig['artifacts'],
): Promise<ArtifactStore> {
  const { store, directory, maxBytes } = config;
  return store.type === 's3'
    ? S3ArtifactStore.create({ ...store, directory, maxBytes })
    : FolderArtifactStore.create({ directory, maxBytes });
}

function createTrialRunner({
  program,
  ...limits
}: RegistryConfig['trial']): TrialRunner | { why: string } {
  return program === undefined
    ? { why: 'aiRegistry.trial.program is not set.' }
    : new ProcessTrialRunner({ program, ...limits });
}
