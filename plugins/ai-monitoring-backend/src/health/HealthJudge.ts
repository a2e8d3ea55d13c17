import type { LoggerService } from '@backstage/backend-plugin-api';
import { toError } from '@backstage/errors';
import type { RolloutSource } from '../markers/RolloutSource';
import {
  nextNotice,
  type NoticeRules,
  type NoticeState,
} from '../notices/notice';
import type { OwnerNotifier } from '../notices/OwnerNotifier';
import type { Verdict } from './health';
import type { HealthReader, JudgedModel } from './HealthReader';
import type { JudgingTurn } from './JudgingTurn';
import { modelKey } from './RecentStore';
import type { VerdictStore } from './VerdictStore';

const MODELS_A_TURN = 50;
/** Judging takes at most a fifth of a processor, however many models there are. */
const REST_FACTOR = 4;
/** A model that is neither deployed nor called leaves the lists after this. */
const FORGET_MILLIS = 60 * 60_000;

export interface HealthJudgeOptions {
  reader: HealthReader;
  verdicts: VerdictStore;
  rollouts: RolloutSource;
  notifier: OwnerNotifier;
  turn: JudgingTurn;
  rules: NoticeRules;
  /** Shortest rest after a pass. */
  restMillis: number;
  logger: LoggerService;
  clock: () => Date;
}

/** Judges all models again and again, for the lists and for the owners. */
export class HealthJudge {
  readonly #options: HealthJudgeOptions;

  constructor(options: HealthJudgeOptions) {
    this.#options = options;
  }

  /** One pass over all models, unless another control plane makes it. */
  async run(signal: AbortSignal): Promise<void> {
    const { turn, restMillis } = this.#options;
    if (!(await turn.take())) return;
    const startedMillis = performance.now();
    try {
      await this.#judgeAll(signal);
    } finally {
      const tookMillis = performance.now() - startedMillis;
      await turn.giveBack(Math.max(restMillis, REST_FACTOR * tookMillis));
    }
  }

  async #judgeAll(signal: AbortSignal): Promise<void> {
    const { reader, verdicts, rollouts, turn, clock } = this.#options;
    const [deployed, active] = await Promise.all([
      rollouts.listDeployed({}),
      reader.listActive({}),
    ]);
    const models = [...mergeModels(deployed, active).values()];
    for (let at = 0; at < models.length; at += MODELS_A_TURN) {
      if (signal.aborted || !(await turn.renew())) return;
      const some = models.slice(at, at + MODELS_A_TURN);
      const judged = await reader.judge(some);
      const told = await verdicts.listNotices(some);
      await verdicts.save(
        judged.map(({ health }) => health),
        clock(),
      );
      for (const verdict of judged) {
        await this.#consider(
          verdict,
          told.get(modelKey(verdict.health)) ?? { told: 'healthy' },
        );
      }
    }
    await verdicts.forgetBefore(new Date(clock().getTime() - FORGET_MILLIS));
  }

  async #consider(verdict: Verdict, before: NoticeState): Promise<void> {
    const { verdicts, notifier, rules, logger, clock } = this.#options;
    const { health } = verdict;
    const { state: after, notice } = nextNotice({
      state: before,
      verdict,
      now: clock(),
      rules,
    });
    if (after === before) return;
    try {
      await verdicts.saveNotice(health, {
        before,
        after,
        send: notice && (() => notifier.tell(verdict, notice)),
      });
    } catch (error) {
      logger.warn(
        `The owners of '${health.model}' could not be told how it does in ${health.environment}, which will be tried again`,
        toError(error),
      );
    }
  }
}

/** Deployed models, and those that are called all the same. */
export function mergeModels(
  deployed: NonNullable<JudgedModel['deployment']>[],
  active: { environment: string; model: string }[],
): Map<string, JudgedModel> {
  const models = new Map<string, JudgedModel>(
    active.map(place => [modelKey(place), place]),
  );
  for (const deployment of deployed) {
    const { environment, model } = deployment;
    const place = { environment, model };
    models.set(modelKey(place), { ...place, deployment });
  }
  return new Map([...models].sort(([a], [b]) => (a < b ? -1 : 1)));
}
