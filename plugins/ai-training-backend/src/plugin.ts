import {
  coreServices,
  createBackendPlugin,
} from '@backstage/backend-plugin-api';
import { actionsRegistryServiceRef } from '@backstage/backend-plugin-api/alpha';
import { catalogServiceRef } from '@backstage/plugin-catalog-node';
import { notificationService } from '@backstage/plugin-notifications-node';
import { signalsServiceRef } from '@backstage/plugin-signals-node';
import {
  createChanges,
  issuedTokensServiceRef,
  migrateDatabase,
  OwnershipClaims,
  PollingLoop,
  readPortalPages,
  runLoops,
  scopedPermissions,
} from '@greenroom/ai-node';
import {
  aiTrainingAuditReadPermission,
  aiTrainingPermissions,
} from '@greenroom/plugin-ai-training-common';
import { readArtifactSettings } from '@greenroom/artifact-store';
import { Environments } from '@greenroom/plugin-ai-registry-common';
import Router from 'express-promise-router';
import { registerActions } from './actions/registerActions';
import { createArtifacts } from './artifacts/createArtifacts';
import { readTrainingConfig } from './config';
import { createAnnouncer } from './events/announcement';
import { createConversions } from './conversions/createConversions';
import { findConversionTemplate } from './conversions/findConversionTemplate';
import { createCosts } from './costs/createCosts';
import { createExperiments } from './experiments/createExperiments';
import { createImports } from './imports/createImports';
import { createLoggedModels } from './loggedModels/createLoggedModels';
import { createMlflowRouter } from './mlflow/createMlflowRouter';
import { createSearchRoutes } from './mlflow/searchRoutes';
import { linksUrlOf } from './mlflow/linksUrlOf';
import { createDatasetRouter } from './datasets/createDatasetRouter';
import { DatasetUses } from './datasets/DatasetUses';
import { registryUrlsOf } from './datasets/registryUrlsOf';
import { createNotices } from './notices/RunNotices';
import { createRegistry } from './registry/createRegistry';
import { createRetraining } from './retraining/createRetraining';
import { RestRetrainingSources } from './retraining/RetrainingSources';
import { createRouter, PACKAGE_NAME } from './router';
import { createRuns } from './runs/createRuns';
import { createBackends } from './backends/createBackends';
import { createJobs } from './jobs/createJobs';
import { JobStore } from './jobs/JobStore';
import { createTemplates } from './templates/createTemplates';
import { SCHEMAS_PATH } from './templates/createTemplateRouter';
import { RunSearch } from './search/RunSearch';
import type { TrainingParts } from './trainingParts';

/** Below it, clients of MLflow find what they know. */
const MLFLOW_PATH = '/mlflow';

const RETENTION_INTERVAL_MILLIS = 60 * 60_000;

/** Experiments, runs, and what they measured and made. */
export const aiTrainingPlugin = createBackendPlugin({
  pluginId: 'ai-training',
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
        httpAuth: coreServices.httpAuth,
        httpRouter: coreServices.httpRouter,
        issuedTokens: issuedTokensServiceRef,
        lifecycle: coreServices.lifecycle,
        logger: coreServices.logger,
        notifications: notificationService,
        permissions: coreServices.permissions,
        permissionsRegistry: coreServices.permissionsRegistry,
        signals: signalsServiceRef,
        urlReader: coreServices.urlReader,
        userInfo: coreServices.userInfo,
      },
      async init(deps) {
        const { logger } = deps;
        const config = readTrainingConfig(deps.config);
        const knex = await migrateDatabase({
          database: deps.database,
          packageName: PACKAGE_NAME,
        });
        const { changes, announcing, maintainAudit, createAuditRouter } =
          await createChanges({
            knex,
            announce: createAnnouncer(deps),
            audit: config.audit,
            logger,
          });
        const claims = new OwnershipClaims(deps);
        const parts: TrainingParts = {
          ...deps,
          changes,
          claims,
          clock: () => new Date(),
          config,
          knex,
          permissions: scopedPermissions(deps),
        };

        deps.permissionsRegistry.addPermissions(aiTrainingPermissions);
        const experiments = createExperiments(parts);
        const runSearch = new RunSearch(parts);
        const notices = createNotices({
          ...parts,
          pages: readPortalPages(deps.config),
        });
        const runs = createRuns({
          ...parts,
          experiments,
          finder: runSearch,
          notices: notices.runs,
        });
        const loggedModels = createLoggedModels({
          ...parts,
          experiments,
          runs,
        });
        const artifacts = await createArtifacts({
          ...parts,
          settings: readArtifactSettings(deps.config),
          guard: experiments.guard,
          runs: runs.store,
          loggedModels: loggedModels.store,
          findUsedSources: digests =>
            new JobStore({ knex }).findUsedSources(digests),
        });
        const sources = new RestRetrainingSources(deps);
        const templates = createTemplates({
          ...parts,
          urlReader: deps.urlReader,
          artifacts: artifacts.store,
          findOther: name => findConversionTemplate(name, sources),
        });
        const registryUrls = await registryUrlsOf(deps);
        const backends = createBackends({
          ...parts,
          rootConfig: deps.config,
          artifacts: artifacts.store,
        });
        const costs = createCosts({ ...parts, experiments });
        const jobs = createJobs({
          ...parts,
          budgets: costs.budgets,
          artifactRows: artifacts.rows,
          artifactStore: artifacts.store,
          backends,
          discovery: deps.discovery,
          experiments,
          issuedTokens: deps.issuedTokens,
          notices: notices.runs,
          registryUrls,
          runs: runs.store,
          templates,
        });
        const conversions = createConversions({
          ...parts,
          artifacts: artifacts.store,
          backends,
          discovery: deps.discovery,
          jobs,
          urlReader: deps.urlReader,
        });
        const retraining = createRetraining({
          ...parts,
          environments: Environments.fromConfig(deps.config),
          jobs,
          notices: notices.retrainings,
          sources,
          templates,
        });
        const imports = createImports({
          ...parts,
          guard: experiments.guard,
          runs: runs.store,
          loggedModels: loggedModels.store,
        });
        const registry = createRegistry({
          ...parts,
          discovery: deps.discovery,
          artifacts: artifacts.service,
          loggedModels: loggedModels.service,
        });

        registerActions({
          ...deps,
          experiments: experiments.service,
          runs: runs.service,
          lists: runs.lists,
          templates: templates.service,
          jobs: jobs.service,
          conversions: conversions.service,
        });

        // It asks for tokens itself, in the words of the protocol, and reads bodies of other sizes.
        deps.httpRouter.addAuthPolicy({
          path: MLFLOW_PATH,
          allow: 'unauthenticated',
        });
        deps.httpRouter.use(
          Router().use(
            MLFLOW_PATH,
            createMlflowRouter({
              ...parts,
              linksUrl: linksUrlOf(deps.config),
              features: [
                experiments.mlflowRoutes,
                ...runs.mlflowRoutes,
                loggedModels.mlflowRoutes,
                createSearchRoutes({
                  ...parts,
                  guard: experiments.guard,
                  experiments: experiments.store,
                  loggedModels: loggedModels.store,
                  runs: runs.store,
                  runSearch,
                }),
                // Its files are below the same path as those of runs.
                registry.mlflowRoutes,
                artifacts.mlflowRoutes,
              ],
            }),
          ),
        );
        deps.httpRouter.addAuthPolicy({
          path: SCHEMAS_PATH,
          allow: 'unauthenticated',
        });
        deps.httpRouter.use(
          await createRouter({
            features: [
              experiments.router,
              runs.router,
              createDatasetRouter({
                ...parts,
                uses: new DatasetUses({
                  ...parts,
                  guard: experiments.guard,
                  runs: runs.store,
                  registryUrls,
                }),
              }),
              loggedModels.router,
              artifacts.router,
              imports.router,
              templates.router,
              jobs.router,
              costs.router,
              jobs.edgeRouter,
              conversions.router,
              retraining.router,
              createAuditRouter({
                ...parts,
                permission: aiTrainingAuditReadPermission,
                owned: async credentials => ({
                  models: [],
                  owners: await claims.of(credentials),
                }),
              }),
            ],
          }),
        );
        runLoops(deps.lifecycle, [
          announcing,
          notices.sender,
          templates.loop,
          jobs.loop,
          retraining.loop,
          new PollingLoop({
            name: 'Forgetting old audit entries',
            intervalMillis: RETENTION_INTERVAL_MILLIS,
            logger,
            run: () => maintainAudit(),
          }),
        ]);
      },
    });
  },
});
