// @ts-check
import { setTimeout as sleep } from 'node:timers/promises';
import { and, explained } from './explained.mjs';

const DOWN_MILLIS = 8_000;

/** Whether the page of a promotion could be read all the time, and said what it could not know. */
function readable(found, { promotions, troubles }) {
  const [refusal] = promotions.refusals;
  return and(
    found,
    refusal === undefined && troubles.size > 0,
    refusal ?? `${troubles.size} reasons were shown meanwhile`,
  );
}

/** What a promotion's page says of GitHub being away. */
function noteTroubles(troubles, { hostTrouble, steps }) {
  if (hostTrouble) troubles.add(hostTrouble);
  for (const { status, error } of steps) {
    if (error && status !== 'done') troubles.add(error);
  }
}

/** GitHub is down once, from the moment in which a step is begun. */
const downAt = (name, step) => ({
  name,
  async play({ stack, promotions }) {
    const { github } = stack;
    await promotions.register();
    promotions.refusals = [];
    const troubles = new Set();
    let back;
    const { id } = await promotions.open();
    const takeDown = promotion => {
      if (github.isDown) noteTroubles(troubles, promotion);
      const found = promotion.steps.find(one => one.name === step);
      if (back || !found || found.status === 'pending') return;
      github.isDown = true;
      back = sleep(DOWN_MILLIS).then(() => {
        github.isDown = false;
      });
    };
    const end = await promotions.approveToTheEnd(id, { look: takeDown });
    await back;
    return readable(explained(end, 'completed'), { promotions, troubles });
  },
});

const startedWhileDown = {
  name: 'the control plane starts while GitHub is down',
  async play({ stack, promotions }) {
    const { github, controlPlane } = stack;
    const { id } = await promotions.inReview();
    promotions.refusals = [];
    const troubles = new Set();
    await controlPlane.kill('SIGKILL');
    github.isDown = true;
    try {
      await controlPlane.start();
      noteTroubles(troubles, await promotions.get(id));
    } finally {
      github.isDown = false;
    }
    const end = await promotions.approveToTheEnd(id);
    return readable(explained(end, 'completed'), { promotions, troubles });
  },
};

/** What goes wrong on GitHub's side. */
export const faultScenes = [
  downAt('GitHub is down before the branch is made', 'create-branch'),
  downAt('GitHub is down before the pull request', 'open-change-request'),
  downAt('GitHub is down while gates are asked', 'try-to-load'),
  downAt('GitHub is down when the evidence is published', 'publish-report'),
  downAt('GitHub is down before the merge', 'merge-change-request'),
  downAt('GitHub is down after the merge', 'apply-environment'),
  startedWhileDown,
];
