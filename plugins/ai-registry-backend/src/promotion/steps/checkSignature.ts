import { compareInterfaces } from '../../versions/compareSignatures';
import type { PromotionStep } from './PromotionStep';

/** Callers of the running version must be able to go on unchanged. */
export const checkSignature: PromotionStep = {
  name: 'check-signature',
  async run(context) {
    const { environment } = context.promotion;
    const running = await context.running();
    if (!running) {
      return {
        outcome: 'done',
        changes: {
          gate: {
            id: 'signature-compatible',
            status: 'passed',
            summary: `${environment} has no running version to be compatible with.`,
            evidence: { kind: 'signature-compatible', differences: [] },
          },
        },
      };
    }
    const base = await context.version(running.version);
    const candidate = await context.candidate();
    const { compatible, differences, notComparable } = compareInterfaces(
      base,
      candidate,
    );

    return {
      outcome: 'done',
      changes: {
        gate: {
          id: 'signature-compatible',
          status: compatible ? 'passed' : 'failed',
          summary: compatible
            ? `Callers of version ${
                running.version
              }, which ${environment} runs, can go on unchanged${
                notComparable === undefined
                  ? ''
                  : ': both run at a provider, for the same tasks'
              }.`
            : `Callers of version ${
                running.version
              }, which ${environment} runs, would break: ${differences.join(
                ' ',
              )}`,
          evidence: {
            kind: 'signature-compatible',
            comparedWith: running.version,
            differences,
          },
        },
      },
    };
  },
};
