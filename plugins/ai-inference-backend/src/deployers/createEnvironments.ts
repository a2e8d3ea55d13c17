import { type Loop, PollingLoop, takesIssuedTokens } from '@greenroom/ai-node';
import type { RootConfigService } from '@backstage/backend-plugin-api';
import type { KubernetesConfig } from '@greenroom/cluster-client';
import type { Flavor } from '@greenroom/plugin-ai-registry-common';
import type { Announcement } from '../events/announcement';
import type { InferenceParts } from '../inferenceParts';
import { createDeployers } from './createDeployers';
import { createEnvironmentRouter } from './createEnvironmentRouter';
import { createLeftoverRouter } from './createLeftoverRouter';
import { createLeftovers } from './createLeftovers';
import { createRepairRouter } from './createRepairRouter';
import { DataPlaneKeeper } from './DataPlaneKeeper';
import { EnvironmentDataPlaneStore } from './EnvironmentDataPlaneStore';
import { EnvironmentService } from './EnvironmentService';
import { PodService } from './PodService';
import { RepairService } from './RepairService';

const KEEPING_INTERVAL_MILLIS = 1_000;

/** The data planes that the control plane runs for environments. */
export async function createEnvironments(
  parts: InferenceParts & {
    announce(announcement: Announcement): Promise<void>;
    flavors: readonly Flavor[];
    kubernetes: KubernetesConfig;
    rootConfig: RootConfigService;
  },
) {
  const {
    announce,
    clock,
    config,
    discovery,
    flavors,
    kubernetes,
    knex,
    logger,
  } = parts;
  const { environments } = config;
  const deployers = createDeployers({
    environments,
    connections: config.connections,
    settings: config.localDataPlanes,
    kubernetes,
    flavors,
    takesIssuedTokens: takesIssuedTokens(parts.rootConfig),
    tokens: parts.issuedTokens,
    controlPlaneUrl: async () =>
      (await discovery.getBaseUrl('ai-inference')).replace(
        /\/api\/ai-inference\/?$/,
        '',
      ),
    logger,
    clock,
  });
  const managed = new Map(
    [...deployers].filter(([, { deployer }]) => deployer.isManaging),
  );
  const store = new EnvironmentDataPlaneStore({ knex });
  await store.prepare([...managed.keys()], clock());
  const keeper = new DataPlaneKeeper({
    store,
    deployers: managed,
    logger,
    clock,
    onChanged: environment => {
      // A hint for open pages, which look by themselves, too.
      announce({
        type: 'data-plane-changed',
        environment,
        at: clock().toISOString(),
      }).catch(error => logger.warn('Nobody was told of a data plane', error));
    },
  });
  const keeping = new PollingLoop({
    name: 'Looking after data planes',
    intervalMillis: KEEPING_INTERVAL_MILLIS,
    logger,
    run: signal => keeper.run(signal),
  });
  managed.forEach(({ deployer }) => deployer.onChanged(() => keeping.wake()));
  const service = new EnvironmentService({
    ...parts,
    environments,
    store,
    onAsked: () => keeping.wake(),
  });
  const loop: Loop = {
    start() {
      if (managed.size > 0) keeping.start();
    },
    async stop() {
      await keeping.stop();
      await keeper.stop();
    },
  };
  return {
    service,
    router: createEnvironmentRouter({
      ...parts,
      environments: service,
      pods: new PodService({ environments, deployers }),
    }),
    repairRouter: createRepairRouter({
      ...parts,
      repairs: new RepairService({ ...parts, environments, deployers }),
    }),
    leftoverRouter: createLeftoverRouter({
      ...parts,
      leftovers: createLeftovers({
        environments,
        kubernetes,
        tokens: parts.issuedTokens,
      }),
    }),
    loop,
    /** Looks at once whether a data plane is needed. */
    wake: () => keeping.wake(),
  };
}
