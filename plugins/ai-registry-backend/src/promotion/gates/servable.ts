import type { StepContext } from '../steps/PromotionStep';
import type { GateFinding, PromotionGate } from './PromotionGate';

/** Before anything is merged, the data plane's own runtime must be able to load the version. */
export const servable: PromotionGate = {
  id: 'servable',
  title: 'Data planes can serve it',
  step: { name: 'try-to-load', title: 'Try to load it' },
  when: 'once',
  defaultMode: 'required',
  // The version ran there before.
  ofRollback: 'off',
  configure: () => ({ check }),
};

async function check(context: StepContext): Promise<GateFinding> {
  // Whoever runs the gates again wants to know what holds now.
  const servability = await context.tryToLoad({ again: true });
  const evidence = { kind: 'servable', servability } as const;
  switch (servability.state) {
    case 'servable':
      return {
        status: 'passed',
        summary: `${servability.runtime} loaded it in ${seconds(
          servability.loadMillis + servability.warmUpMillis,
        )} and answered with it.`,
        evidence,
      };
    case 'unservable':
      return {
        status: 'failed',
        summary: `${servability.runtime} cannot serve it: ${servability.reason}`,
        evidence,
      };
    case 'not-tried':
      return {
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
