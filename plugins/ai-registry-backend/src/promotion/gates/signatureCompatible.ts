import { compareInterfaces } from '../../versions/compareSignatures';
import type { StepContext } from '../steps/PromotionStep';
import type { GateFinding, PromotionGate } from './PromotionGate';

/** Callers of the running version must be able to go on unchanged. */
export const signatureCompatible: PromotionGate = {
  id: 'signature-compatible',
  title: 'Signature is compatible',
  step: { name: 'check-signature', title: 'Compare signatures' },
  when: 'once',
  defaultMode: 'required',
  // Callers of what ran before are better off than with what is taken back.
  ofRollback: 'report',
  configure: () => ({ check }),
};

async function check(context: StepContext): Promise<GateFinding> {
  const { environment } = context.promotion;
  const running = await context.running();
  if (!running) {
    return {
      status: 'passed',
      summary: `${environment} has no running version to be compatible with.`,
      evidence: { kind: 'signature-compatible', differences: [] },
    };
  }
  const base = await context.version(running.version);
  const candidate = await context.candidate();
  const { compatible, differences, notComparable } = compareInterfaces(
    base,
    candidate,
  );
  const callers = `Callers of version ${running.version}, which ${environment} runs,`;
  const why =
    notComparable === undefined
      ? ''
      : ': both run at a provider, for the same tasks';
  return {
    status: compatible ? 'passed' : 'failed',
    summary: compatible
      ? `${callers} can go on unchanged${why}.`
      : `${callers} would break: ${differences.join(' ')}`,
    evidence: {
      kind: 'signature-compatible',
      comparedWith: running.version,
      differences,
    },
  };
}
