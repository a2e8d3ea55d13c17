import {
  ENDED_PHASES,
  type TrainingJob,
} from '@greenroom/plugin-ai-training-common';

/** Whether more is to be expected of a job. */
export function isOpen({ state }: Pick<TrainingJob, 'state'>): boolean {
  return !ENDED_PHASES.includes(state.phase);
}

/** Seconds that the programs of all its attempts have run, without those in which Kueue held them; undefined where none has begun. */
export function ranSeconds(
  { attempts }: Pick<TrainingJob, 'attempts'>,
  nowMillis: number,
): number | undefined {
  const begun = attempts.filter(({ runningAt }) => runningAt !== undefined);
  if (begun.length === 0) return undefined;
  const millis = begun.reduce(
    (sum, { runningAt, heldAt, heldSeconds = 0, endedAt }) => {
      const until = endedAt ?? heldAt;
      const untilMillis = until === undefined ? nowMillis : Date.parse(until);
      // The clock of the reader may be behind.
      return (
        sum +
        Math.max(0, untilMillis - Date.parse(runningAt!) - heldSeconds * 1_000)
      );
    },
    0,
  );
  return millis / 1000;
}

/** What it runs on in a few words: `local · 2 × a100 on 4 nodes`. */
export function whereOf({
  backend,
  resources,
}: Pick<TrainingJob, 'backend' | 'resources'>): string {
  const { flavor, count, nodes } = resources;
  const each = flavor === undefined ? undefined : `${count} × ${flavor}`;
  const spread = nodes > 1 ? `${nodes} nodes` : undefined;
  const parts = [each, spread].filter(part => part !== undefined);
  return [backend, ...(parts.length > 0 ? [parts.join(' on ')] : [])].join(
    ' · ',
  );
}
