// @ts-check
import { and, explained } from './explained.mjs';

/** Two control planes on one database, of which GitHub tells one. */
export const twinScenes = [
  {
    name: 'two control planes, each with a copy of its own',
    async play({ stack, promotions }) {
      const [first] = stack.controlPlanes;
      const second = await stack.addControlPlane({ ownCopy: true });
      await second.start();
      try {
        const ends = [];
        for (const [asked, reviewed] of [
          [first, second],
          [second, first],
        ]) {
          await promotions.register();
          const { id } = await promotions.open({ controlPlane: asked });
          await promotions.untilPhase(id, ['awaiting-review']);
          await promotions.approve(id, { controlPlane: reviewed });
          ends.push(await promotions.untilPhase(id, ['completed']));
        }
        const { id } = await promotions.inReview();
        await first.kill('SIGKILL');
        await first.start();
        ends.push(await promotions.approveToTheEnd(id));
        return ends
          .map(end => explained(end, 'completed'))
          .reduce((found, next) => and(found, next.holds, next.detail));
      } finally {
        await second.kill('SIGTERM');
        stack.controlPlanes.pop();
      }
    },
  },
];
