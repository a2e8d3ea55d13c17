// @ts-check
import { setTimeout as sleep } from 'node:timers/promises';
import { readVersion } from '../demo/demoModels.mjs';
import { aliasHistory, gitHistory } from './lib/history.mjs';

export const title = 'The control plane is killed at 18 moments of a promotion';

const MODEL = 'diabetes';
/** A promotion takes seconds; with a killed control plane, its lease and its start as well. */
const PATIENCE_MILLIS = 150_000;
const ENDED = new Set(['completed', 'closed', 'failed']);

/** Moments at which the control plane is killed: while it does this, or just after it began. */
const MOMENTS = [
  'upload',
  'register',
  'open',
  'create-branch',
  'open-change-request',
  'verify-artifact-digest',
  'check-connection',
  'try-to-load',
  'check-signature',
  'evaluate-prompts',
  'compare-evaluation',
  'compare-cost',
  'publish-report',
  'approve',
  'merge-change-request',
  'apply-environment',
  'await-rollout',
  'notify',
];
const SMOKE_MOMENTS = ['try-to-load', 'merge-change-request'];

export async function run({ stack, invariants, smoke }) {
  for (const moment of smoke ? SMOKE_MOMENTS : MOMENTS) {
    const end = await promoteAndKill(stack, moment);
    invariants.check(
      `killed at '${moment}': the promotion ends explained`,
      end.phase === 'completed',
      `${end.phase}: ${end.outcome?.note ?? end.error ?? end.reason ?? ''}`,
    );
  }
  const [aliases, commits] = [
    await aliasHistory(stack, MODEL),
    await gitHistory(stack, MODEL),
  ];
  invariants.check(
    'the history of the alias is the history of the file in Git',
    JSON.stringify(aliases) === JSON.stringify(commits),
    `${aliases.length} moves`,
  );
}

/** One promotion of the same file as a new version, with the control plane killed once on its way. */
async function promoteAndKill(stack, moment) {
  const ada = stack.as('ada');
  const killer = new Killer(stack, moment);
  const digest = await killer.during('upload', () => upload(ada));
  const { version } = await killer.during('register', () =>
    register(ada, digest),
  );
  const { id } = await killer.during('open', () => open(ada, version));
  const waiting = await killer.watch(id, ['awaiting-review']);
  if (waiting.phase !== 'awaiting-review') return waiting;
  await killer.during('approve', () => approve(stack, id));
  const end = await killer.watch(id, ENDED);
  if (moment === 'notify') await killer.now();
  return end;
}

/** Kills the control plane once, when its moment has come, and starts it again. */
class Killer {
  #stack;
  #moment;
  #done = false;

  constructor(stack, moment) {
    this.#stack = stack;
    this.#moment = moment;
  }

  async now() {
    this.#done = true;
    await this.#stack.controlPlane.kill('SIGKILL');
    await this.#stack.controlPlane.start();
  }

  /** Does something that may be repeated; at the drill's moment the control plane dies under it. */
  async during(name, work) {
    if (name === this.#moment) {
      const trying = work().catch(() => undefined);
      await sleep(15);
      await this.now();
      await trying;
    }
    return work();
  }

  /** Follows a promotion until it has one of the phases. */
  async watch(id, phases) {
    const wanted = new Set(phases);
    const deadline = Date.now() + PATIENCE_MILLIS;
    for (;;) {
      const { state, steps } = await this.#stack
        .as('ada')
        .insist(`/ai-registry/promotions/${id}`);
      if (wanted.has(state.phase) || ENDED.has(state.phase)) return state;
      const step = steps.find(({ name }) => name === this.#moment);
      if (!this.#done && step && step.status !== 'pending') await this.now();
      if (Date.now() > deadline) return stuck(state, steps);
      await sleep(15);
    }
  }
}

function stuck(state, steps) {
  const step = steps.find(({ status }) => status !== 'done');
  return {
    phase: `stuck while ${state.phase}`,
    reason: `step '${step?.name}' is ${step?.status}: ${
      step?.error ?? step?.waitingFor ?? 'nobody says why'
    }`,
  };
}

/** What was done already when the control plane died is found, not done again. */
async function upload(ada) {
  const { artifact } = readVersion(MODEL, 2);
  const { digest } = await ada.insist('/ai-registry/artifacts', {
    method: 'POST',
    bytes: artifact,
  });
  return digest;
}

function register(ada, digest) {
  const { body } = readVersion(MODEL, 2);
  return ada.insist(`/ai-registry/models/${MODEL}/versions`, {
    method: 'POST',
    body: { ...body, digest },
  });
}

/** A promotion of this version that is under way already is the one that was asked for. */
async function open(ada, version) {
  const { items } = await ada.insist(
    `/ai-registry/promotions?model=${MODEL}&environment=production&open=true`,
  );
  return (
    items.find(promotion => promotion.version === version) ??
    ada.insist('/ai-registry/promotions', {
      method: 'POST',
      body: {
        model: MODEL,
        version,
        environment: 'production',
        reason: 'A drill.',
        rollout: { strategy: 'immediate', steps: [] },
      },
    })
  );
}

async function approve(stack, id) {
  const grace = stack.as('grace');
  const { gates, reviews } = await grace.insist(
    `/ai-registry/promotions/${id}`,
  );
  if (reviews.length > 0) return;
  // Equal answers on few rows prove nothing.
  const accepts = gates
    .filter(({ status }) => status === 'undecided')
    .map(gate => gate.id);
  try {
    await grace.insist(`/ai-registry/promotions/${id}/approve`, {
      method: 'POST',
      body: {
        comment: 'The same file as before: a drill.',
        ...(accepts.length > 0 && { accepts }),
      },
    });
  } catch (error) {
    // It had been taken before the control plane died.
    if (error.status !== 409) throw error;
  }
}
