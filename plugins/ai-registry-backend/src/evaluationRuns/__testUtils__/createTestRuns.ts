import type { LoggerService } from '@backstage/backend-plugin-api';
import type { ArtifactStore } from '@greenroom/artifact-store';
import { NotFoundError } from '@backstage/errors';
import type {
  DatasetRow,
  DatasetVersion,
  EnvironmentConnections,
  Environments,
  EvaluationWork,
  PromptAnswer,
  PromptRow,
} from '@greenroom/plugin-ai-registry-common';
import type { Knex } from 'knex';
import type { RegistryChanges } from '../../events/announcement';
import type { ModelStore } from '../../models/ModelStore';
import { PromotionStore } from '../../promotion/PromotionStore';
import type { EvaluationStore } from '../../versions/EvaluationStore';
import type { VersionStore } from '../../versions/VersionStore';
import { EvaluationRuns } from '../EvaluationRuns';
import { DefaultEvaluationRunService } from '../EvaluationRunService';
import { EvaluationRunStore } from '../EvaluationRunStore';
import { PromptSets } from '../PromptSets';
import { RunFinisher } from '../RunFinisher';
import { WorkService } from '../WorkService';

export const SET_DIGEST = `sha256:${'5'.repeat(64)}` as const;

/** Says what a version answers; undefined for no answer at all. */
export type Answering = (
  prompt: PromptRow,
  work: EvaluationWork,
) => Omit<PromptAnswer, 'row'>;

/** Runs as the registry has them, over rows in memory, and a data plane that answers at once. */
export function createTestRuns(options: {
  knex: Knex;
  changes: RegistryChanges;
  models: ModelStore;
  versions: VersionStore;
  evaluations: EvaluationStore;
  artifacts: ArtifactStore;
  environments: Environments;
  connections: EnvironmentConnections;
  logger: LoggerService;
  leaseMillis?: number;
}) {
  const { knex } = options;
  /** Rows of the version 1 of each dataset; tests change them. */
  const datasets = new Map<string, DatasetRow[]>();
  const store = new EvaluationRunStore({
    knex,
    leaseMillis: options.leaseMillis,
  });
  const rowsOf = (dataset: string) => {
    const rows = datasets.get(dataset);
    if (rows) return rows;
    throw new NotFoundError(`There is no dataset '${dataset}'`);
  };
  const sets = new PromptSets({
    datasets: {
      async getVersion({ dataset, version }): Promise<DatasetVersion> {
        return {
          dataset,
          version,
          description: '',
          kind: 'stored',
          digest: SET_DIGEST,
          fileDigest: SET_DIGEST,
          format: 'jsonl',
          rows: rowsOf(dataset).length,
          columns: [],
          sizeBytes: 1,
          createdAt: '2026-05-03T08:00:00.000Z',
          createdBy: 'user:default/ada',
        };
      },
      async readRows({ dataset }, { limit }) {
        return (async function* rows() {
          yield* rowsOf(dataset).slice(0, limit);
        })();
      },
    },
  });
  const finisher = new RunFinisher({
    ...options,
    store,
    sets,
    promotions: new PromotionStore({ knex }),
  });
  const runs = new EvaluationRuns({
    ...options,
    store,
    sets,
    onNews: () => {},
  });
  const work = new WorkService({
    ...options,
    store,
    sets,
    finisher,
    onTold: () => {},
  });
  const waitingFor = () => 'A data plane is to take it.';
  const signal = new AbortController().signal;
  const take = (environment: string, producer = 'a-data-plane') =>
    work.take(environment, { producer, waitSeconds: 0, signal });
  return {
    datasets,
    store,
    runs,
    work,
    finisher,
    waitingFor,
    take,
    service: new DefaultEvaluationRunService({
      ...options,
      runs,
      store,
      sets,
      waitingFor,
    }),

    /** Ends the runs that can be. */
    finish: () => finisher.look(signal),

    /** Does what a data plane of the environment does until there is no run left. */
    async answerAll(environment: string, answering: Answering): Promise<void> {
      for (;;) {
        const taken = await take(environment);
        if (!taken) break;
        let { rows } = taken;
        let after = -1;
        while (rows.length > 0) {
          after = rows[rows.length - 1].row;
          const answers = rows.map(row => ({
            row: row.row,
            ...answering(row, taken),
          }));
          const reply = await work.report(
            { environment, id: taken.id },
            { lease: taken.lease, answers, after, want: 16 },
          );
          rows = reply.state === 'go-on' ? reply.rows : [];
        }
      }
      await finisher.look(signal);
    },
  };
}
