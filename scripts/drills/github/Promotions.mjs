// @ts-check
import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '../../demo/ControlPlane.mjs';
import { readVersion } from '../../demo/demoModels.mjs';
import { PortalError } from '../lib/Portal.mjs';
import { Clone } from './Clone.mjs';
import { untilPeopleAreKnown } from '../lib/untilPeopleAreKnown.mjs';

export const MODEL = 'diabetes';
export const FILE = `environments/production/models/${MODEL}.yaml`;
/** A step that GitHub failed is tried again ever more slowly. */
const PATIENCE_MILLIS = 240_000;
const ENDED = new Set(['completed', 'closed', 'failed']);
const POLL_MILLIS = 50;
const OLDER_VERSIONS = 2;

/** Promotions of one model whose pull requests are on the stand-in for GitHub. */
export class Promotions {
  /** A person's clone. */
  clone;
  /** Names of the steps that each of them takes. @type {string[]} */
  steps = [];
  /** Answers that told a reader of a promotion's page nothing. @type {string[]} */
  refusals = [];
  #stack;

  /** @param {import('../lib/DrillStack.mjs').DrillStack} stack */
  constructor(stack) {
    this.#stack = stack;
    this.clone = new Clone({
      url: stack.github.cloneUrlOf('octocat'),
      file: FILE,
    });
  }

  get #ada() {
    return this.#stack.as('ada');
  }

  /** Registers the model with versions to go back to; the newest one runs. */
  async prepare() {
    await untilPeopleAreKnown(this.#stack);
    await this.#ada.insist('/ai-registry/models', {
      method: 'POST',
      body: { name: MODEL, task: 'regression', owner: 'user:default/ada' },
    });
    for (let count = 0; count < OLDER_VERSIONS; count++) await this.register();
    const { id, steps } = await this.inReview();
    this.steps = steps.map(({ name }) => name);
    await this.approveToTheEnd(id);
  }

  /** The same file as a version of its own. */
  async register() {
    const { artifact, body } = readVersion(MODEL, 2);
    await this.#ada.insist('/ai-registry/artifacts', {
      method: 'POST',
      bytes: artifact,
    });
    return this.#ada.insist(`/ai-registry/models/${MODEL}/versions`, {
      method: 'POST',
      body,
    });
  }

  /**
   * Asks for the newest version, or another one; one that is asked for already is the one that is meant.
   *
   * @param {{ version?: number, person?: string, controlPlane?: { url: string } }} [options]
   */
  async open({ version, person = 'ada', controlPlane } = {}) {
    const portal = this.#stack.as(person, controlPlane);
    const wanted = version ?? (await this.#newest());
    const { items } = await portal.insist(
      `/ai-registry/promotions?model=${MODEL}&environment=production&open=true`,
    );
    return (
      items.find(promotion => promotion.version === wanted) ??
      portal.insist('/ai-registry/promotions', {
        method: 'POST',
        body: {
          model: MODEL,
          version: wanted,
          environment: 'production',
          reason: 'A drill.',
          rollout: { strategy: 'immediate', steps: [] },
        },
      })
    );
  }

  /** What a promotion's page shows: it has to while the control plane is there, whatever else is not. */
  async get(id) {
    const path = `/ai-registry/promotions/${id}`;
    try {
      return await this.#ada.call(path);
    } catch (error) {
      if (!(error instanceof PortalError)) throw error;
      if (error.status >= 500) this.refusals.push(error.message);
      return this.#ada.insist(path);
    }
  }

  /** The promotion that a pull request has become. */
  ofPullRequest(number) {
    return waitFor(
      `the promotion of pull request ${number}`,
      async () => {
        const { items } = await this.#ada.insist(
          `/ai-registry/promotions?model=${MODEL}&open=true`,
        );
        return items.find(one => one.changeRequest?.number === number);
      },
      { seconds: 60 },
    );
  }

  /**
   * Follows a promotion until it is in one of these phases, or has ended.
   *
   * @param {string} id
   * @param {string[]} phases
   * @param {(promotion: any) => unknown} [look] - is shown each sight of it
   * @param {(promotion: any) => boolean} [isWanted] - what else has to be so
   */
  async untilPhase(id, phases, look = () => {}, isWanted = () => true) {
    const deadline = Date.now() + PATIENCE_MILLIS;
    for (;;) {
      const promotion = await this.get(id);
      await look(promotion);
      const { phase } = promotion.state;
      if (phases.includes(phase) && isWanted(promotion)) return promotion;
      if (ENDED.has(phase) && !phases.includes(phase)) return promotion;
      if (Date.now() > deadline) return stuck(promotion);
      await sleep(POLL_MILLIS);
    }
  }

  /** A new version in review. */
  async inReview() {
    await this.register();
    const { id } = await this.open();
    return this.untilPhase(id, ['awaiting-review']);
  }

  /**
   * Waits until each gate has been asked since then, and it is in review again.
   *
   * @param {string} id
   * @param {number} sinceMillis
   * @param {number} [runs] - the version that it has to be compared with
   */
  inReviewSince(id, sinceMillis, runs) {
    const isSince = ({ gates, fromVersion }) =>
      (runs === undefined || fromVersion === runs) &&
      gates.every(({ checkedAt }) => Date.parse(checkedAt) >= sinceMillis);
    return this.untilPhase(id, ['awaiting-review'], undefined, isSince);
  }

  /**
   * Approves it when that is asked for, as soon as GitHub tells whose the branch is.
   *
   * @param {string} id
   * @param {{ person?: string, controlPlane?: { url: string } }} [options]
   */
  async approve(id, { person = 'grace', controlPlane } = {}) {
    const portal = this.#stack.as(person, controlPlane);
    const path = `/ai-registry/promotions/${id}`;
    const { gates, review } = await waitFor(
      'GitHub to answer',
      async () => {
        const promotion = await portal.insist(path);
        return promotion.hostTrouble ? undefined : promotion;
      },
      { seconds: 120 },
    );
    // It was taken already.
    if (!review.allowed) return;
    // Equal answers on few rows prove nothing.
    const accepts = gates
      .filter(({ status }) => status === 'undecided')
      .map(gate => gate.id);
    try {
      await portal.insist(`${path}/approve`, {
        method: 'POST',
        body: {
          comment: 'The same file as before: a drill.',
          ...(accepts.length > 0 && { accepts }),
        },
      });
    } catch (error) {
      // It had been taken, or something was changed just now.
      if (error.status !== 409) throw error;
    }
  }

  /** Whoever asked for it takes it back. */
  close(id) {
    return this.#ada.insist(`/ai-registry/promotions/${id}/close`, {
      method: 'POST',
      body: { reason: 'The drill is over.' },
    });
  }

  /**
   * Has it reviewed, again after each time that its gates ran again, and follows it to its end.
   *
   * @param {string} id
   * @param {{ look?: (promotion: any) => unknown, people?: string[] }} [options] - `people` who approve
   */
  async approveToTheEnd(id, { look, people = ['grace'] } = {}) {
    for (;;) {
      const before = await this.untilPhase(id, ['awaiting-review'], look);
      if (before.state.phase !== 'awaiting-review') return before;
      for (const person of people) await this.approve(id, { person });
      const next = await this.untilPhase(
        id,
        ['completed', 'checking', 'rolling-out'],
        look,
      );
      if (next.state.phase !== 'checking') {
        return this.untilPhase(id, ['completed'], look);
      }
    }
  }

  /** Which version the alias points at, and since which change. */
  alias() {
    return this.#ada.insist(`/ai-registry/models/${MODEL}/aliases/production`);
  }

  /** Waits until the alias is at this version; @returns how long that took, in seconds */
  async untilAlias(version) {
    const begun = Date.now();
    await waitFor(
      `the alias at version ${version}`,
      async () => ((await this.alias()).version === version ? true : undefined),
      { seconds: 60 },
    );
    return ((Date.now() - begun) / 1_000).toFixed(1);
  }

  /** Manifests of main that are not applied, as pages show them. */
  async problems() {
    const { items } = await this.#ada.insist(
      '/ai-registry/environment-problems',
    );
    return items;
  }

  async #newest() {
    const { items } = await this.#ada.insist(
      `/ai-registry/models/${MODEL}/versions?limit=100`,
    );
    return Math.max(...items.map(({ version }) => version));
  }
}

/** Sets the version that a manifest names. */
export function naming(version) {
  return text => text.replace(/^( +version:) \d+$/m, `$1 ${version}`);
}

function stuck({ state, steps, ...promotion }) {
  const step = steps.find(({ status }) => status !== 'done');
  const why = step?.error ?? step?.waitingFor ?? 'nobody says why';
  return {
    ...promotion,
    steps,
    state: {
      phase: `stuck while ${state.phase}`,
      reason: `step '${step?.name}' is ${step?.status}: ${why}`,
    },
  };
}
