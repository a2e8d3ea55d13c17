// @ts-check
import { mkdtempSync, rmSync, statfsSync, unlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { dataDirectory } from '../lib/paths.mjs';
import { fillDisk } from './lib/fillDisk.mjs';
import { untilPeopleAreKnown } from './lib/untilPeopleAreKnown.mjs';
import { STEPS_A_SECOND, TrainingStory } from './training/TrainingStory.mjs';

export const title =
  "The disk with the database, the logs and the programs' folders is full while training jobs run";
/** The data folder of this drill is a small disk of its own. */
export const needs = {
  diskMebibytes: 700,
  demo: false,
  dataPlanes: 0,
  trainingTemplates: [
    fileURLToPath(
      new URL('training/project/greenroom/train.yaml', import.meta.url),
    ),
  ],
};

const FULL_SECONDS = 60;
const SMOKE_FULL_SECONDS = 10;

/** @param {{ stack: import('./lib/DrillStack.mjs').DrillStack, invariants: import('./lib/Invariants.mjs').Invariants, smoke: boolean }} options */
export async function run({ stack, invariants, smoke }) {
  await untilPeopleAreKnown(stack);
  // On another disk: what programs note is seen in any case.
  const ledger = mkdtempSync(path.join(os.tmpdir(), 'drill-ledger-'));
  try {
    await play({ stack, invariants, smoke, ledger });
  } finally {
    rmSync(ledger, { recursive: true, force: true });
  }
}

async function play({ stack, invariants, smoke, ledger }) {
  const story = new TrainingStory(stack, { ledger });
  const seconds = smoke ? SMOKE_FULL_SECONDS : FULL_SECONDS;
  const steps = (seconds + 20) * STEPS_A_SECOND;
  const short = 2 * STEPS_A_SECOND;
  // Two at once, and one that waits.
  const jobs = [];
  for (const count of [steps, steps, short]) {
    jobs.push({
      id: await story.submit('counting', count, { backend: 'local' }),
      steps: count,
    });
  }
  await story.untilBegun(jobs[0].id);
  await story.untilBegun(jobs[1].id);
  const ballast = path.join(dataDirectory, 'ballast');
  fillDisk(dataDirectory, ballast);
  const { bavail } = statfsSync(dataDirectory);
  invariants.say(`the disk is full for ${seconds} s (${bavail} blocks free)`);
  await sleep(seconds * 1_000);
  unlinkSync(ballast);
  invariants.say('there is room again');
  await stack.controlPlane.untilReady();
  const after = {
    id: await story.submit('counting', short, { backend: 'local' }),
    steps: short,
  };
  for (const { id, steps: expected } of [...jobs, after]) {
    const job = await story.untilEnded(id, { seconds: 400 });
    const kinds = job.attempts.map(({ end }) => end?.kind);
    const detail = `${job.state.phase}; attempts: ${kinds.join(', ')}`;
    // A program that cannot write its checkpoint may take that for its own failure, and says why.
    const saysWhy = /ENOSPC|no space/i.test(JSON.stringify(job.state));
    invariants.check(
      id === after.id
        ? 'a job that is asked for when there is room again ends well'
        : 'a job ends well, or says that the disk was full',
      job.state.phase === 'succeeded' ||
        (id !== after.id && job.state.phase === 'failed' && saysWhy),
      `${detail} ${
        job.state.phase === 'failed'
          ? JSON.stringify(job.state.end).slice(0, 300)
          : ''
      }`,
    );
    invariants.check(
      'it came to its end once, and never ran twice at once',
      story.noted(id, 'double') === 0 &&
        story.noted(id, 'end') <= 1 &&
        (job.state.phase !== 'succeeded' || story.noted(id, 'end') === 1),
      `${story.noted(id, 'begin')} programs of ${expected} steps`,
    );
  }
}
