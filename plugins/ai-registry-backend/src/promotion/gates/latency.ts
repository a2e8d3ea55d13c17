import type { GateEvidence } from '@greenroom/plugin-ai-registry-common';
import {
  better,
  type Latency,
  type LatencyBudget,
  millis,
  overBudget,
} from '../evidence/latencyBudget';
import type { StepContext } from '../steps/PromotionStep';
import type { GateFinding, PromotionGate } from './PromotionGate';

/** One row must not take longer than callers can wait. */
export const latency: PromotionGate = {
  id: 'latency',
  title: 'Fast enough',
  step: { name: 'check-latency', title: 'Measure the latency' },
  when: 'once',
  defaultMode: 'report',
  ofRollback: 'off',
  isOnDemand: true,
  configure(config) {
    const budget: LatencyBudget = {
      maxMillis: config.optionalNumber('maxMillis', {
        between: [0.01, 600_000],
      }),
      maxIncreaseShare: config.number('maxIncreaseShare', {
        default: 0.5,
        between: [0, 100],
      }),
    };
    return { check: context => check(context, budget) };
  },
};

async function check(
  context: StepContext,
  budget: LatencyBudget,
): Promise<GateFinding> {
  const { environment, version } = context.promotion;
  const [candidate, running] = [
    await context.candidate(),
    await context.running(),
  ];
  let own = measured(candidate.servability);
  if (!own) {
    return {
      status: 'not-asked',
      because:
        'Not measured: no trial ran the version with values that it takes.',
    };
  }
  let other =
    running && measured((await context.version(running.version)).servability);
  let over = overBudget(own, other, budget);
  if (over.length > 0) {
    // The trials may have run while the machine did other things: once more, one right after the other.
    const again = await context.rehearse(version, []);
    if (again?.latencyMicros) own = better(own, again.latencyMicros);
    if (running) {
      const beside = await context.rehearse(running.version, []);
      other = beside?.latencyMicros ?? other;
    }
    over = overBudget(own, other, budget);
  }
  const evidence: GateEvidence = {
    kind: 'facts',
    facts: [
      { label: 'This version, median', value: millis(own.p50) },
      { label: 'This version, p95', value: millis(own.p95) },
      ...(running && other
        ? [
            {
              label: `Version ${running.version} (running), p95`,
              value: millis(other.p95),
            },
          ]
        : []),
    ],
  };
  return over.length > 0
    ? { status: 'failed', summary: over.join(' '), evidence }
    : {
        status: 'passed',
        summary: `One row takes ${millis(
          own.p95,
        )} in 95 of 100 cases where it was tried${
          running && other
            ? `, and ${millis(other.p95)} with version ${
                running.version
              }, which ${environment} runs`
            : ''
        }.`,
        evidence,
      };
}

function measured(
  servability: Awaited<ReturnType<StepContext['candidate']>>['servability'],
): Latency | undefined {
  return servability.state === 'servable'
    ? servability.latencyMicros
    : undefined;
}
