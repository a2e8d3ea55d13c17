import { toError } from '@backstage/errors';
import type {
  DesiredDeployment,
  PromotionOutcome,
} from '@greenroom/plugin-ai-registry-common';
import type { DeploymentState } from '../../environments/GitHost';
import type { Serving } from '../../environments/ServingState';
import type { PromotionRecord } from '../promotion';
import { commentActs } from './commentActs';
import { tellDeployment } from './tellDeployment';
import type { PromotionStep } from './PromotionStep';

/** How long an environment may be without a data plane before nobody waits for one. */
const WAIT_FOR_DATA_PLANE_MILLIS = 60_000;

/** How the end of a rollout is called on the Git host. */
const DEPLOYMENTS: Record<PromotionOutcome['kind'], DeploymentState> = {
  serving: 'succeeded',
  'not-served': 'waiting',
  rejected: 'failed',
  superseded: 'superseded',
  unknown: 'waiting',
};

/** Follows the rollout to its end: the merge only says what is wanted. */
export const awaitRollout: PromotionStep = {
  name: 'await-rollout',
  async run(context) {
    const { promotion } = context;
    let serving: Serving | undefined;
    try {
      serving = await context.serving();
    } catch (error) {
      const { message } = toError(error);
      return {
        outcome: 'under-way',
        waitingFor: `It cannot be told what serves ${promotion.environment}: ${message}`,
      };
    }
    const comments = await commentActs(context, serving);
    const step = promotion.steps.find(({ name }) => name === 'await-rollout');
    const progress = judgeRollout({
      promotion,
      desired: await context.running(),
      serving,
      waitedMillis: Date.now() - Date.parse(step?.startedAt ?? ''),
    });
    if (!('outcome' in progress)) {
      return {
        outcome: 'under-way',
        waitingFor: [progress.waitingFor, comments.trouble]
          .filter(Boolean)
          .join(' '),
        told: comments.told,
      };
    }
    const told = comments.told ?? promotion.told;
    const { kind, note } = progress.outcome;
    const wayBack =
      kind === 'rejected' ? await context.takeBack(note) : undefined;
    const trouble = await tellDeployment(context, DEPLOYMENTS[kind], note);
    const sentences = [wayBack ? `${note}. ${wayBack}` : note, trouble];
    return {
      outcome: 'done',
      changes: {
        outcome: { kind, note: sentences.filter(Boolean).join(' ') },
        told,
      },
    };
  },
};

/** How far the rollout of a merged promotion is, out of what is wanted and what serves. */
export function judgeRollout(options: {
  promotion: Pick<PromotionRecord, 'environment' | 'version' | 'id'>;
  /** What Git asks for by now. */
  desired:
    | Pick<DesiredDeployment, 'commit' | 'version' | 'promotionId'>
    | undefined;
  serving: Serving | undefined;
  waitedMillis: number;
}): { outcome: PromotionOutcome } | { waitingFor: string } {
  const { promotion, desired, serving, waitedMillis } = options;
  const { environment, version } = promotion;
  if (desired?.promotionId !== promotion.id) {
    const now = desired
      ? `commit ${desired.commit.slice(0, 12)} asks for version ${
          desired.version
        }`
      : 'the manifest is gone';
    return ended('superseded', `Superseded before it had ended: ${now}.`);
  }
  const isSeen = serving?.commit === desired.commit;
  if (isSeen && serving.state === 'serving') {
    return ended(
      'serving',
      `Version ${version} got all traffic of ${environment}.`,
    );
  }
  if (isSeen && serving.state === 'degraded') {
    return ended(
      'serving',
      `Version ${version} got all traffic of ${environment}, but not everywhere: ${serving.reason}`,
    );
  }
  if (isSeen && serving.state === 'rejected') {
    return ended(
      'rejected',
      serving.reason ?? `Version ${version} was taken back.`,
    );
  }
  if (serving?.onDemand && !(isSeen && serving.state === 'asleep')) {
    return {
      waitingFor: isSeen
        ? serving.reason ?? `Traffic moves to version ${version}.`
        : `The commit is to be acted on; a data plane of ${environment} starts for it.`,
    };
  }
  if (serving?.state === 'asleep' && serving.reason) {
    return waitedMillis < WAIT_FOR_DATA_PLANE_MILLIS
      ? { waitingFor: serving.reason }
      : ended(
          'not-served',
          `Version ${version} is what is loaded there next. ${serving.reason}.`,
        );
  }
  if (!serving || serving.dataPlanes === 0) {
    return waitedMillis < WAIT_FOR_DATA_PLANE_MILLIS
      ? { waitingFor: `A data plane of ${environment} is to report.` }
      : ended(
          'not-served',
          `No data plane serves ${environment}: version ${version} is what one will load there.`,
        );
  }
  return {
    waitingFor: isSeen
      ? serving.reason ?? `Traffic moves to version ${version}.`
      : 'The commit is to be seen by the data planes.',
  };
}

function ended(
  kind: PromotionOutcome['kind'],
  note: string,
): { outcome: PromotionOutcome } {
  return { outcome: { kind, note } };
}
