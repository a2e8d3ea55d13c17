import {
  addToDdSketch,
  createDdSketch,
  createRandom,
  nextBeta,
  nextExponential,
  nextNormal,
  nextUniform,
  type RandomState,
} from '@greenroom/ml-kit';
import type { Comparison } from '@greenroom/plugin-ai-inference-common';
import type { ComparisonReport } from '@greenroom/plugin-ai-monitoring-common';
import type { KnownBefore } from '../comparedState';
import {
  type ComparisonAddition,
  type CountedOutcome,
  type CountedRequest,
  emptyAddition,
} from '../countRequests';

/** How a version behaves. */
export interface Behaviour {
  errorRate: number;
  /** Added to every request. */
  addedMillis: number;
}

/** What is played. */
export interface Scene {
  comparison: Comparison;
  control: Behaviour;
  treatment: Behaviour;
  requestsPerUnit: 1 | 20;
  batches: number;
  requestsPerBatch: number;
}

const CONTROL = 1;
const UNIT_HASHES = 2 ** 48;
/** Correlation within a caller: of errors, and of the logarithm of latencies. */
const ERROR_CORRELATION = 0.3;
const LATENCY_CORRELATION = 0.5;
/** Callers that ask at the same time, as a part of the requests of a batch. */
const ACTIVE_PART = 5;
const MEDIAN_MILLIS = 60;
const LATENCY_SIGMA = 0.5;
const CLICK_RATE = 0.1;

/** Whoever asks, with what is the same in all that it asks. */
interface Caller {
  unit: number;
  version: number;
  errorRate: number;
  clickRate: number;
  latency: number;
  value: number;
  /** Requests that it still makes. */
  left: number;
}

/** Traffic to two versions in batches, with errors, log-normal latencies, clicks, and amounts. */
export class SimulatedTraffic {
  readonly #scene: Scene;
  readonly #random: RandomState;
  /** Who asks at the moment, each until it has asked as often as a caller does. */
  readonly #callers: Caller[];

  constructor(scene: Scene, seed: number) {
    this.#scene = scene;
    this.#random = createRandom(seed);
    this.#callers = [];
    if (scene.requestsPerUnit === 1) return;
    const active = Math.ceil(scene.requestsPerBatch / ACTIVE_PART);
    for (let i = 0; i < active; i++) this.#callers.push(this.#newCaller());
  }

  /** The control in the day before. */
  knownBefore(): KnownBefore {
    const latencyMicros = createDdSketch();
    const requests = 1_000;
    let failures = 0;
    for (let i = 0; i < requests; i++) {
      const { control } = this.#scene;
      addToDdSketch(latencyMicros, this.#latencyOf(0, 0));
      if (nextUniform(this.#random) < control.errorRate) failures += 1;
    }
    return { requests, failures, latencyMicros, requestsInLastHour: 3_600 };
  }

  nextBatch(): ComparisonAddition {
    const batch = emptyAddition();
    for (let i = 0; i < this.#scene.requestsPerBatch; i++) {
      const caller = this.#nextCaller();
      batch.requests.push(this.#request(caller));
      batch.outcomes.push(...this.#outcomes(caller));
    }
    return batch;
  }

  #nextCaller(): Caller {
    if (this.#callers.length === 0) return this.#newCaller();
    const place = Math.floor(nextUniform(this.#random) * this.#callers.length);
    const caller = this.#callers[place];
    caller.left -= 1;
    if (caller.left === 0) this.#callers[place] = this.#newCaller();
    return caller;
  }

  #newCaller(): Caller {
    const random = this.#random;
    const { comparison, control, treatment, requestsPerUnit } = this.#scene;
    const [first, second] = comparison.variants;
    const isControl = nextUniform(random) * 100 < first.sharePercent;
    const { errorRate } = isControl ? control : treatment;
    const isAlike = requestsPerUnit > 1;
    return {
      unit: 1 + Math.floor(nextUniform(random) * (UNIT_HASHES - 1)),
      version: isControl ? first.version : second.version,
      errorRate: isAlike ? this.#alike(errorRate) : errorRate,
      clickRate: isAlike ? this.#alike(CLICK_RATE) : CLICK_RATE,
      latency: isAlike ? nextNormal(random) : 0,
      value: isAlike ? nextExponential(random) : 0,
      left: requestsPerUnit,
    };
  }

  /** A rate of one caller, with that mean over all callers. */
  #alike(rate: number): number {
    const both = 1 / ERROR_CORRELATION - 1;
    return nextBeta(this.#random, rate * both, (1 - rate) * both);
  }

  #request({ unit, version, errorRate, latency }: Caller): CountedRequest {
    const { control, treatment } = this.#scene;
    const { addedMillis } = version === CONTROL ? control : treatment;
    return {
      version,
      unit,
      status: nextUniform(this.#random) < errorRate ? 500 : 200,
      latencyMicros: this.#latencyOf(latency, addedMillis),
      isCopy: false,
      agrees: -1,
    };
  }

  #latencyOf(ofCaller: number, addedMillis: number): number {
    const own = nextNormal(this.#random);
    const z =
      ofCaller === 0
        ? own
        : Math.sqrt(LATENCY_CORRELATION) * ofCaller +
          Math.sqrt(1 - LATENCY_CORRELATION) * own;
    return 1_000 * (MEDIAN_MILLIS * Math.exp(LATENCY_SIGMA * z) + addedMillis);
  }

  #outcomes({ unit, version, clickRate, value }: Caller): CountedOutcome[] {
    const clicked = nextUniform(this.#random) < clickRate ? 1 : 0;
    const amount = value + nextExponential(this.#random);
    return [
      { version, unit, name: 'clicked', value: clicked },
      { version, unit, name: 'amount', value: amount },
    ];
  }
}

/** What became of a rollout that was looked at after every batch. */
export interface PlayedRollout {
  /** Requests of the treatment until it was taken back by a guardrail. */
  takenBackAfter?: number;
  /** Whether a metric of that name was ever better or worse. */
  decided: Record<string, boolean>;
  hadMismatch: boolean;
}

/** Follows the reports on a rollout that ends when it is taken back. */
export function follow(): {
  rollout: PlayedRollout;
  look(report: ComparisonReport): 'goes-on' | 'ended';
} {
  const rollout: PlayedRollout = { decided: {}, hadMismatch: false };
  return {
    rollout,
    look({ metrics, guardrails, sampleRatio, verdict, versions }) {
      for (const { name, status } of metrics) {
        rollout.decided[name] ||= status === 'better' || status === 'worse';
      }
      rollout.hadMismatch ||= sampleRatio.isMismatch;
      const isGuardrail =
        verdict.kind === 'take-back' &&
        guardrails.some(({ name }) => name === verdict.metric);
      if (!isGuardrail) return 'goes-on';
      rollout.takenBackAfter = versions.find(
        ({ isControl }) => !isControl,
      )?.requests;
      return 'ended';
    },
  };
}
