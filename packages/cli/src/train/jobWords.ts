import {
  type JobAttempt,
  tellProgress,
  tellState,
  type TrainingJob,
} from '@greenroom/plugin-ai-training-common';
import type { Word } from '../actions/Action';
import { moneyText, numberText } from '../output/words';
import { durationText } from '../runs/runText';

export const JOB_WORD: Word = {
  name: 'JOB',
  expected: 'the id of a training job',
};

/** Metrics that a line has of a program that says hundreds. */
const MOST_METRICS = 5;

/** What it runs on, such as `2 x a100 on 4 nodes, 16Gi, 8 cpu`. */
export function resourcesText({ resources }: TrainingJob): string {
  const { flavor = 'any', count, nodes, memory, cpu } = resources;
  return [
    `${count} x ${flavor}${nodes === 1 ? '' : ` on each of ${nodes} nodes`}`,
    ...(memory === undefined ? [] : [memory]),
    ...(cpu === undefined ? [] : [`${cpu} cpu`]),
  ].join(', ');
}

/** How far its program says it is, with its newest metrics; undefined where it says nothing. */
export function progressText({ progress }: TrainingJob): string | undefined {
  if (!progress) return undefined;
  const metrics = (progress.metrics ?? []).map(
    ({ name, value }) => `${name} ${valueText(value)}`,
  );
  const texts = [
    tellProgress(progress),
    [
      ...metrics.slice(0, MOST_METRICS),
      ...(metrics.length > MOST_METRICS ? ['...'] : []),
    ].join(', '),
  ].filter(Boolean);
  return texts.length > 0 ? texts.join('; ') : undefined;
}

function valueText(value: string): string {
  const number = Number(value);
  return value.trim() !== '' && Number.isFinite(number)
    ? numberText(number)
    : value;
}

/** Undefined where its flavor has no price. */
export function costText({ cost }: TrainingJob): string | undefined {
  return cost && moneyText(cost);
}

/** How long its program ran; undefined while it does, or where it never did. */
export function attemptDuration(attempt: JobAttempt): string | undefined {
  const { runningAt, endedAt } = attempt;
  if (runningAt === undefined || endedAt === undefined) return undefined;
  return durationText({
    startedAt: Date.parse(runningAt),
    endedAt: Date.parse(endedAt),
  });
}

/** Its state as a line of its own. */
export function stateLine({ name, state }: TrainingJob): string {
  return `${name}: ${tellState(state)}`;
}
