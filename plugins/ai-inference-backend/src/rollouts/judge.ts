import { describeBrake, findBrake } from '../dataPlanes/brake';
import { weightOf } from '../deployments/trafficSplit';
import { evidenceOf, reportOf, withoutStop } from './evidence';
import { versionsOf } from './rollout';
import type { Judgement, RolloutAction, RolloutSituation } from './situation';

/** Takes a version with traffic, or a shadow, back that was judged. */
export function judge(
  situation: RolloutSituation,
  base: number,
): RolloutAction | undefined {
  const { rollout } = situation;
  const { toVersion, plan, state } = rollout;
  const judged = brakePulled(situation, base) ?? verdictOn(situation);
  if (!judged || judged.version === base) return undefined;
  const { version, ...judgement } = judged;
  if (version === toVersion) {
    return { kind: 'take-back', to: base, ...judgement };
  }
  const isOut =
    state.phase === 'progressing' && state.dropped?.includes(version);
  return plan.strategy === 'experiment' &&
    state.phase === 'progressing' &&
    !isOut
    ? { kind: 'drop', version, ...judgement }
    : undefined;
}

type Judged = Judgement & { version: number };

function brakePulled(
  { rollout, split, dataPlanes }: RolloutSituation,
  base: number,
): Judged | undefined {
  for (const { version, digest } of versionsOf(rollout)) {
    const hasTraffic = weightOf(split, version) > 0;
    const pulled = findBrake(dataPlanes, {
      model: rollout.model,
      version,
      digest,
    });
    if (pulled && hasTraffic && version !== base) {
      return {
        version,
        by: 'brake',
        reason: describeBrake(pulled),
        evidence: { kind: 'brake', ...pulled },
      };
    }
  }
  return undefined;
}

function verdictOn(situation: RolloutSituation): Judged | undefined {
  const report = reportOf(situation);
  if (situation.rollout.state.phase !== 'progressing') return undefined;
  return report?.verdict.kind === 'take-back'
    ? {
        version: report.verdict.version,
        by: 'analysis',
        reason: withoutStop(report.verdict.reason),
        evidence: evidenceOf(report),
      }
    : undefined;
}
