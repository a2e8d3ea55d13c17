import { ConflictError } from '@backstage/errors';
import type {
  DataPlaneReport,
  PulledBrake,
} from '@greenroom/plugin-ai-inference-common';
import type { ComparisonVerdict } from '@greenroom/plugin-ai-monitoring-common';
import {
  type DesiredDeployment,
  type RolloutPlan,
  type RolloutPlanStep,
  stepsOf,
} from '@greenroom/plugin-ai-registry-common';
import {
  type CurrentDeployment,
  decideDeploymentChange,
  startRollout,
  tidyDeployment,
} from '../deployments/deployment';
import {
  weightOf,
  type TrafficSplit,
  withVersion,
} from '../deployments/trafficSplit';
import type { SeenDataPlane } from '../dataPlanes/loadProgress';
import { chooseVersion } from './chooseVersion';
import { desiredDeployment, digestOf } from './fixtures';
import { comparisonReport } from './comparisonReport';
import type { AnalysisReading } from '../rollouts/AnalysisSource';
import { advanceRollout } from '../rollouts/applyRolloutAction';
import { comparedRoute, followComparison } from '../rollouts/comparison';
import { isRunning, type RolloutRecord, versionsOf } from '../rollouts/rollout';
import { ACTS, type RolloutHappening, VERSIONS } from './rolloutHappenings';

const START_MILLIS = Date.parse('2026-05-03T12:00:00Z');
const DRAIN_MILLIS = 60_000;
/** Two tries. */
const GIVE_UP_MILLIS = 30_000;
const CALLERS = Array.from({ length: 60 }, (_, index) => `caller-${index}`);
type Node = Map<number, DataPlaneReport['models'][number]['state']>;

function demand(isTrue: boolean, otherwise: string): void {
  if (!isTrue) throw new Error(otherwise);
}

/** A deployment and three data planes, driven by events; each pass is checked. */
export class RolloutWorld {
  nowMillis = START_MILLIS;
  current: CurrentDeployment | undefined;
  desired: DesiredDeployment | undefined;
  commits = 0;
  /** Most of the traffic that the running rollout's version had. */
  mostWeight = 0;
  said: Extract<RolloutHappening, { what: 'verdict' }> = {
    what: 'verdict',
    verdict: 'undecided',
    version: 1,
    isEnough: false,
    chance: 0.5,
  };
  readonly quorum: number;
  /** Versions that each data plane has taken the traffic from. */
  readonly brakes: Set<number>[] = [new Set(), new Set(), new Set()];
  readonly nodes: Node[] = [new Map(), new Map(), new Map()];
  readonly online = [true, true, true];
  readonly comparisons = new Map<string, string>();

  constructor(quorum: number) {
    this.quorum = quorum;
  }

  get now(): Date {
    return new Date(this.nowMillis);
  }

  handle(happened: RolloutHappening): void {
    switch (happened.what) {
      case 'push': {
        const { version, kind, rollbackTo } = happened;
        this.desired = desiredDeployment(version, {
          commit: `commit-${++this.commits}`,
          kind,
          rollout: this.plan(happened),
          analysis: {
            metrics: [
              {
                name: 'clicks',
                measure: { kind: 'outcome', outcome: 'clicks' },
                direction: 'higher-is-better',
                margin: 0.1,
                alpha: 0.05,
                power: 0.8,
              },
            ],
            minUnitsPerVariant: 10,
          },
          ...(rollbackTo !== undefined && {
            rollbackTo: { version: rollbackTo, digest: digestOf(rollbackTo) },
          }),
        });
        break;
      }
      case 'node':
        this.nodes[happened.node].set(
          happened.version,
          happened.state as 'ready',
        );
        break;
      case 'restart':
        this.nodes[happened.node].clear();
        break;
      case 'brake':
        this.brakes[happened.node].add(happened.version);
        break;
      case 'release':
        this.brakes[happened.node].delete(happened.version);
        break;
      case 'verdict':
        this.said = happened;
        break;
      case 'remove':
        this.desired = undefined;
        break;
      case 'steer':
        this.steer(happened.act);
        break;
      case 'wait':
        this.nowMillis += happened.seconds * 1_000;
        break;
      default:
        this.online[happened.node] = happened.what === 'online';
    }
    this.reconcile();
    this.pass();
  }

  plan(pushed: Extract<RolloutHappening, { what: 'push' }>): RolloutPlan {
    const { version, steps, after = 'nothing', strategy = 'canary' } = pushed;
    const proven = this.current?.deployment.provenVersion ?? 1;
    const variant = (of: number, sharePercent: number) => ({
      version: of,
      digest: digestOf(of),
      sharePercent,
    });
    switch (strategy) {
      case 'experiment':
        return {
          strategy,
          control: variant(proven, 40),
          treatments: VERSIONS.filter(
            item => item !== proven && (item === version || item === 4),
          ).map((item, index, all) =>
            variant(item, index === 0 ? 60 - 10 * (all.length - 1) : 10),
          ),
          end: {
            atMostSeconds: 60,
            minUnitsPerVariant: 10,
            winner: after === 'pause' ? 'ask' : 'serve',
          },
        };
      case 'shadow':
        return {
          strategy,
          samplePercent: 10,
          maxCopiesInFlight: 4,
          forSeconds: 60,
        };
      case 'adaptive':
        return {
          strategy,
          floorPercent: 10,
          metric: 'clicks',
          updateSeconds: 20,
          atMostSeconds: 60,
        };
      default: {
        const between: RolloutPlanStep[] = {
          pause: [{ pauseUntil: 'resumed' as const }],
          analysis: [{ analysisSeconds: 40 }],
          nothing: [],
        }[after];
        return {
          strategy: steps.length === 0 ? 'immediate' : 'canary',
          steps: steps.flatMap(weightPercent => [
            { weightPercent, holdSeconds: 30 },
            ...between,
          ]),
        };
      }
    }
  }

  /** What is read of what is compared, as the controller does before a pass. */
  reading(): AnalysisReading | undefined {
    const comparison = this.current?.rollout.comparison;
    if (!comparison || comparison.endedAt) return undefined;
    const { verdict, version, isEnough, chance } = this.said;
    if (verdict === 'away') return { kind: 'away', reason: 'it sleeps' };
    if (verdict === 'nothing-counted') return { kind: 'nothing-counted' };
    const compared = comparison.variants.map(item => item.version);
    const said = compared.includes(version) ? version : compared[1];
    const reason = 'So it is.';
    const treatments = compared.filter(item => item !== comparison.control);
    const condemned = treatments.includes(said) ? said : treatments[0];
    const verdicts: Record<typeof verdict, ComparisonVerdict> = {
      'not-worse': { kind: 'not-worse', reason },
      undecided: { kind: 'undecided', reason },
      better: { kind: 'better', version: said, reason },
      'take-back': {
        kind: 'take-back',
        version: condemned,
        metric: 'errors',
        reason,
      },
    };
    const judged = verdicts[verdict];
    const report = comparisonReport(comparison, { verdict: judged });
    return {
      kind: 'report',
      report: {
        ...report,
        hasEnoughUnits: isEnough,
        versions: report.versions.map(item => ({
          ...item,
          units: isEnough ? 20 : 2,
        })),
        chanceToBeBest: treatments.map(item => ({
          version: item,
          probability: chance,
        })),
      },
    };
  }

  /** As the service does it; what makes no sense is refused. */
  steer(act: keyof typeof ACTS): void {
    const { current, now } = this;
    if (!current || current.deployment.withdrawnAt) return;
    const { rollout, deployment } = current;
    const { split, provenVersion } = deployment;
    try {
      const after = ACTS[act](
        { rollout, split, provenVersion },
        { by: 'user:default/grace', reason: 'because', now },
      );
      const followed = followComparison(after.rollout, {
        ...after,
        now,
      });
      this.current = {
        rollout: followed,
        deployment: tidyDeployment(
          {
            rollout: followed,
            deployment: {
              ...deployment,
              split: versionsOf(rollout).reduce(withVersion, after.split),
            },
          },
          { now, drainMillis: DRAIN_MILLIS },
        ),
      };
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
    }
  }

  reconcile(): void {
    const { current, desired, now } = this;
    if (!desired) {
      if (current && !current.deployment.withdrawnAt) {
        current.deployment.withdrawnAt = now.toISOString();
        current.rollout.state = {
          phase: 'superseded',
          supersededAt: now.toISOString(),
        };
      }
      return;
    }
    const gone = current?.deployment.withdrawnAt;
    const remembered =
      gone && Date.parse(gone) + DRAIN_MILLIS < this.nowMillis
        ? undefined
        : current;
    const change = decideDeploymentChange(remembered, desired);
    if (change.kind === 'none') return;
    if (change.kind === 'note' && remembered) {
      remembered.deployment.commit = desired.commit;
      remembered.deployment.rollbackTo = desired.rollbackTo?.version;
      return;
    }
    this.mostWeight = 0;
    this.current = startRollout({
      current: remembered,
      desired,
      rolloutId: `rollout-${this.commits}-${this.nowMillis}`,
      now,
    });
  }

  dataPlanes(): (SeenDataPlane & {
    firstSeenAt: string;
    lastSeenAt: string;
    snapshotAsOf: string;
  })[] {
    return this.nodes.map((node, index) => ({
      publicUrl: `http://node-${index}`,
      online: this.online[index],
      firstSeenAt: this.now.toISOString(),
      lastSeenAt: this.now.toISOString(),
      snapshotAsOf: this.now.toISOString(),
      models: [...node].map(([version, state]) => ({
        model: 'digits',
        version,
        digest: digestOf(version),
        state,
      })),
      brakes: [...this.brakes[index]].map(
        (version): PulledBrake => ({
          model: 'digits',
          version,
          digest: digestOf(version),
          since: this.now.toISOString(),
          requests: 40,
          failures: 37,
          otherRequests: 350,
          otherFailures: 0,
          reason: 'it answers 500',
        }),
      ),
    }));
  }

  isBraked(version: number): boolean {
    return this.brakes.some(
      (braked, index) => this.online[index] && braked.has(version),
    );
  }

  /** How many data planes run it. */
  readyOn(version: number): number {
    return this.nodes.filter(
      (node, index) => this.online[index] && node.get(version) === 'ready',
    ).length;
  }

  isReady(version: number): boolean {
    return this.readyOn(version) > 0;
  }

  pass(): void {
    const { current } = this;
    if (!current || current.deployment.withdrawnAt) return;
    const { deployment } = current;
    const before = deployment.split;
    const analysis = this.reading();
    const { rollout, split, provenVersion } = advanceRollout({
      rollout: current.rollout,
      split: before,
      provenVersion: deployment.provenVersion,
      dataPlanes: this.dataPlanes(),
      quorum: this.quorum,
      giveUpMillis: GIVE_UP_MILLIS,
      analysis,
      now: this.now,
    });
    const base = deployment.provenVersion;
    this.check({ before, after: split, base, rollout });
    this.checkDecisions({
      before: current.rollout,
      after: rollout,
      analysis,
      split: before,
      base,
    });
    this.current = {
      rollout,
      deployment: tidyDeployment(
        { rollout, deployment: { ...deployment, split, provenVersion } },
        { now: this.now, drainMillis: DRAIN_MILLIS },
      ),
    };
    this.checkShape();
    this.checkComparison();
  }

  /** What has to be true of the traffic in each pass. */
  private check(moved: {
    before: TrafficSplit;
    after: TrafficSplit;
    base?: number;
    rollout: RolloutRecord;
  }): void {
    const { before, after, base, rollout } = moved;
    const target = rollout.toVersion;
    const planned = versionsOf(rollout).map(({ version }) => version);
    const isPaused = 'paused' in rollout.state && rollout.state.paused;
    const isCanary = ['canary', 'immediate'].includes(rollout.plan.strategy);
    // An experiment sets its shares over those of one that it takes over from.
    const takesOver =
      rollout.plan.strategy === 'experiment' &&
      before.filter(({ weightPercent }) => weightPercent > 0).length > 1 &&
      rollout.state.phase === 'progressing' &&
      !rollout.state.dropped;
    const gaveWay = before.some(
      ({ version, weightPercent }) =>
        weightPercent > 0 && ![...planned, base].includes(version),
    );
    for (const { version, weightPercent } of after) {
      if (weightPercent > weightOf(before, version)) {
        // Traffic only moves to the versions of the plan or to the proven one, and to where it can be answered.
        demand([...planned, base].includes(version), `${version} gets traffic`);
        demand(this.isReady(version), `nobody runs ${version}`);
        // What a data plane came back for is what it had.
        demand(
          !isPaused ||
            gaveWay ||
            version !== target ||
            rollout.plan.strategy === 'experiment' ||
            weightPercent <= this.mostWeight,
          `${version} gets more although it is paused`,
        );
      }
    }
    this.mostWeight = Math.max(this.mostWeight, weightOf(after, target));
    for (const caller of CALLERS) {
      const was = chooseVersion(before, caller);
      const is = chooseVersion(after, caller);
      // A caller stays, or moves to a version that grows, or away from one that nobody gets any more.
      demand(
        is === was ||
          weightOf(after, is) > weightOf(before, is) ||
          weightOf(after, was) === 0 ||
          takesOver,
        `${was} moved to ${is}`,
      );
      // Nobody leaves the new version while a data plane runs it, unless it is judged.
      demand(
        is === was ||
          was !== target ||
          !isCanary ||
          rollout.state.phase === 'rejected' ||
          !this.isReady(target),
        `left ${was} for ${is}`,
      );
    }
  }

  /** What has to be true of what was decided. */
  private checkDecisions(made: {
    before: RolloutRecord;
    after: RolloutRecord;
    analysis: AnalysisReading | undefined;
    split: TrafficSplit;
    base?: number;
  }): void {
    const { before, after, analysis, split, base } = made;
    if (!isRunning(before)) {
      demand(after.state === before.state, 'what is over was decided anew');
      return;
    }
    const verdict =
      analysis?.kind === 'report' ? analysis.report.verdict : undefined;
    const target = after.toVersion;
    const canGoBack =
      base !== undefined && base !== target && this.isReady(base);
    const superseded = split.some(
      ({ version, weightPercent }) =>
        weightPercent > 0 &&
        version !== base &&
        !versionsOf(after).some(item => item.version === version),
    );
    // Neither waits for a step, nor for somebody who has paused it.
    if (canGoBack && !superseded) {
      const isCondemned =
        before.state.phase === 'progressing' &&
        verdict?.kind === 'take-back' &&
        verdict.version === target;
      const isBraked = weightOf(split, target) > 0 && this.isBraked(target);
      demand(
        !(isCondemned || isBraked) || after.state.phase === 'rejected',
        'a version that was condemned goes on',
      );
    }
    if (after.state.phase === 'rejected' && after.state.by === 'deadline') {
      const isWhole = versionsOf(after).every(
        ({ version }) =>
          version === base || this.readyOn(version) >= this.quorum,
      );
      demand(canGoBack, 'it was given up with nothing to go back to');
      demand(!isWhole, 'it was given up although it is ready');
    } else if (after.state.phase === 'rejected') {
      demand(
        after.state.by === 'brake'
          ? this.isBraked(target)
          : verdict !== undefined ||
              analysis?.kind === 'nothing-counted' ||
              // It was paused up to its end: nothing is compared any more that could be read.
              (analysis === undefined &&
                before.plan.strategy === 'experiment' &&
                before.state.phase === 'progressing' &&
                before.comparison?.endedAt !== undefined &&
                before.state.nextStepAt <= after.state.rejectedAt),
        `taken back by ${after.state.by} without a cause`,
      );
    }
    // Who cannot be asked has decided nothing.
    if (
      analysis?.kind === 'away' &&
      before.state.phase === 'progressing' &&
      !before.state.override
    ) {
      const step = stepsOf(before.plan).at(before.state.step);
      const isAnalysis = step
        ? 'analysisSeconds' in step
        : before.plan.strategy !== 'canary';
      const isBraked = versionsOf(after).some(({ version }) =>
        this.isBraked(version),
      );
      // It is no matter of an analysis that it cannot be loaded.
      const isGivenUp =
        after.state.phase === 'rejected' && after.state.by === 'deadline';
      demand(
        !isAnalysis ||
          isBraked ||
          isGivenUp ||
          (after.state.phase === 'progressing' &&
            after.state.step === before.state.step),
        'an analysis that was not read has decided',
      );
    }
    const last = after.history.at(-1);
    const isJudged =
      after.state.phase === 'rejected' && after.state.by !== 'deadline';
    if (last !== before.history.at(-1) && isJudged) {
      demand(
        analysis?.kind !== 'report' || last?.evidence !== undefined,
        'it was taken back without evidence',
      );
    }
  }

  /** What is compared is what is served. */
  private checkComparison(): void {
    const { current } = this;
    if (!current) return;
    const { rollout, deployment } = current;
    const { comparison, state } = rollout;
    const isCompared = comparison && comparison.endedAt === undefined;
    demand(
      JSON.stringify(deployment.compared ?? {}) ===
        JSON.stringify(comparedRoute(rollout)),
      'data planes are told something else than what is compared',
    );
    if (!isCompared) return;
    demand(state.phase === 'progressing', 'it is over and compares');
    for (const { version, sharePercent } of comparison.variants) {
      demand(
        weightOf(deployment.split, version) === sharePercent,
        `${version} is compared at another share`,
      );
    }
    const known = this.comparisons.get(comparison.id);
    const shares = JSON.stringify(comparison.variants);
    demand(
      known === undefined || known === shares,
      `${comparison.id} has other shares than before`,
    );
    this.comparisons.set(comparison.id, shares);
  }

  /** What has to be true after each pass. */
  private checkShape(): void {
    const { current } = this;
    if (!current) return;
    const { split, provenVersion } = current.deployment;
    const { toVersion, state } = current.rollout;
    const weighted = split.filter(({ weightPercent }) => weightPercent > 0);
    const sum = weighted.reduce((all, v) => all + v.weightPercent, 0);
    demand(Math.abs(sum - 100) < 1e-9, `the weights add to ${sum}`);
    demand(
      state.phase === 'rejected' ||
        split.some(({ version }) => version === toVersion),
      'the new version is missing',
    );
    demand(
      state.phase !== 'rejected' || weightOf(split, toVersion) === 0,
      'the version that was taken back has traffic',
    );
    if (provenVersion === undefined) return;
    demand(
      split.some(({ version }) => version === provenVersion),
      'the proven version is missing',
    );
    if (state.phase === 'completed' || !this.isReady(provenVersion)) return;
    for (const { version } of weighted) {
      demand(
        version === provenVersion ||
          versionsOf(current.rollout).some(item => item.version === version),
        `${version} was superseded and has traffic`,
      );
      demand(this.isReady(version), `nobody runs ${version}`);
    }
  }
}
