// @ts-check
import { setTimeout as sleep } from 'node:timers/promises';
import { and, explained } from './explained.mjs';
import { naming } from './Promotions.mjs';
import { SWEEP_SECONDS } from './startOnGitHub.mjs';

/** Beside the sweep: until main is read, and applied. */
const MOST_SECONDS = SWEEP_SECONDS + 5;

/**
 * Somebody changes main while a promotion is in review, and webhooks tell of nothing or of everything twice.
 * Whatever they tell comes once more when all is over.
 */
const withWebhooks = (name, mode) => ({
  name,
  async play({ stack, promotions, consistency }) {
    const { webhooks } = stack.github;
    webhooks.mode = mode;
    const told = webhooks.deliveries.length;
    try {
      const { id } = await promotions.inReview();
      const since = Date.now();
      const wanted = consistency.versionOnMain() - 1;
      await promotions.clone.write({ change: naming(wanted) });
      const seconds = await promotions.untilAlias(wanted);
      await promotions.inReviewSince(id, since);
      const end = await promotions.approveToTheEnd(id);
      await consistency.agreement();
      for (const delivery of webhooks.deliveries.slice(told)) {
        webhooks.redeliver(delivery);
      }
      await webhooks.settled();
      await sleep(2_000);
      const { updatedAt } = await promotions.get(id);
      const { validFrom } = await promotions.alias();
      const isSame =
        updatedAt === end.updatedAt && validFrom <= end.state.completedAt;
      return and(
        and(explained(end, 'completed'), isSame, 'Late news change nothing;'),
        Number(seconds) <= MOST_SECONDS,
        `a change of main was followed after ${seconds} s`,
      );
    } finally {
      webhooks.mode = 'deliver';
    }
  },
});

/** What is told of it, and how often. */
export const webhookScenes = [
  withWebhooks('webhooks are lost', 'drop'),
  withWebhooks('webhooks come twice', 'twice'),
];
