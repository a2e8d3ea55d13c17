import { isError } from '@backstage/errors';
import { manifestPath, parseManifest } from '@greenroom/manifest';
import type { ChangeRequest } from '../../environments/GitHost';
import { wholeCheck } from '../checks/checksOf';
import { approvalsOf, mayMerge, overridesOf, titleOf } from '../promotion';
import { withGates } from '../transitions';
import { changeRequestOf } from './changeRequestOf';
import type { PromotionStep, StepContext, StepResult } from './PromotionStep';

/** Merges exactly the revision that was checked and approved. */
export const mergeChangeRequest: PromotionStep = {
  name: 'merge-change-request',
  async run(context) {
    const { promotion, gitHost, people } = context;
    const request = await changeRequestOf(context);
    if (request.state === 'open' && !(await mayMergeNow(context))) {
      return { outcome: 'start-over', from: 'await-review' };
    }
    if (request.state === 'open') await tellHost(context, request);
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
      case 'refused':
      case 'queued':
        return { outcome: 'under-way', waitingFor: result.reason };
      default:
        return {
          outcome: 'closed',
          reason: 'The change request was closed before it could be merged.',
        };
    }
  },
};

/**
 * A Git host may ask for the check before it lets anything be merged. Where it cannot be told, it
 * refuses, and is told soon.
 */
async function tellHost(
  { promotion, gitHost }: StepContext,
  { number, head }: ChangeRequest,
): Promise<void> {
  const step = promotion.steps.find(
    ({ name }) => name === 'merge-change-request',
  );
  if (step?.waitingFor !== undefined) return;
  const options = { url: undefined, approverGroups: undefined };
  await gitHost
    .publishChecks(number, {
      head: promotion.checkedHead ?? head,
      checks: [wholeCheck(promotion, options)],
    })
    .catch(() => {});
}

/** A freeze may have begun since the review was over. */
async function mayMergeNow(context: StepContext): Promise<boolean> {
  const gates = await context.recheckGates();
  const at = context.now().toISOString();
  return mayMerge(withGates(context.promotion, gates, at));
}

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
          `Accepted-without-proof: ${gate} by ${reviewer}: ${oneLine(comment)}`,
      ),
    ),
    ...overridesOf(promotion).map(
      ({ gate, by, reason }) =>
        `Overridden-gate: ${gate} by ${by}: ${oneLine(reason)}`,
    ),
  ];
  return `${titleOf(promotion)}\n\n${promotion.reason}\n\n${trailers.join(
    '\n',
  )}\n`;
}

/** A trailer ends with its line. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
