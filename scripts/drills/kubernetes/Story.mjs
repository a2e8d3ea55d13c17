// @ts-check
import { execFileSync } from 'node:child_process';
import { mkdtempSync, openAsBlob, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import { waitFor } from '../../demo/ControlPlane.mjs';
import { writeModel } from '../large-model/writeModel.mjs';
import { Load } from '../lib/Load.mjs';
import { untilPeopleAreKnown } from '../lib/untilPeopleAreKnown.mjs';
import { issueKey } from '../rollouts/lib/models.mjs';

export const MODEL = 'matrix';
const WIDTH = 1024;
const LOOK_MILLIS = 200;
const UPLOAD_MILLIS = 120_000;
/** 4 MiB, and 224 MiB. */
export const SMALL = 1;
export const LARGE = 56;
const CANARY = {
  strategy: 'canary',
  steps: [
    { weightPercent: 10, holdSeconds: 20 },
    { weightPercent: 50, holdSeconds: 20 },
  ],
};
export const IMMEDIATE = { strategy: 'immediate', steps: [] };
export const SLOWLY = CANARY;

/** One model in a cluster: its versions, its promotions, its callers, and what pages say of it. */
export class Story {
  #stack;
  #key = '';

  /** @param {import('../lib/DrillStack.mjs').DrillStack} stack */
  constructor(stack) {
    this.#stack = stack;
  }

  get #ada() {
    return this.#stack.as('ada');
  }

  /** Version 1 serves, in production. */
  async begin() {
    await untilPeopleAreKnown(this.#stack);
    await this.#ada.insist('/ai-registry/models', {
      method: 'POST',
      body: { name: MODEL, task: 'regression', owner: 'user:default/ada' },
    });
    this.#key = await issueKey(this.#stack.as('grace'), [MODEL]);
    const version = await this.register(SMALL);
    const id = await this.merge(version);
    await this.untilEnded(id);
    await this.untilAnswered();
  }

  /** The network of a cluster hears of pods a moment later. */
  async untilAnswered() {
    await waitFor('the model to be there for callers', () => this.#answers(), {
      seconds: 60,
    });
  }

  /** @param {number} layers - how large it is */
  async register(layers) {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'drill-model-'));
    try {
      const file = path.join(folder, 'model.onnx');
      writeModel(file, { width: WIDTH, layers });
      const blob = await openAsBlob(file);
      const { digest } = await this.#ada.call('/ai-registry/artifacts', {
        method: 'POST',
        bytes: blob.stream(),
        limitMillis: UPLOAD_MILLIS,
      });
      const { version } = await this.#ada.insist(
        `/ai-registry/models/${MODEL}/versions`,
        {
          method: 'POST',
          body: { description: `${layers} layers`, digest },
        },
      );
      return version;
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  /**
   * Promotes a version, up to the merge of its pull request.
   *
   * @param {number} version
   * @param {{ environment?: string, rollout?: object }} [options]
   * @returns {Promise<string>} the promotion's id
   */
  async merge(
    version,
    { environment = 'production', rollout = IMMEDIATE } = {},
  ) {
    const { id } = await this.#ada.insist('/ai-registry/promotions', {
      method: 'POST',
      body: { model: MODEL, version, environment, reason: 'A drill.', rollout },
    });
    for (;;) {
      const { state } = await this.#untilPhase(id, [
        'awaiting-review',
        'rolling-out',
        'completed',
      ]);
      if (state.phase !== 'awaiting-review') return id;
      // Whoever asked for it is not asked.
      const { review, gates } = await this.#stack
        .as('grace')
        .insist(`/ai-registry/promotions/${id}`);
      if (review.allowed) await this.#approve(id, gates);
      else await sleep(LOOK_MILLIS);
    }
  }

  promotion(id) {
    return this.#ada.insist(`/ai-registry/promotions/${id}`);
  }

  untilEnded(id, { seconds = 120 } = {}) {
    return this.#untilPhase(id, ['completed', 'closed', 'failed'], seconds);
  }

  /** What the line of an environment on Deployments says. */
  async line(environment = 'production') {
    const { items } = await this.#ada.insist('/ai-inference/environments');
    return items.find(item => item.environment === environment).run;
  }

  /** Waits until it says something. */
  untilLine(environment, holds, { seconds = 60 } = {}) {
    return waitUntil(() => this.line(environment), holds, seconds);
  }

  async deployment(environment = 'production') {
    const { items } = await this.#ada.insist(
      `/ai-inference/deployments?environment=${environment}&model=${MODEL}`,
    );
    return items.at(0);
  }

  untilDeployment(holds, { environment = 'production', seconds = 60 } = {}) {
    return waitUntil(() => this.deployment(environment), holds, seconds);
  }

  untilPromotion(id, holds, { seconds = 60 } = {}) {
    return waitUntil(() => this.promotion(id), holds, seconds);
  }

  /** The rollback that was opened for a version, in the portal and on GitHub. */
  async rollbackOf(id) {
    const { items } = await this.#ada.insist(
      `/ai-registry/promotions?model=${MODEL}&environment=production`,
    );
    const rollback = items.find(
      ({ kind, reason }) => kind === 'rollback' && reason?.includes(id),
    );
    const number = rollback?.changeRequest?.number;
    return { rollback, pull: this.#stack.github.state.pulls.get(number) };
  }

  /** Asks that an environment's data planes run, or stop. */
  operate(environment, wanted) {
    return this.#stack
      .as('grace')
      .insist(`/ai-inference/environments/${environment}/data-plane`, {
        method: 'POST',
        body: { wanted },
      });
  }

  /** Whether main, the alias, what is wanted and what serves are one version before long. */
  async agreement(environment = 'production') {
    const look = async () => {
      const [alias, deployment] = await Promise.all([
        this.#ada.insist(`/ai-registry/models/${MODEL}/aliases/${environment}`),
        this.deployment(environment),
      ]);
      const served = deployment.variants.find(
        ({ weightPercent }) => weightPercent === 100,
      );
      return {
        main: this.#versionOnMain(environment),
        alias: alias.version,
        wanted: deployment.wanted.version,
        served: served?.version,
        state: deployment.convergence.state,
      };
    };
    const { value, holds } = await waitUntil(
      look,
      ({ main, alias, wanted, served, state }) =>
        state === 'serving' &&
        [alias, wanted, served].every(version => version === main),
      60,
    );
    return { holds, version: value.main, detail: JSON.stringify(value) };
  }

  /** Callers of production, over the network of the cluster. */
  call() {
    return new Load({
      urls: [this.#stack.cluster?.url ?? ''],
      key: this.#key,
      callers: CALLERS,
      requests: [this.#request()],
    }).start();
  }

  async #answers() {
    const { path: route, body } = this.#request();
    const answer = await fetch(`${this.#stack.cluster?.url}${route}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.#key}` },
      body,
    }).catch(() => undefined);
    await answer?.body?.cancel();
    return answer?.ok || undefined;
  }

  #request() {
    const data = Array.from({ length: WIDTH }, (_, index) => index / WIDTH);
    return {
      path: `/v2/models/${MODEL}/infer`,
      body: JSON.stringify({
        inputs: [{ name: 'x', datatype: 'FP32', shape: [1, WIDTH], data }],
      }),
    };
  }

  async #untilPhase(id, phases, seconds = 120) {
    const { value, holds } = await this.untilPromotion(
      id,
      ({ state }) => phases.includes(state.phase),
      { seconds },
    );
    if (holds) return value;
    const step = value.steps.find(({ status }) => status !== 'done');
    throw new Error(
      `The promotion stands at ${value.state.phase}: ${step?.name} ${
        step?.waitingFor ?? step?.error ?? ''
      }`,
    );
  }

  async #approve(id, gates) {
    const accepts = gates
      .filter(({ status }) => status === 'undecided')
      .map(gate => gate.id);
    try {
      await this.#stack
        .as('grace')
        .insist(`/ai-registry/promotions/${id}/approve`, {
          method: 'POST',
          body: {
            comment: 'A drill.',
            ...(accepts.length > 0 && { accepts }),
          },
        });
    } catch (error) {
      // It had been taken, or something was changed just now.
      if (error.status !== 409) throw error;
    }
  }

  #versionOnMain(environment) {
    const { directory } = this.#stack.github.git;
    const file = `environments/${environment}/models/${MODEL}.yaml`;
    const text = execFileSync(
      'git',
      [`--git-dir=${directory}`, 'show', `main:${file}`],
      { encoding: 'utf8' },
    );
    return parse(text).spec.version;
  }
}

export const CALLERS = 6;

/** How callers were answered: how often with which status, and how often not at all. */
export function describeLoad(load) {
  const answers = [...load.answers]
    .map(([status, count]) => `${count} times ${status}`)
    .join(', ');
  return `${answers}, ${load.lost.length} lost, ${load.refused} refused`;
}

/** Requests that were not answered as they should be. */
export function failuresOf(load) {
  return load.lost.length + load.refused + load.answered - load.count(200);
}

/** Requests that a pod took and did not answer. */
export function cutOffOf(load) {
  return load.lost.length + load.count(502);
}

/**
 * Looks until something holds, or it took too long.
 *
 * @template T
 * @param {() => Promise<T>} look
 * @param {(value: T) => boolean} holds
 * @param {number} seconds
 * @returns {Promise<{ value: T, holds: boolean, seconds: number }>} as it was last, and after how long
 */
export async function waitUntil(look, holds, seconds) {
  const begun = Date.now();
  for (;;) {
    const value = await look();
    const took = (Date.now() - begun) / 1_000;
    const isSo = value !== undefined && holds(value);
    if (isSo || took > seconds) return { value, holds: isSo, seconds: took };
    await sleep(LOOK_MILLIS);
  }
}
