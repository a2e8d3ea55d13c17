import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import { actionsRegistryServiceRef } from '@backstage/backend-plugin-api/alpha';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { eventsServiceRef } from '@backstage/plugin-events-node';
import { notificationService } from '@backstage/plugin-notifications-node';
import { signalsServiceRef } from '@backstage/plugin-signals-node';
import {
  createChanges,
  issuedTokensServiceRef,
  migrateDatabase,
  OwnedModels,
  OwnershipClaims,
  PollingLoop,
  readPortalPages,
  runLoops,
  scopedPermissions,
} from '@greenroom/ai-node';
import { readKubernetesConfig } from '@greenroom/cluster-client';
import { aiInferenceAuditReadPermission } from '@greenroom/plugin-ai-inference-common';
import {
  AiRegistryClient,
  readFlavors,
  TOPIC_ENVIRONMENT_CHANGED,
  TOPIC_MODEL_CHANGED,
  type ModelChangedEvent,
} from '@greenroom/plugin-ai-registry-common';
import { registerActions } from './actions/registerActions';
import { readInferenceConfig } from './config';
import { createAutoscalerMetrics } from './adapters/kubernetes/metrics/createAutoscalerMetrics';
import { createClusters } from './clusters/createClusters';
import { createConnections } from './connections/createConnections';
import { createDeprecations } from './deprecations/createDeprecations';
import { createEnvironments } from './deployers/createEnvironments';
import { createDeployments } from './deployments/createDeployments';
import { createAnnouncer } from './events/announcement';
import { type InferenceParts, openStores } from './inferenceParts';
import { createKeys } from './keys/createKeys';
import { createNotices } from './notices/createNotices';
import { createModelOwners } from './permissions/createModelOwners';
import { createPlayground } from './playground/createPlayground';
import { createRollouts } from './rollouts/createRollouts';
import { createRouter, PACKAGE_NAME } from './router';
import { createSnapshots } from './snapshots/createSnapshots';

const HOUSEKEEPING_INTERVAL_MILLIS = 60_000;
const RETENTION_INTERVAL_MILLIS = 60 * 60_000;

/** What runs where, and how traffic moves: deployments, rollouts, snapshots, keys, playground. */
export const aiInferencePlugin = createBackendPlugin({
  pluginId: 'ai-inference',
  register(env) {
    env.registerInit({
      deps: {
        actionsRegistry: actionsRegistryServiceRef,
        auditor: coreServices.auditor,
        auth: coreServices.auth,
        catalog: catalogServiceRef,
        config: coreServices.rootConfig,
        database: coreServices.database,
        discovery: coreServices.discovery,
        events: eventsServiceRef,
        httpAuth: coreServices.httpAuth,
        httpRouter: coreServices.httpRouter,
        issuedTokens: issuedTokensServiceRef,
        lifecycle: coreServices.lifecycle,
        logger: coreServices.logger,
        notifications: notificationService,
        permissions: coreServices.permissions,
        permissionsRegistry: coreServices.permissionsRegistry,
        signals: signalsServiceRef,
        userInfo: coreServices.userInfo,
      },
      async init(deps) {
        const { logger } = deps;
        const config = readInferenceConfig(deps.config);
        const clock = () => new Date();
        const knex = await migrateDatabase({
          database: deps.database,
          packageName: PACKAGE_NAME,
        });
        const announce = createAnnouncer(deps);
        const { changes, announcing, maintainAudit, createAuditRouter } =
          await createChanges({ knex, announce, audit: config.audit, logger });
        const parts: InferenceParts = {
          ...deps,
          ...openStores({ knex, config }),
          changes,
          claims: new OwnershipClaims(deps),
          clock,
          config,
          knex,
          pages: readPortalPages(deps.config),
          permissions: scopedPermissions(deps),
          registry: new AiRegistryClient({ discoveryApi: deps.discovery }),
        };

        const machines = {
          flavors: readFlavors(deps.config),
          kubernetes: readKubernetesConfig(deps.config),
        };
        const environments = await createEnvironments({
          ...parts,
          announce,
          ...machines,
          rootConfig: deps.config,
        });
        const clusters = createClusters({ ...parts, ...machines });
        const autoscalerMetrics = createAutoscalerMetrics({
          ...parts,
          rootConfig: deps.config,
        });
        const connections = createConnections({
          ...parts,
          wake: environment => environments.service.wake(environment),
        });
        const deployments = createDeployments({
          ...parts,
          environments: environments.service,
        });
        const rollouts = createRollouts({
          ...parts,
          reconcile: () => deployments.loop.wake(),
        });
        deployments.onChanged(() => {
          rollouts.loop.wake();
          environments.wake();
        });
        const keys = createKeys({ ...parts, owners: createModelOwners(parts) });
        const deprecations = createDeprecations(parts);
        const playground = createPlayground({
          ...parts,
          environments: environments.service,
        });
        const snapshots = createSnapshots({
          ...parts,
          onLoadedChanged: () => rollouts.loop.wake(),
        });
        const owned = new OwnedModels(parts);
        registerActions({
          actionsRegistry: deps.actionsRegistry,
          deployments: deployments.service,
          permissions: parts.permissions,
          rollouts: rollouts.service,
        });

        deps.httpRouter.use(
          await createRouter({
            environments: config.environments.names,
            features: [
              deployments.router,
              environments.router,
              environments.repairRouter,
              environments.leftoverRouter,
              clusters.router,
              connections.router,
              rollouts.router,
              keys.router,
              deprecations.router,
              playground.router,
              snapshots.router,
              createAuditRouter({
                ...parts,
                permission: aiInferenceAuditReadPermission,
                owned: credentials => owned.of(credentials),
              }),
            ],
          }),
        );
        await deps.events.subscribe({
          id: 'ai-inference',
          topics: [TOPIC_ENVIRONMENT_CHANGED, TOPIC_MODEL_CHANGED],
          onEvent: async ({ topic, eventPayload }) => {
            const isNews =
              topic === TOPIC_ENVIRONMENT_CHANGED ||
              (eventPayload as ModelChangedEvent).action ===
                'deprecation-changed';
            if (isNews) deployments.loop.wake();
          },
        });
        deps.lifecycle.addShutdownHook(snapshots.stop);
        runLoops(deps.lifecycle, [
          rollouts.loop,
          environments.loop,
          deployments.loop,
          createNotices(parts).loop,
          deprecations.loop,
          ...(autoscalerMetrics ? [autoscalerMetrics] : []),
          announcing,
          new PollingLoop({
            name: 'Renewing the key of the playground, and forgetting what is gone',
            intervalMillis: HOUSEKEEPING_INTERVAL_MILLIS,
            logger,
            async run() {
              await playground.key.renew();
              await parts.dataPlanes.forgetGone(clock());
              await parts.tokenUse.forgetOld(clock());
              await parts.requestUse.forgetOld(clock());
              await parts.deployments.forgetWithdrawn(
                new Date(clock().getTime() - config.rollout.drainMillis),
              );
            },
          }),
          new PollingLoop({
            name: 'Forgetting old rollouts and audit entries',
            intervalMillis: RETENTION_INTERVAL_MILLIS,
            logger,
            async run() {
              const { keepRollouts } = config.retention;
              await parts.rollouts.forgetOld({ keep: keepRollouts });
              await maintainAudit();
            },
          }),
        ]);
      },
    });
  },
});
