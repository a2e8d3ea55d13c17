import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { eventsServiceRef } from '@backstage/plugin-events-node';
import { notificationService } from '@backstage/plugin-notifications-node';
import { signalsServiceRef } from '@backstage/plugin-signals-node';
import {
  AUDIT_TABLE,
  AuditReader,
  CatalogEntityDirectory,
  ChangeLog,
  createAuditRouter,
  issuedTokensServiceRef,
  migrateDatabase,
  MonthlyPartitions,
  OutboxPublisher,
  OwnedModels,
  OwnershipClaims,
  PollingLoop,
  readPortalPages,
  scopedPermissions,
  takesIssuedTokens,
} from '@greenroom/ai-node';
import {
  aiInferenceAuditReadPermission,
  aiInferencePermissions,
} from '@greenroom/plugin-ai-inference-common';
import {
  AiRegistryClient,
  TOPIC_ENVIRONMENT_CHANGED,
} from '@greenroom/plugin-ai-registry-common';
import { readInferenceConfig } from './config';
import { DataPlaneStore } from './dataPlanes/DataPlaneStore';
import { createDeployers } from './deployers/createDeployers';
import { DataPlaneKeeper } from './deployers/DataPlaneKeeper';
import { EnvironmentDataPlaneStore } from './deployers/EnvironmentDataPlaneStore';
import { EnvironmentService } from './deployers/EnvironmentService';
import { DeploymentChanger } from './deployments/DeploymentChanger';
import { DeploymentReconciler } from './deployments/DeploymentReconciler';
import { DeploymentService } from './deployments/DeploymentService';
import { DeploymentStore } from './deployments/DeploymentStore';
import { TurnStore } from './deployments/TurnStore';
import { type Announcement, createAnnouncer } from './events/announcement';
import { AuthorizedKeyService } from './keys/AuthorizedKeyService';
import { DefaultKeyService } from './keys/KeyService';
import { KeyStore } from './keys/KeyStore';
import { NoticeStore } from './notices/NoticeStore';
import { OwnerNotifier } from './notices/OwnerNotifier';
import {
  aiDeploymentResourceRef,
  isDeployedInEnvironment,
  isOwnerOfDeployedModel,
} from './permissions/deploymentPermissions';
import { ModelOwners } from './permissions/ModelOwners';
import { PlaygroundKey } from './playground/PlaygroundKey';
import { PlaygroundService } from './playground/PlaygroundService';
import { AuthorizedRolloutService } from './rollouts/AuthorizedRolloutService';
import { RolloutController } from './rollouts/RolloutController';
import { DefaultRolloutService } from './rollouts/RolloutService';
import { RolloutStore } from './rollouts/RolloutStore';
import { createRouter, PACKAGE_NAME } from './router';
import { ChangeStore } from './snapshots/ChangeStore';
import { DocumentFollower } from './snapshots/DocumentFollower';
import { VersionCopyStore } from './snapshots/VersionCopyStore';
import { SnapshotService } from './snapshots/SnapshotService';

const ROLLOUT_INTERVAL_MILLIS = 1_000;
const KEEPING_INTERVAL_MILLIS = 1_000;
const RECONCILE_INTERVAL_MILLIS = 5_000;
const HOUSEKEEPING_INTERVAL_MILLIS = 60_000;
const NOTICE_INTERVAL_MILLIS = 10_000;
/** Announcements go out at once; the interval only matters after a crash. */
const PUBLISH_INTERVAL_MILLIS = 1_000;
const RETENTION_INTERVAL_MILLIS = 60 * 60_000;

/** What runs where, and how traffic moves: deployments, rollouts, snapshots, keys, playground. */
export const aiInferencePlugin = createBackendPlugin({
  pluginId: 'ai-inference',
  register(env) {
    env.registerInit({
      deps: {
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
        const { auth, events, lifecycle, logger } = deps;
        const permissions = scopedPermissions(deps);
        const config = readInferenceConfig(deps.config);
        const clock = () => new Date();
        const knex = await migrateDatabase({
          database: deps.database,
          packageName: PACKAGE_NAME,
        });

        const deployments = new DeploymentStore({ knex });
        const rollouts = new RolloutStore({ knex });
        const versionCopies = new VersionCopyStore({ knex });
        const keys = new KeyStore({ knex });
        const dataPlanes = new DataPlaneStore({ knex, ...config.dataPlane });
        const changes = new ChangeLog<Announcement>({ knex });
        const announce = createAnnouncer(deps);
        const publisher = new OutboxPublisher({
          knex,
          send: announce,
          logger,
        });
        const publishingLoop = new PollingLoop({
          name: 'Telling of changes',
          intervalMillis: PUBLISH_INTERVAL_MILLIS,
          logger,
          run: signal => publisher.publishPending(signal),
        });
        changes.onCommit(() => publishingLoop.wake());
        const registry = new AiRegistryClient({ discoveryApi: deps.discovery });
        const playgroundKey = new PlaygroundKey({ keys, clock });

        const environmentStore = new EnvironmentDataPlaneStore({ knex });
        const managed = new Map(
          [
            ...createDeployers({
              environments: config.environments,
              settings: config.localDataPlanes,
              takesIssuedTokens: takesIssuedTokens(deps.config),
              tokens: deps.issuedTokens,
              controlPlaneUrl: async () =>
                (await deps.discovery.getBaseUrl('ai-inference')).replace(
                  /\/api\/ai-inference\/?$/,
                  '',
                ),
              logger,
              clock,
            }),
          ].filter(([, { deployer }]) => deployer.isManaging),
        );
        await environmentStore.prepare([...managed.keys()], clock());
        const keeper = new DataPlaneKeeper({
          store: environmentStore,
          deployers: managed,
          logger,
          clock,
          onChanged: environment => {
            // A hint for open pages, which look by themselves, too.
            announce({
              type: 'data-plane-changed',
              environment,
              at: clock().toISOString(),
            }).catch(error =>
              logger.warn('Nobody was told of a data plane', error),
            );
          },
        });
        const keepingLoop = new PollingLoop({
          name: 'Looking after data planes',
          intervalMillis: KEEPING_INTERVAL_MILLIS,
          logger,
          run: signal => keeper.run(signal),
        });
        managed.forEach(({ deployer }) =>
          deployer.onChanged(() => keepingLoop.wake()),
        );
        const environments = new EnvironmentService({
          environments: config.environments,
          store: environmentStore,
          changes,
          clock,
          onAsked: () => keepingLoop.wake(),
        });

        const controller = new RolloutController({
          changes,
          deployments,
          rollouts,
          dataPlanes,
          versionCopies,
          logger,
          clock,
          ...config.rollout,
        });
        const rolloutLoop = new PollingLoop({
          name: 'Moving rollouts on',
          intervalMillis: ROLLOUT_INTERVAL_MILLIS,
          logger,
          run: signal => controller.run(signal),
        });
        const reconciler = new DeploymentReconciler({
          changes,
          environments: config.environments,
          registry,
          auth,
          deployments,
          turns: new TurnStore({ knex }),
          logger,
          clock,
          onChanged: () => {
            rolloutLoop.wake();
            keepingLoop.wake();
          },
          changer: new DeploymentChanger({
            changes,
            registry,
            deployments,
            rollouts,
            versionCopies,
            clock,
            ...config.rollout,
          }),
        });
        const reconcileLoop = new PollingLoop({
          name: 'Reading what should run',
          intervalMillis: RECONCILE_INTERVAL_MILLIS,
          logger,
          run: signal => reconciler.run(signal),
        });
        const housekeepingLoop = new PollingLoop({
          name: 'Renewing the key of the playground, and forgetting what is gone',
          intervalMillis: HOUSEKEEPING_INTERVAL_MILLIS,
          logger,
          run: async () => {
            await playgroundKey.renew();
            await dataPlanes.forgetGone(clock());
            await deployments.forgetWithdrawn(
              new Date(clock().getTime() - config.rollout.drainMillis),
            );
          },
        });

        const notifier = new OwnerNotifier({
          notices: new NoticeStore({ knex }),
          dataPlanes,
          registry,
          notifications: deps.notifications,
          pages: readPortalPages(deps.config),
          auth,
          logger,
          clock,
        });
        const noticeLoop = new PollingLoop({
          name: 'Telling owners what does not load',
          intervalMillis: NOTICE_INTERVAL_MILLIS,
          logger,
          run: signal => notifier.run(signal),
        });
        const partitions = new MonthlyPartitions({
          knex,
          table: AUDIT_TABLE,
          ...config.audit,
        });
        await partitions.maintain();
        const retentionLoop = new PollingLoop({
          name: 'Forgetting old rollouts and audit entries',
          intervalMillis: RETENTION_INTERVAL_MILLIS,
          logger,
          run: async () => {
            await rollouts.forgetOld({ keep: config.retention.keepRollouts });
            await partitions.maintain();
          },
        });

        const claims = new OwnershipClaims(deps);
        const owned = new OwnedModels({ registry, auth, claims });
        const owners = new ModelOwners({ registry, auth, clock });
        deps.permissionsRegistry.addResourceType({
          resourceRef: aiDeploymentResourceRef,
          permissions: aiInferencePermissions,
          rules: [isOwnerOfDeployedModel, isDeployedInEnvironment],
          getResources: refs => owners.findDeployments(refs),
        });
        const snapshots = new SnapshotService({
          documents: new DocumentFollower({
            changes: new ChangeStore({ knex }),
            deployments,
            versionCopies,
            keys,
            clock,
            batching: config.batching,
            recordedRowsPerSecond: config.recordedRowsPerSecond,
          }),
          dataPlanes,
          keys,
          clock,
          onLoadedChanged: () => rolloutLoop.wake(),
        });

        deps.httpRouter.use(
          await createRouter({
            audit: createAuditRouter({
              reader: new AuditReader({ knex }),
              httpAuth: deps.httpAuth,
              permissions,
              permission: aiInferenceAuditReadPermission,
              owned: credentials => owned.of(credentials),
            }),
            auditor: deps.auditor,
            httpAuth: deps.httpAuth,
            permissions,
            environmentNames: config.environments.names,
            environments,
            deployments: new DeploymentService({
              deployments,
              rollouts,
              dataPlanes,
              environments,
              clock,
              ...config.rollout,
            }),
            rollouts: new AuthorizedRolloutService({
              permissions,
              rollouts: new DefaultRolloutService({
                changes,
                deployments,
                rollouts,
                clock,
                onSteered: () => {
                  rolloutLoop.wake();
                  reconcileLoop.wake();
                },
              }),
            }),
            keys: new AuthorizedKeyService({
              permissions,
              claims,
              environments: config.environments,
              keys: new DefaultKeyService({
                keys,
                changes,
                directory: new CatalogEntityDirectory(deps),
                models: owners,
                clock,
                ...config.keys,
              }),
            }),
            playground: new PlaygroundService({
              dataPlanes,
              deployments,
              environments,
              key: playgroundKey,
              clock,
              ...config.playground,
            }),
            snapshots,
          }),
        );

        await events.subscribe({
          id: 'ai-inference',
          topics: [TOPIC_ENVIRONMENT_CHANGED],
          onEvent: async () => reconcileLoop.wake(),
        });
        const loops = [
          rolloutLoop,
          ...(managed.size > 0 ? [keepingLoop] : []),
          reconcileLoop,
          housekeepingLoop,
          noticeLoop,
          retentionLoop,
          publishingLoop,
        ];
        lifecycle.addStartupHook(() => loops.forEach(loop => loop.start()));
        lifecycle.addShutdownHook(async () => {
          snapshots.stop();
          await Promise.all(loops.map(loop => loop.stop()));
          await keeper.stop();
        });
      },
    });
  },
});
