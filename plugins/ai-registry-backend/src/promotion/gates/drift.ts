import type { GateEvidence } from '@greenroom/plugin-ai-registry-common';
import type { StepContext } from '../steps/PromotionStep';
import type { GateFinding, PromotionGate } from './PromotionGate';

const MOST_NAMED = 5;

const REASONS = {
  'no-baseline':
    'the running version has no baseline, so that nothing is known of what it is asked',
  'no-reference': 'the version was registered without reference rows',
  'other-features': 'the two versions have no feature of the same name',
  'no-data': 'nothing was asked in the last 24 hours',
};

const WORDS = {
  ok: 'like before',
  warning: 'a little different',
  alert: 'different',
  'not-enough-data': 'too few rows',
};

/** A version that was made of other rows than those that are asked answers what it has not seen. */
export const drift: PromotionGate = {
  id: 'drift',
  title: 'Made of rows like those of today',
  step: { name: 'check-drift', title: "Compare with today's traffic" },
  when: 'once',
  defaultMode: 'report',
  ofRollback: 'off',
  isOnDemand: true,
  configure: () => ({ check }),
};

async function check(context: StepContext): Promise<GateFinding> {
  const { environment, version } = context.promotion;
  const running = await context.running();
  if (!running) {
    return notCompared(`nothing runs in ${environment} yet`);
  }
  const found = await context.driftOfTraffic(running.version);
  const { report, reason, rows, referenceRows, leftOut } = found;
  if (!report) return notCompared(REASONS[reason ?? 'no-data']);
  const worst = [...report.features].sort((a, b) => b.effect - a.effect);
  const drifted = worst.filter(({ status }) => status === 'alert');
  const facts = [
    { label: 'Sampled rows of the last 24 hours', value: String(rows) },
    {
      label: `Reference rows of version ${version}`,
      value: String(referenceRows),
    },
    ...worst.slice(0, MOST_NAMED).map(({ name, effect, status }) => ({
      label: name,
      value: `${effect.toFixed(2)} PSI (${WORDS[status]})`,
    })),
    ...(leftOut.length > 0
      ? [{ label: 'Only one of the two has', value: leftOut.join(', ') }]
      : []),
  ];
  const evidence: GateEvidence = { kind: 'facts', facts };
  if (report.status === 'not-enough-data') {
    return {
      status: 'skipped',
      summary: `Not compared: ${rows} sampled rows of the last 24 hours and ${referenceRows} reference rows are too few.`,
      evidence,
    };
  }
  if (drifted.length > 0) {
    const names = drifted.slice(0, MOST_NAMED).map(({ name }) => name);
    const more = drifted.length - names.length;
    return {
      status: 'failed',
      summary: `What ${environment} is asked differs from the rows that version ${version} was made of, in ${names.join(
        ', ',
      )}${
        more > 0 ? ` and ${more} more` : ''
      }: train it on newer rows, or evaluate it on rows of today.`,
      evidence,
    };
  }
  return {
    status: 'passed',
    summary: `What ${environment} is asked is like the rows that version ${version} was made of.`,
    evidence,
  };
}

function notCompared(because: string): GateFinding {
  return { status: 'not-asked', because: `Not compared: ${because}.` };
}
