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
  OwnershipClaims,
  readPortalPages,
  readServiceTokens,
  runLoops,
  scopedPermissions,
} from '@greenroom/ai-node';
import { aiRegistryAuditReadPermission } from '@greenroom/plugin-ai-registry-common';
import {
  type ArtifactUser,
  artifactUsersExtensionPoint,
  type OwnGate,
  promotionGatesExtensionPoint,
} from '@greenroom/plugin-ai-registry-node';
import { CatalogConsumers } from './adapters/catalog/CatalogConsumers';
import { MonitoringTraffic } from './adapters/monitoring/MonitoringTraffic';
import { registerActions } from './actions/registerActions';
import { WEBHOOK_PATH } from './adapters/createGitHost';
import { createAliases } from './aliases/createAliases';
import { createAsOf } from './asOf/createAsOf';
import { createArtifacts } from './artifacts/createArtifacts';
import { readRegistryConfig } from './config';
import { createDatasets } from './datasets/createDatasets';
import { createDeletions } from './deletions/createDeletions';
import { createDeprecations } from './deprecations/createDeprecations';
import { createEnvironments } from './environments/createEnvironments';
import { createEvaluationRuns } from './evaluationRuns/createEvaluationRuns';
import { createMeasurements } from './measurements/createMeasurements';
import { createAnnouncer } from './events/announcement';
import {
  createSchemaRouter,
  SCHEMAS_PATH,
  schemaUrlOf,
} from './environments/createSchemaRouter';
import { createModels } from './models/createModels';
import { createOverviewRouter } from './overview/createOverviewRouter';
import { createNotices } from './notices/createNotices';
import { createPromotions } from './promotion/createPromotions';
import { createPipeline } from './promotion/pipeline/createPipeline';
import type { RegistryParts } from './registryParts';
import { createRouter, PACKAGE_NAME } from './router';
import { createServiceTokens } from './serviceTokens/createServiceTokens';
import { createVersions } from './versions/createVersions';
import { createWebhooks } from './webhooks/createWebhooks';

const DAILY = {
  frequency: { hours: 24 },
  initialDelay: { minutes: 10 },
  timeout: { hours: 1 },
};

/** What models exist, in which versions, and which of them is meant to run where. */
export const aiRegistryPlugin = createBackendPlugin({
  pluginId: 'ai-registry',
  register(env) {
    const ownGates: OwnGate[] = [];
    env.registerExtensionPoint(promotionGatesExtensionPoint, {
      addGate: gate => ownGates.push(gate),
    });
    const artifactUsers: ArtifactUser[] = [];
    env.registerExtensionPoint(artifactUsersExtensionPoint, {
      addUser: user => artifactUsers.push(user),
    });
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
        scheduler: coreServices.scheduler,
        signals: signalsServiceRef,
        userInfo: coreServices.userInfo,
      },
      async init(deps) {
        const config = readRegistryConfig(deps.config, { ownGates });
        const knex = await migrateDatabase({
          database: deps.database,
          packageName: PACKAGE_NAME,
        });
        const permissions = scopedPermissions(deps);
        const { changes, announcing, maintainAudit, createAuditRouter } =
          await createChanges({
            ...deps,
            knex,
            announce: createAnnouncer(deps),
            audit: config.audit,
          });
        const parts: RegistryParts = {
          ...deps,
          changes,
          claims: new OwnershipClaims(deps),
          config,
          knex,
          pages: readPortalPages(deps.config),
          permissions,
          rootConfig: deps.config,
        };

        const models = createModels(parts);
        const artifacts = await createArtifacts({ ...parts, artifactUsers });
        const versions = createVersions({ ...parts, models, artifacts });
        const datasets = createDatasets({ ...parts, artifacts });
        const aliases = createAliases({ ...parts, models, versions });
        const deletions = createDeletions({
          ...parts,
          models,
          versions,
          aliases,
        });
        const deprecations = createDeprecations({
          ...parts,
          models,
          versions,
        });
        const environments = await createEnvironments({
          ...parts,
          deprecations: deprecations.store,
          models,
          versions,
          aliases,
        });
        const evaluationRuns = createEvaluationRuns({
          ...parts,
          models,
          artifacts,
          versions,
          datasets,
        });
        const measurements = createMeasurements({
          ...parts,
          models,
          versions,
          datasets,
          deployments: environments.deployments,
        });
        const promotions = createPromotions({
          ...parts,
          models,
          artifacts,
          versions,
          evaluationRuns,
          measurements,
          aliases,
          consumers: new CatalogConsumers(deps),
          traffic: new MonitoringTraffic({
            ...deps,
            discoveryApi: deps.discovery,
          }),
          environments,
          manifestSchemaUrl: await schemaUrlOf(deps.discovery),
        });
        const pipeline = createPipeline({
          ...parts,
          models,
          aliases,
          environments,
        });
        const notices = createNotices(parts);
        const webhooks = createWebhooks({
          ...parts,
          models,
          notices: notices.hooks,
        });
        const serviceTokens = createServiceTokens({
          ...parts,
          declared: readServiceTokens(deps.config),
        });
        const services = {
          ...deps,
          models: models.service,
          versions: versions.service,
          datasets: datasets.service,
          deprecations: deprecations.service,
          evaluations: versions.evaluations,
          measurements: measurements.service,
          environments: environments.service,
          promotions: promotions.service,
        };

        registerActions({ ...services, pages: parts.pages });
        deps.httpRouter.addAuthPolicy({
          path: SCHEMAS_PATH,
          allow: 'unauthenticated',
        });
        if (environments.gitHostRouter) {
          deps.httpRouter.addAuthPolicy({
            path: WEBHOOK_PATH,
            allow: 'unauthenticated',
          });
          deps.httpRouter.use(environments.gitHostRouter);
        }
        deps.httpRouter.use(
          await createRouter({
            environments: config.environments.names,
            features: [
              artifacts.router,
              models.router,
              createAsOf({ ...parts, models }).router,
              ...versions.routers,
              deletions.router,
              deprecations.router,
              datasets.router,
              evaluationRuns.router,
              measurements.router,
              aliases.router,
              promotions.router,
              pipeline.router,
              environments.router,
              createSchemaRouter(),
              createOverviewRouter(services),
              serviceTokens.router,
              webhooks.router,
              createAuditRouter({
                ...parts,
                permission: aiRegistryAuditReadPermission,
                owned: models.ownedBy,
              }),
            ],
          }),
        );
        runLoops(deps.lifecycle, [
          ...environments.loops,
          promotions.worker,
          promotions.automated.loop,
          promotions.adopter.loop,
          versions.trials,
          evaluationRuns.loop,
          measurements.worker,
          announcing,
          webhooks.sender,
          notices.sender,
        ]);
        await deps.scheduler.scheduleTask({
          id: 'ai-registry-tidy',
          ...DAILY,
          async fn(signal) {
            await maintainAudit();
            await artifacts.tidy(signal);
          },
        });
      },
    });
  },
});
