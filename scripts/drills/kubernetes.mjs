// @ts-check
import { scenes } from './kubernetes/scenes.mjs';
import { Story } from './kubernetes/Story.mjs';

export const title =
  'Data planes in a cluster: a version never loads, and the cluster is away, refuses, or loses what runs there';
export const needs = { kubernetes: true, github: true, demo: false };

/** @param {{ stack: import('./lib/DrillStack.mjs').DrillStack, invariants: import('./lib/Invariants.mjs').Invariants, smoke: boolean }} options */
export async function run({ stack, invariants, smoke }) {
  const { cluster } = stack;
  if (!cluster) throw new Error('expected a stack with a cluster');
  const story = new Story(stack);
  await story.begin();
  // A regular expression, for whoever looks into one of them.
  const only = process.env.GREENROOM_DRILL_SCENES;
  for (const { name, isSmoke, play } of scenes) {
    if (smoke && !isSmoke) continue;
    if (only && !new RegExp(only).test(name)) continue;
    const begun = Date.now();
    invariants.say(name);
    await play({
      story,
      cluster,
      smoke,
      check: (what, holds, detail) =>
        invariants.check(`${name}: ${what}`, holds, detail),
    });
    invariants.say(`${Math.round((Date.now() - begun) / 1_000)} s`);
  }
}
