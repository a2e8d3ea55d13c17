import type { DiscoveryService } from '@backstage/backend-plugin-api';
import type { ArtifactStore } from '@greenroom/artifact-store';
import { type IssuedTokens, PollingLoop } from '@greenroom/ai-node';
import type { ArtifactRows } from '../artifacts/ArtifactRows';
import type { TrainingBackend } from '../backends/TrainingBackend';
import type { Budgets } from '../costs/Budgets';
import { createEdgeRouter } from '../edge/createEdgeRouter';
import { ForwardedJobService } from '../edge/ForwardedJobService';
import type { Experiments } from '../experiments/createExperiments';
import { InputStore } from '../inputs/InputStore';
import type { RunNotices } from '../notices/RunNotices';
import { DEFAULT_QUEUE_SETTINGS } from '../queue/queue';
import type { RunStore } from '../runs/RunStore';
import type { Templates } from '../templates/createTemplates';
import type { TrainingParts } from '../trainingParts';
import { AttemptLogs } from './AttemptLogs';
import { AuthorizedJobService } from './AuthorizedJobService';
import { createJobRouter } from './createJobRouter';
import { FlavorUses } from './FlavorUses';
import { JobReconciler } from './JobReconciler';
import { JobRegistry } from './JobRegistry';
import { DefaultJobService } from './JobService';
import { JobStore } from './JobStore';
import { JobTokens } from './JobTokens';
import { Lead } from './Lead';
import { UsageRecorder } from './UsageRecorder';
import { WantedAttempts } from './WantedAttempts';

const LOOK_INTERVAL_MILLIS = 1_000;
/** Whoever submits thousands wakes it thousands of times. */
const MOST_SHARE_OF_LOOKING = 0.3;
/** Where hundreds start and end at once, a look waits for the cluster most of the time. */
const LONGEST_REST_MILLIS = 2_000;

export type Jobs = ReturnType<typeof createJobs>;

/** Jobs: runs that the platform runs itself. */
export function createJobs(
  parts: TrainingParts & {
    artifactRows: ArtifactRows;
    artifactStore: ArtifactStore;
    backends: readonly TrainingBackend[];
    budgets: Budgets;
    discovery: DiscoveryService;
    experiments: Pick<Experiments, 'guard' | 'store' | 'unasked'>;
    issuedTokens: Pick<IssuedTokens, 'lend' | 'renew' | 'takeBack'>;
    notices: Pick<RunNotices, 'failed'>;
    /** Where people and programs find the registry, without a slash at the end. */
    registryUrls: readonly string[];
    runs: RunStore;
    templates: Pick<Templates, 'store'>;
  },
) {
  const { config, discovery, experiments, logger, registryUrls } = parts;
  const backends = new Map(parts.backends.map(one => [one.name, one]));
  const jobs = new JobStore(parts);
  const logs = new AttemptLogs({
    backends,
    artifacts: parts.artifactStore,
    rows: parts.artifactRows,
  });
  const reconciler = new JobReconciler({
    ...parts,
    lead: new Lead({ knex: parts.knex, name: 'training-jobs' }),
    jobs,
    backends,
    wanted: new WantedAttempts({
      flavors: config.flavors,
      controlPlaneUrl: async () =>
        (await discovery.getBaseUrl('ai-training')).replace(
          /\/api\/ai-training\/?$/,
          '',
        ),
    }),
    tokens: new JobTokens({ tokens: parts.issuedTokens }),
    logs,
    usage: new UsageRecorder({ ...parts, jobs }),
    quotas: config.quotas,
    queue: DEFAULT_QUEUE_SETTINGS,
    experiments: experiments.store,
    keepCheckpointsMillis: config.keepCheckpointsMillis,
  });
  const loop = new PollingLoop({
    name: 'Looking after training jobs',
    intervalMillis: LOOK_INTERVAL_MILLIS,
    mostShare: MOST_SHARE_OF_LOOKING,
    longestRestMillis: LONGEST_REST_MILLIS,
    logger,
    run: signal => reconciler.run(signal),
  });
  const registry = new JobRegistry(parts);
  const unasked = new DefaultJobService({
    ...parts,
    jobs,
    templates: parts.templates.store,
    experiments: experiments.store,
    experimentService: experiments.unasked,
    inputs: new InputStore(parts),
    registry,
    datasetUrl: (dataset, version) =>
      `${registryUrls[0]}/datasets/${dataset}/versions/${version}`,
    backends,
    defaultBackend: parts.backends.at(0)?.name,
    logs,
    wake: () => loop.wake(),
  });
  const service = new AuthorizedJobService({
    ...parts,
    guard: experiments.guard,
    templates: parts.templates.store,
    jobs: unasked,
  });
  const uses = new FlavorUses({
    ...parts,
    jobs,
    backends,
    flavors: config.flavors,
    quotas: config.quotas,
  });
  return {
    store: jobs,
    service,
    /** Submits and cancels without asking whether somebody may. */
    unasked,
    uses,
    router: createJobRouter({
      ...parts,
      jobs: service,
      artifacts: parts.artifactStore,
      listUse: options => uses.list(options),
    }),
    edgeRouter: createEdgeRouter({
      ...parts,
      jobs: new ForwardedJobService({
        ...parts,
        jobs: unasked,
        templates: parts.templates.store,
        registry,
      }),
    }),
    loop: {
      start: () => loop.start(),
      async stop() {
        await loop.stop();
        await reconciler.stop();
      },
    },
  };
}
