import { mockCredentials, mockServices } from '@backstage/backend-test-utils';
import { FolderArtifactStore } from '@greenroom/artifact-store';
import { ChangeLog } from '@greenroom/ai-node';
import type {
  NewJob,
  TemplateSpec,
  TrainingJob,
} from '@greenroom/plugin-ai-training-common';
import type { Knex } from 'knex';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { ArtifactRows } from '../../artifacts/ArtifactRows';
import type { TrainingBackend } from '../../backends/TrainingBackend';
import { type Budget, Budgets } from '../../costs/Budgets';
import { CostStore } from '../../costs/CostStore';
import type { Announcement } from '../../events/announcement';
import { ExperimentStore } from '../../experiments/ExperimentStore';
import { InputStore } from '../../inputs/InputStore';
import { DEFAULT_QUEUE_SETTINGS, type TeamQuota } from '../../queue/queue';
import { RunStore } from '../../runs/RunStore';
import { TemplateStore } from '../../templates/TemplateStore';
import { AttemptLogs } from '../AttemptLogs';
import { JobReconciler } from '../JobReconciler';
import { DefaultJobService } from '../JobService';
import { JobStore } from '../JobStore';
import { JobTokens } from '../JobTokens';
import { Lead } from '../Lead';
import { UsageRecorder } from '../UsageRecorder';
import { WantedAttempts } from '../WantedAttempts';
import { MemoryBackend } from './MemoryBackend';

export const SPEC: TemplateSpec = {
  name: 'digits',
  title: 'Digits',
  owner: 'group:default/vision',
  experiment: 'digits',
  program: { command: ['python', 'train.py', '--trees={{ trees }}'] },
  parameters: [
    { name: 'trees', type: 'integer', default: 100, minimum: 1, maximum: 500 },
    { name: 'note', type: 'string', default: '' },
  ],
  datasets: [{ name: 'rows', dataset: 'digits-train' }],
  resources: { count: 1, nodes: 1 },
  priority: 'normal',
  deadlineMinutes: 60,
  retries: 2,
  checkpoints: true,
};

export const ADA = {
  credentials: mockCredentials.user('user:default/ada'),
  req: { headers: {} },
};

/** Jobs on a real database, with a backend whose programs are the test's. */
export async function createJobHarness(
  knex: Knex,
  options: {
    quotas?: TeamQuota[];
    budgets?: Budget[];
    spec?: Partial<TemplateSpec>;
    flavors?: ConstructorParameters<typeof WantedAttempts>[0]['flavors'];
  } = {},
) {
  const folder = await mkdtemp(join(tmpdir(), 'training-jobs-'));
  const logger = mockServices.logger.mock();
  const changes = new ChangeLog<Announcement>({ knex });
  const artifacts = await FolderArtifactStore.create({
    directory: folder,
    maxBytes: 10 * 1024 * 1024,
  });
  const rows = new ArtifactRows({ knex });
  const jobs = new JobStore({ knex });
  const runs = new RunStore({ knex });
  const experiments = new ExperimentStore({ knex });
  const templates = new TemplateStore({ knex });
  const backend = new MemoryBackend();
  const lent = new Set<string>();
  const issued = {
    lend: async ({ name }: { name: string }) => {
      lent.add(name);
      return { secret: `grt_${name}` };
    },
    renew: async (names: string[]) => names.filter(name => lent.has(name)),
    takeBack: async (name: string) => {
      lent.delete(name);
    },
  };
  const clock = () => new Date();
  const failed = jest.fn(async () => {});
  const spec = { ...SPEC, ...options.spec };
  await knex.transaction(tx =>
    templates.put(tx, {
      spec,
      revision: 'a'.repeat(40),
      sourceDigest: `sha256:${'1'.repeat(64)}`,
      location: { type: 'url', target: 'https://example.org/train.yaml' },
      actor: 'user:default/ada',
    }),
  );

  /** As another control plane that takes over: with nothing in its memory. */
  const createReconciler = (
    seen: TrainingBackend = backend,
    others: { answerMillis?: number } = {},
  ) => {
    const backends = new Map([['memory', seen]]);
    return new JobReconciler({
      ...others,
      lead: new Lead({ knex, name: 'training-jobs' }),
      jobs,
      backends,
      wanted: new WantedAttempts({
        flavors: options.flavors ?? [],
        controlPlaneUrl: async () => 'http://portal.example.org',
      }),
      tokens: new JobTokens({ tokens: issued as never }),
      logs: new AttemptLogs({ backends, artifacts, rows }),
      budgets: new Budgets({
        budgets: options.budgets ?? [],
        costs: new CostStore({ knex }),
        clock,
      }),
      usage: new UsageRecorder({ jobs, runs, logger, clock }),
      quotas: options.quotas ?? [],
      queue: DEFAULT_QUEUE_SETTINGS,
      runs,
      experiments,
      notices: { failed },
      changes,
      keepCheckpointsMillis: 7 * 24 * 60 * 60_000,
      logger,
    });
  };
  const reconciler = createReconciler();
  const backends = new Map([['memory', backend as TrainingBackend]]);
  const logs = new AttemptLogs({ backends, artifacts, rows });
  const service = new DefaultJobService({
    jobs,
    templates,
    experiments,
    experimentService: {
      create: async experiment => {
        const id = await knex.transaction(tx =>
          experiments.insert(tx, {
            name: experiment.name,
            owner: experiment.owner!,
            tags: {},
            createdBy: 'user:default/ada',
          }),
        );
        return experiments.get(id);
      },
    },
    runs,
    inputs: new InputStore({ knex }),
    registry: {
      findDataset: async ({ name, dataset, version = 3 }) => ({
        name,
        dataset,
        version,
        digest: `sha256:${'2'.repeat(64)}`,
      }),
      ensureModel: async () => {},
    },
    datasetUrl: (dataset, version) =>
      `https://portal.example.org/${dataset}/${version}`,
    backends,
    defaultBackend: 'memory',
    logs,
    changes,
    clock,
    wake: () => {},
  });

  return {
    backend,
    jobs,
    runs,
    service,
    logger,
    failed,
    lent,
    createReconciler,
    /** One pass. */
    pass: (by = reconciler) => by.run(new AbortController().signal),
    submit: (fields: Partial<NewJob> = {}): Promise<TrainingJob> =>
      service.submit({ template: spec.name, ...fields }, ADA),
    /** Has whoever leads be gone: as if its lease had ended. */
    endLease: () => knex('training_leads').delete(),
    async readKept(job: TrainingJob, path: string): Promise<string> {
      const file = await rows.find(
        job.experiment,
        `${job.run}/artifacts/${path}`,
      );
      return text(await artifacts.open(file!.digest));
    },
    async clear() {
      await knex('training_jobs').delete();
      await knex('training_leads').delete();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
