// @ts-check
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  cpSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import { dataDirectory } from '../lib/paths.mjs';

export const title =
  'A model is trained again, measured and promoted by itself, while the control plane is killed';

export const needs = { trainingTemplates: [makeProject()] };

const MODEL = 'digits';
const PLACE = `environments/production/models/${MODEL}.yaml`;
const PATIENCE_MILLIS = 300_000;
const ENDED = new Set(['completed', 'closed', 'failed', 'blocked']);

/** What was seen last, at which the control plane is killed. */
const MOMENTS = ['due', 'training', 'registered', 'rolling-out'];
const SMOKE_MOMENTS = ['training'];

export async function run({ stack, invariants, smoke }) {
  const ada = stack.as('ada');
  const before = await newestVersion(ada);
  await writePolicy(stack);
  const moments = smoke ? SMOKE_MOMENTS : MOMENTS;
  const killer = new Killer(stack, moments);
  await untilKnown(ada);
  await ada.insist(`/ai-training/retrainings/production/${MODEL}/start`, {
    method: 'POST',
    body: {},
  });
  const retraining = await killer.watch(
    () => findRetraining(ada),
    ({ state }) => state.phase,
    ({ state }) => ['registered', 'failed', 'paused'].includes(state.phase),
  );
  invariants.check(
    'a version is registered by a job that nobody submitted',
    retraining.state.phase === 'registered',
    JSON.stringify(retraining.state),
  );
  const { version } = retraining.state;
  const promotion = await killer.watch(
    () => findPromotion(ada, version),
    at => at?.state.phase,
    // To the end of its rollout: what comes after it on this stack finds everything at rest.
    at => at !== undefined && ENDED.has(at.state.phase),
  );
  invariants.check(
    'it is promoted without a person',
    promotion.automation === 'merge' &&
      !promotion.reviews?.length &&
      promotion.state.phase === 'completed',
    `${promotion.state.phase}: ${promotion.state.outcome?.note ?? ''}`,
  );
  invariants.check(
    'the control plane was killed at each of the moments',
    killer.killed.length === moments.length,
    killer.killed.join(', '),
  );
  const { items: jobs } = await ada.insist(
    '/ai-training/jobs?template=digits-again',
  );
  const after = await newestVersion(ada);
  invariants.check(
    'one job made one version',
    jobs.length === 1 && after === before + 1 && after === version,
    `${jobs.length} jobs, version ${before} before and ${after} after`,
  );
  const { evaluation } = await ada.insist(
    `/ai-registry/models/${MODEL}/versions/${version}`,
  );
  invariants.check(
    'it was compared by what was measured here',
    evaluation?.measured?.target === 'digit',
    JSON.stringify(evaluation?.metrics),
  );
  const manifest = parse(
    git(`--git-dir=${stack.environmentsRepository}`, 'show', `main:${PLACE}`),
  );
  invariants.check(
    'the manifest on main names it, and still says when it is trained again',
    manifest.spec.version === version &&
      manifest.spec.automatedPromotion?.retrain?.template === 'digits-again',
  );
}

/** Kills the control plane once at each of its moments, and starts it again. */
class Killer {
  #stack;
  #moments;
  /** Its moments that came. @type {string[]} */
  killed = [];

  constructor(stack, moments) {
    this.#stack = stack;
    this.#moments = new Set(moments);
  }

  /**
   * Looks again and again until it is over.
   *
   * @template T
   * @param {() => Promise<T>} look
   * @param {(seen: T) => string | undefined} momentOf
   * @param {(seen: T) => boolean} isOver
   * @returns {Promise<T>}
   */
  async watch(look, momentOf, isOver) {
    const deadline = Date.now() + PATIENCE_MILLIS;
    for (;;) {
      const seen = await look();
      const moment = momentOf(seen) ?? '';
      if (this.#moments.delete(moment)) {
        this.killed.push(moment);
        await this.#stack.controlPlane.kill('SIGKILL');
        await this.#stack.controlPlane.start();
      }
      if (isOver(seen)) return seen;
      if (Date.now() > deadline) {
        throw new Error(
          `Nothing more happens: ${JSON.stringify(seen)?.slice(0, 2_000)}`,
        );
      }
      await sleep(100);
    }
  }
}

/** A folder with a template and what its program registers, as a repository has it. */
function makeProject() {
  const folder = path.join(dataDirectory, 'retraining-project');
  const here = name =>
    fileURLToPath(new URL(`retraining/project${name}`, import.meta.url));
  const model = name =>
    fileURLToPath(
      new URL(`../../examples/digits/models/${name}`, import.meta.url),
    );
  cpSync(here(''), folder, { recursive: true });
  copyFileSync(model('v2.onnx'), path.join(folder, 'model.onnx'));
  copyFileSync(model('v2.json'), path.join(folder, 'model.json'));
  return path.join(folder, 'greenroom/train.yaml');
}

/** As Ada would, with Git. */
async function writePolicy(stack) {
  const { digest } = await stack
    .as('ada')
    .insist('/ai-registry/datasets/digits-held-out/versions/1');
  const clone = mkdtempSync(path.join(os.tmpdir(), 'drill-clone-'));
  try {
    git('clone', '--quiet', stack.environmentsRepository, clone);
    const file = path.join(clone, PLACE);
    const manifest = parse(readFileSync(file, 'utf8'));
    Object.assign(manifest.spec, {
      evaluation: {
        dataset: { name: 'digits-held-out', version: 1, digest },
        target: 'digit',
        maxLossShare: 0.02,
      },
      automatedPromotion: {
        newVersions: 'merge',
        retrain: { template: 'digits-again', everyDays: 30 },
      },
    });
    writeFileSync(file, stringify(manifest));
    const who = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org'];
    git('-C', clone, ...who, 'commit', '--quiet', '--all', '-m', 'Train again');
    git('-C', clone, 'push', '--quiet');
  } finally {
    rmSync(clone, { recursive: true, force: true });
  }
}

function git(...args) {
  return execFileSync('git', args, { encoding: 'utf8', timeout: 60_000 });
}

/** Manifests are read each minute. */
async function untilKnown(ada) {
  const deadline = Date.now() + PATIENCE_MILLIS;
  while (!(await findRetraining(ada))) {
    if (Date.now() > deadline) throw new Error('The policy was not read');
    await sleep(500);
  }
}

async function findRetraining(ada) {
  const { items } = await ada.insist(`/ai-training/retrainings?model=${MODEL}`);
  return items.at(0);
}

async function findPromotion(ada, version) {
  const { items } = await ada.insist(`/ai-registry/promotions?model=${MODEL}`);
  return items.find(
    one => one.version === version && one.environment === 'production',
  );
}

async function newestVersion(ada) {
  const { items } = await ada.insist(
    `/ai-registry/models/${MODEL}/versions?limit=1`,
  );
  return items[0].version;
}
