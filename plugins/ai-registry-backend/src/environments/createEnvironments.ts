import { PollingLoop } from '@greenroom/ai-node';
import { CatalogPeople } from '../adapters/catalog/CatalogPeople';
import { createGitHost } from '../adapters/createGitHost';
import { InferenceConnectionStates } from '../adapters/inference/InferenceConnectionStates';
import { InferenceServingState } from '../adapters/inference/InferenceServingState';
import type { Aliases } from '../aliases/createAliases';
import type { DeprecationStore } from '../deprecations/DeprecationStore';
import type { Models } from '../models/createModels';
import { PromotionStore } from '../promotion/PromotionStore';
import type { RegistryParts } from '../registryParts';
import type { Versions } from '../versions/createVersions';
import { AuthorizedEnvironmentService } from './AuthorizedEnvironmentService';
import { createEnvironmentRouter } from './createEnvironmentRouter';
import type { ConnectionStates } from './ConnectionStates';
import { DesiredDeploymentStore } from './DesiredDeploymentStore';
import { EnvironmentReconciler } from './EnvironmentReconciler';
import { DefaultEnvironmentService } from './EnvironmentService';
import { ManifestNoticeStore } from './ManifestNoticeStore';
import { ManifestNotifier } from './ManifestNotifier';
import type { People } from './people';
import type { ServingState } from './ServingState';

/** How soon a push to the environments repository is seen. */
const RECONCILE_INTERVAL_MILLIS = 2_000;

export type EnvironmentsFeature = Awaited<
  ReturnType<typeof createEnvironments>
>;

/** What is meant to run where: the environments repository, and how it is applied. */
export async function createEnvironments(
  parts: RegistryParts & {
    models: Models;
    versions: Versions;
    aliases: Aliases;
    deprecations: DeprecationStore;
  },
) {
  const { config, knex, logger } = parts;
  const { environments } = config;
  const deployments = new DesiredDeploymentStore({ knex });
  const host = await createGitHost({ config, knex, logger });
  const { gitHost, accountAnnotation } = host;
  const people: People = new CatalogPeople({ ...parts, accountAnnotation });
  const reconciler = new EnvironmentReconciler({
    ...parts,
    environments,
    gitHost,
    deployments,
    people,
    versions: parts.versions.store,
    models: parts.models.store,
    aliases: parts.aliases.followGit,
    promotions: new PromotionStore({ knex }),
  });
  const inference = { discoveryApi: parts.discovery, auth: parts.auth };
  const serving: ServingState = new InferenceServingState(inference);
  const connectionStates: ConnectionStates = new InferenceConnectionStates(
    inference,
  );
  const notifier = new ManifestNotifier({
    ...parts,
    deployments,
    models: parts.models.store,
    notices: new ManifestNoticeStore({ knex }),
    gitHost,
    people,
    administrators: config.administrators,
  });
  const service = new AuthorizedEnvironmentService({
    ...parts,
    environments: new DefaultEnvironmentService({
      ...parts,
      deployments,
      environments,
    }),
  });
  const applying = new PollingLoop({
    name: 'applying the environments repository',
    intervalMillis: RECONCILE_INTERVAL_MILLIS,
    // Whatever is told of a change request wakes it.
    mostShare: 0.5,
    logger,
    run: async () => {
      await reconciler.reconcile();
    },
  });
  gitHost.watch(() => applying.wake());
  return {
    deployments,
    people,
    gitHost,
    /** Takes what the Git host tells, of callers who are not signed in. */
    gitHostRouter: host.router,
    reconciler,
    serving,
    connectionStates,
    service,
    router: createEnvironmentRouter({
      ...parts,
      environments: service,
      gitHost,
    }),
    loops: [
      ...host.loops,
      applying,
      new PollingLoop({
        name: 'telling of manifests that are not applied',
        intervalMillis: RECONCILE_INTERVAL_MILLIS,
        logger,
        run: () => notifier.run(),
      }),
    ],
  };
}
