import type { Deployment } from '@greenroom/plugin-ai-inference-common';
import { toServing } from './InferenceServingState';

const digest = `sha256:${'a'.repeat(64)}`;
const act = { at: '2026-05-03T08:00:00.000Z', by: 'brake', note: 'Taken back' };
const deployment: Deployment = {
  environment: 'production',
  model: 'digits',
  wanted: { version: 2, digest, commit: 'abc', since: act.at },
  variants: [{ version: 1, digest, weightPercent: 100 }],
  convergence: { state: 'moving', reason: 'It moves' },
  dataPlanes: { ready: 1, total: 1, degraded: [] },
  rollout: {
    id: 'r',
    environment: 'production',
    model: 'digits',
    toVersion: 2,
    kind: 'promotion',
    plan: { strategy: 'immediate', steps: [] },
    state: { phase: 'loading' },
    commit: 'abc',
    startedAt: act.at,
    history: [
      { at: act.at, weightPercent: 10, note: '10 %' },
      { ...act, weightPercent: 0 },
    ],
  },
  updatedAt: act.at,
};

describe('toServing', () => {
  it('tells what was done and decided, and not what the plan says', () => {
    expect(toServing(deployment).acts).toEqual([act]);
  });

  it('tells nothing of the rollout of another commit', () => {
    const wanted = { ...deployment.wanted, commit: 'def' };
    expect(toServing({ ...deployment, wanted }).acts).toEqual([]);
  });
});
