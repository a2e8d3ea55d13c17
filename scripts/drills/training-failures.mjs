// @ts-check
import { untilPeopleAreKnown } from './lib/untilPeopleAreKnown.mjs';
import { containerScenes } from './training/containerScenes.mjs';
import { failureScenes } from './training/failureScenes.mjs';
import { outputScenes } from './training/outputScenes.mjs';
import { TrainingStory } from './training/TrainingStory.mjs';

export const title =
  'Training jobs in a cluster whose API server is away, that loses pods and nodes, and whose programs say too much, or nothing that is a number';
export const needs = { training: true, demo: false };

const scenes = [...outputScenes, ...failureScenes, ...containerScenes];

/** @param {{ stack: import('./lib/DrillStack.mjs').DrillStack, invariants: import('./lib/Invariants.mjs').Invariants, smoke: boolean }} options */
export async function run({ stack, invariants, smoke }) {
  const { training: cluster } = stack;
  if (!cluster) throw new Error('expected a stack with a cluster that trains');
  await untilPeopleAreKnown(stack);
  await cluster.startMachine();
  await cluster.startMachine();
  const story = new TrainingStory(stack);
  // A regular expression, for whoever looks into one of them.
  const only = process.env.GREENROOM_DRILL_SCENES;
  for (const scene of scenes) {
    const { name, play } = scene;
    if (smoke && !scene.isSmoke) continue;
    if (only && !new RegExp(only).test(name)) continue;
    const begun = performance.now();
    invariants.say(name);
    await play({
      story,
      cluster,
      smoke,
      say: text => invariants.say(text),
      check: (what, holds, detail) =>
        invariants.check(`${name}: ${what}`, holds, detail),
    });
    invariants.say(`${Math.round((performance.now() - begun) / 1_000)} s`);
  }
}
