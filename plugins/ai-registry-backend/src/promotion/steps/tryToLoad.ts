import type { GateResult } from '../transitions';
import type { PromotionStep, StepContext } from './PromotionStep';

/** Before anything is merged, the data plane's own runtime must be able to load the version. */
export const tryToLoad: PromotionStep = {
  name: 'try-to-load',
  async run(context) {
    return { outcome: 'done', changes: { gate: await check(context) } };
  },
};

async function check(context: StepContext): Promise<GateResult> {
  if (context.promotion.kind === 'rollback') {
    return {
      id: 'servable',
      status: 'skipped',
      summary: 'Not asked of a rollback: the version ran here before.',
    };
  }
  // Whoever runs the gates again wants to know what holds now.
  const servability = await context.tryToLoad({ again: true });
  const evidence = { kind: 'servable', servability } as const;
  switch (servability.state) {
    case 'servable':
      return {
        id: 'servable',
        status: 'passed',
        summary: `${servability.runtime} loaded it in ${seconds(
          servability.loadMillis + servability.warmUpMillis,
        )} and answered with it.`,
        evidence,
      };
    case 'unservable':
      return {
        id: 'servable',
        status: 'failed',
        summary: `${servability.runtime} cannot serve it: ${servability.reason}`,
        evidence,
      };
    case 'not-tried':
      return {
        id: 'servable',
        status: 'skipped',
        summary: `Not tried: ${servability.reason}`,
        evidence,
      };
    default:
      throw new Error('The trial has not ended');
  }
}

/** "38 ms" or "2.4 s". */
function seconds(millis: number): string {
  return millis < 1_000
    ? `${Math.max(1, Math.round(millis))} ms`
    : `${(millis / 1_000).toFixed(1)} s`;
}
