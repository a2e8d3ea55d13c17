// @ts-check
import { Consistency } from './github/Consistency.mjs';
import { faultScenes } from './github/faultScenes.mjs';
import { killScenes } from './github/killScenes.mjs';
import { peopleScenes } from './github/peopleScenes.mjs';
import { Promotions } from './github/Promotions.mjs';
import { twinScenes } from './github/twinScenes.mjs';
import { webhookScenes } from './github/webhookScenes.mjs';

export const title =
  'Promotions on GitHub: it is down, tells nothing or twice, people write there by hand, and the control plane is killed';
export const needs = { github: true, demo: false };

/** The most telling ones. */
const SMOKE_SCENES = [
  'GitHub is down when the evidence is published',
  'somebody edits the manifest on main in the moment of the merge',
  'killed when GitHub has just merged',
];

/** @param {{ stack: import('./lib/DrillStack.mjs').DrillStack, invariants: import('./lib/Invariants.mjs').Invariants, smoke: boolean }} options */
export async function run({ stack, invariants, smoke }) {
  const promotions = new Promotions(stack);
  const consistency = new Consistency(stack);
  await promotions.prepare();
  const scenes = [
    ...faultScenes,
    ...webhookScenes,
    ...peopleScenes,
    ...twinScenes,
    ...killScenes(promotions.steps),
  ];
  // A regular expression, for whoever looks into one of them.
  const only = process.env.GREENROOM_DRILL_SCENES;
  for (const { name, play } of scenes) {
    if (smoke && !SMOKE_SCENES.includes(name)) continue;
    if (only && !new RegExp(only).test(name)) continue;
    const begun = Date.now();
    const { holds, detail } = await play({ stack, promotions, consistency });
    const seconds = Math.round((Date.now() - begun) / 1_000);
    invariants.check(
      `${name}: it ends explained`,
      holds,
      `${seconds} s, ${detail}`,
    );
    const agreement = await consistency.agreement();
    invariants.check(
      `${name}: main, the alias and what should run agree`,
      agreement.holds,
      agreement.detail,
    );
    const repeats = consistency.repeats();
    invariants.check(
      `${name}: nothing was done twice`,
      repeats.holds,
      repeats.detail,
    );
  }
  const moves = await consistency.histories();
  invariants.check(
    'the alias went the way that the manifest on main went',
    moves.holds,
    moves.detail,
  );
}
