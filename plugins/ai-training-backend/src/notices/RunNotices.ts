import {
  type DueNotice,
  nameOfActor,
  type Notice,
  NoticeQueue,
  NoticeSender,
  type NoticeText,
  type PortalPages,
} from '@greenroom/ai-node';
import {
  DEFAULT_EXPERIMENT,
  type Experiment,
} from '@greenroom/plugin-ai-training-common';
import type { Knex } from 'knex';
import {
  describeRetrainingNotice,
  RETRAINING_PAUSED,
  RetrainingNotices,
} from '../retraining/RetrainingNotices';
import type { TrainingParts } from '../trainingParts';

/** A run of an experiment failed. */
type RunFailed = Notice<
  'run-failed',
  {
    experiment: string;
    experimentName: string;
    /** Id of the run. */
    run: string;
    runName: string;
    by: string;
  }
>;

/** Has owners of experiments told of runs that failed: one notification of an experiment, however many did. */
export class RunNotices {
  readonly #queue: Pick<NoticeQueue, 'add'>;

  constructor(options: { queue: Pick<NoticeQueue, 'add'> }) {
    this.#queue = options.queue;
  }

  /** The experiment of clients that name none belongs to nobody, who is told. */
  async failed(
    tx: Knex.Transaction,
    options: {
      experiment: Pick<Experiment, 'id' | 'name' | 'owner'>;
      run: { id: string; name: string };
      actor: string;
    },
  ): Promise<void> {
    const { experiment, run, actor } = options;
    if (experiment.id === DEFAULT_EXPERIMENT) return;
    const notice: RunFailed = {
      scope: `failed-runs:${experiment.id}`,
      kind: 'run-failed',
      owners: [experiment.owner],
      actor,
      data: {
        experiment: experiment.id,
        experimentName: experiment.name,
        run: run.id,
        runName: run.name,
        by: actor,
      },
    };
    await this.#queue.add(tx, notice);
  }
}

/** What is read of it. */
export function describeRunNotice(
  notice: DueNotice,
  pages: Pick<PortalPages, 'experiment' | 'run'>,
): NoticeText {
  const { count } = notice;
  const { experiment, experimentName, run, runName, by } =
    notice.data as RunFailed['data'];
  const same = { severity: 'high', topic: 'ai-training-run' } as const;
  return count === 1
    ? {
        ...same,
        title: `A run of '${experimentName}' failed`,
        description: `'${runName}', as ${nameOfActor(by)} says.`,
        link: pages.run(run),
      }
    : {
        ...same,
        title: `${count} runs of '${experimentName}' failed`,
        description: `The last of them was '${runName}'.`,
        link: pages.experiment(experiment),
      };
}

export function createNotices(
  parts: TrainingParts & {
    pages: Pick<PortalPages, 'experiment' | 'model' | 'run'>;
  },
) {
  const queue = new NoticeQueue(parts);
  const sender = new NoticeSender({
    ...parts,
    queue,
    describe: notice =>
      notice.kind === RETRAINING_PAUSED
        ? describeRetrainingNotice(notice, parts.pages)
        : describeRunNotice(notice, parts.pages),
  });
  parts.changes.onCommit(() => sender.wake());
  return {
    sender,
    runs: new RunNotices({ queue }),
    retrainings: new RetrainingNotices({ queue }),
  };
}
