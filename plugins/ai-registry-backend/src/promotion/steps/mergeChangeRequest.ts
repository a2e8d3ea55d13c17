import { isError } from '@backstage/errors';
import { manifestPath, parseManifest } from '../../manifests';
import { approvalsOf, mayMerge, titleOf } from '../promotion';
import { changeRequestOf } from './changeRequestOf';
import type { PromotionStep, StepContext, StepResult } from './PromotionStep';

/** Merges exactly the revision that was checked and approved. */
export const mergeChangeRequest: PromotionStep = {
  name: 'merge-change-request',
  async run(context) {
    const { promotion, gitHost, people } = context;
    const request = await changeRequestOf(context);
    if (request.state === 'open' && !mayMerge(promotion)) {
      return { outcome: 'start-over', from: 'await-review' };
    }
    const merger =
      approvalsOf(promotion).at(-1)?.reviewer ?? promotion.requestedBy;
    const result = await gitHost.mergeChangeRequest(request.number, {
      expectedHead: promotion.checkedHead ?? request.head,
      message: mergeMessage(context, request.number),
      author: await people.personOf(merger),
    });
    switch (result.outcome) {
      case 'merged':
        return checkMerged(context, result.commit);
      case 'head-moved':
        return { outcome: 'start-over', from: 'verify-artifact-digest' };
      case 'conflict':
        return { outcome: 'start-over', from: 'create-branch' };
      default:
        return {
          outcome: 'closed',
          reason: 'The change request was closed before it could be merged.',
        };
    }
  },
};

/** Somebody who merged it by hand may have merged something else. */
async function checkMerged(
  context: StepContext,
  commit: string,
): Promise<StepResult> {
  const { promotion, gitHost } = context;
  const { digest } = await context.candidate();
  const path = manifestPath(promotion);
  const text = await gitHost.readFile({ path, revision: commit });
  try {
    const { spec } = parseManifest(text ?? '', promotion);
    if (spec.version === promotion.version && spec.digest === digest) {
      return { outcome: 'done', changes: { mergeCommit: commit } };
    }
  } catch (error) {
    if (!isError(error) || error.name !== 'InputError') throw error;
  }
  return {
    outcome: 'closed',
    reason: `Its branch was merged outside of the portal with other content for ${path} (commit ${commit.slice(
      0,
      12,
    )}).`,
  };
}

function mergeMessage({ promotion }: StepContext, number: number): string {
  const approvals = approvalsOf(promotion);
  const trailers = [
    `Change-request: ${number}`,
    `Promotion: ${promotion.id}`,
    `Requested-by: ${promotion.requestedBy}`,
    ...approvals.map(({ reviewer }) => `Approved-by: ${reviewer}`),
    ...approvals.flatMap(({ reviewer, accepts = [], comment }) =>
      accepts.map(
        gate =>
          `Accepted-without-proof: ${gate} by ${reviewer}: ${comment
            .replace(/\s+/g, ' ')
            .trim()}`,
      ),
    ),
  ];
  return `${titleOf(promotion)}\n\n${promotion.reason}\n\n${trailers.join(
    '\n',
  )}\n`;
}
