// @ts-check
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { dataDirectory } from '../lib/paths.mjs';

export const title =
  'The control plane is killed again and again while training jobs run';

export const needs = {
  trainingTemplates: [
    fileURLToPath(
      new URL('training/project/greenroom/train.yaml', import.meta.url),
    ),
  ],
};

const ENDED = new Set(['succeeded', 'failed', 'cancelled']);
const PATIENCE_MILLIS = 180_000;
/** Milliseconds after something was asked for, at which the control plane dies. */
const MOMENTS = [0, 20, 80, 200, 400, 900, 1_500, 2_500, 4_000];
const SMOKE_MOMENTS = [60];
const STEPS = 60;

export async function run({ stack, invariants, smoke }) {
  const ledger = path.join(dataDirectory, 'training-ledger');
  mkdirSync(ledger, { recursive: true });
  const ada = stack.as('ada');
  await untilThere(ada);
  const jobs = [];
  let cancelled = 0;
  for (const moment of smoke ? SMOKE_MOMENTS : MOMENTS) {
    const mine = await submit(ada, ledger, jobs.length);
    jobs.push(mine);
    const other = await submit(ada, ledger, jobs.length);
    jobs.push(other);
    await killAfter(stack, moment);
    // One of them ends by somebody's word, which the kill must not lose.
    const asked = ada
      .insist(`/ai-training/jobs/${other}/cancel`, { method: 'POST', body: {} })
      .catch(() => undefined);
    await sleep(moment);
    await asked;
    if (!smoke) await killAfter(stack, moment);
    cancelled += 1;
  }
  const ends = [];
  for (const id of jobs) ends.push(await untilEnded(ada, id));
  const count = phase =>
    ends.filter(({ state }) => state.phase === phase).length;
  invariants.check(
    'every job ends as it was asked to',
    count('failed') === 0 &&
      count('cancelled') + count('succeeded') === jobs.length &&
      count('cancelled') <= cancelled,
    `${count('succeeded')} succeeded, ${count('cancelled')} cancelled, ${count(
      'failed',
    )} failed: ${ends
      .filter(({ state }) => state.phase === 'failed')
      .map(({ state }) => JSON.stringify(state.end))
      .join(', ')}`,
  );
  const notes = readFileSync(path.join(ledger, 'notes'), 'utf8')
    .trim()
    .split('\n')
    .map(line => line.split(' '));
  const noted = word => notes.filter(([, what]) => what === word);
  invariants.check(
    'no job had two programs at once',
    noted('double').length === 0,
    `${noted('begin').length} programs of ${jobs.length} jobs`,
  );
  const succeeded = ends.filter(({ state }) => state.phase === 'succeeded');
  invariants.check(
    'every job that succeeded came to its end once',
    succeeded.every(
      ({ id }) => noted('end').filter(([job]) => job === id).length === 1,
    ),
  );
  const logs = [];
  for (const job of succeeded) logs.push(await readLogs(ada, job));
  invariants.check(
    'the logs of all attempts together have every step',
    logs.every(log => {
      const steps = new Set(log.match(/step \d+/g));
      return steps.size === STEPS;
    }),
    `${logs.length} jobs with ${STEPS} steps each`,
  );
  const runs = [];
  for (const { run } of ends)
    runs.push(await ada.insist(`/ai-training/runs/${run}`));
  invariants.check(
    'every run says what its job says',
    runs.every(
      ({ status }, at) =>
        status ===
        { succeeded: 'FINISHED', cancelled: 'KILLED' }[ends[at].state.phase],
    ),
  );
}

/** The template is read when the control plane starts. */
async function untilThere(ada) {
  const deadline = Date.now() + PATIENCE_MILLIS;
  while (Date.now() < deadline) {
    const { items } = await ada.insist('/ai-training/templates');
    if (items.some(({ spec }) => spec.name === 'counting')) return;
    await sleep(500);
  }
  throw new Error('The template of the drill has not come');
}

/** What is asked for twice with one id is one job: the control plane may die under it. */
async function submit(ada, ledger, number) {
  const { id } = await ada.insist('/ai-training/jobs', {
    method: 'POST',
    body: {
      template: 'counting',
      parameters: { steps: STEPS, ledger },
      requestId: `drill-${number}`,
    },
  });
  return id;
}

async function killAfter(stack, millis) {
  await sleep(millis);
  await stack.controlPlane.kill('SIGKILL');
  await stack.controlPlane.start();
}

async function untilEnded(ada, id) {
  const deadline = Date.now() + PATIENCE_MILLIS;
  for (;;) {
    const job = await ada.insist(`/ai-training/jobs/${id}`);
    if (ENDED.has(job.state.phase) || Date.now() > deadline) return job;
    await sleep(500);
  }
}

async function readLogs(ada, job) {
  const parts = [];
  for (const { number } of job.attempts) {
    parts.push(
      await ada.insist(`/ai-training/jobs/${job.id}/log?attempt=${number}`, {
        asText: true,
      }),
    );
  }
  return parts.join('\n');
}
