import { openTestPromotion } from './__testUtils__/openTestPromotion';
import {
  approvalsLeft,
  isGreen,
  mayMerge,
  mayOverride,
  mayReview,
  nextStep,
  openQuestions,
  type PromotionRecord,
  type StepName,
} from './promotion';
import { toPromotion } from './toPromotion';
import {
  approve,
  close,
  failStep,
  finishStep,
  type GateResult,
  mergeOutside,
  postponeStep,
  retry,
  startOver,
  startStep,
  waitForReview,
} from './transitions';

const AT = '2026-05-03T12:00:00.000Z';
const HEAD = 'a'.repeat(40);
const GRACE = 'user:default/grace';

const opened = (changes: Partial<PromotionRecord> = {}) =>
  openTestPromotion(AT, { fromVersion: 1, ...changes });

const gate = (
  id: GateResult['id'],
  status: GateResult['status'],
): GateResult => ({ id, title: id, status, summary: status });

/** Takes the steps up to the review. */
function checked(
  evaluation: GateResult['status'] = 'passed',
  changes: Partial<PromotionRecord> = {},
): PromotionRecord {
  const gates: Partial<Record<StepName, GateResult>> = {
    'verify-artifact-digest': gate('artifact-digest', 'passed'),
    'try-to-load': gate('servable', 'passed'),
    'check-signature': gate('signature-compatible', 'passed'),
    'compare-evaluation': gate('evaluation', evaluation),
  };
  let promotion = opened(changes);
  for (
    let name = nextStep(promotion);
    name !== undefined && name !== 'await-review';
    name = nextStep(promotion)
  ) {
    const found = gates[name];
    promotion = finishStep(
      startStep(promotion, name, AT),
      name,
      { checkedHead: HEAD, ...(found && { gates: [found] }) },
      AT,
    );
  }
  return promotion;
}

const approval = { reviewer: GRACE, comment: '', head: HEAD };
const nobodyElse = { reviewer: GRACE, contributors: [] };

describe('promotion', () => {
  it('takes its steps in order, and ends with its rollout', () => {
    let promotion = waitForReview(checked(), AT);
    expect(nextStep(promotion)).toBe('await-review');
    promotion = approve(promotion, approval, AT);
    expect(promotion.state).toEqual({ phase: 'merging', approvedBy: GRACE });
    const taken: (StepName | undefined)[] = [];
    const phases: string[] = [];
    while (nextStep(promotion)) {
      const name = nextStep(promotion)!;
      taken.push(name);
      const outcome = { kind: 'serving', note: 'All of it.' } as const;
      const changes = {
        mergeCommit: 'c0ffee',
        ...(name === 'await-rollout' && { outcome }),
      };
      promotion = finishStep(promotion, name, changes, AT);
      phases.push(promotion.state.phase);
    }
    expect(taken).toEqual([
      'await-review',
      'merge-change-request',
      'apply-environment',
      'await-rollout',
    ]);
    expect(phases).toEqual(['merging', 'merging', 'rolling-out', 'completed']);
    expect(promotion.state).toEqual({
      phase: 'completed',
      commit: 'c0ffee',
      mergedAt: AT,
      completedAt: AT,
      outcome: { kind: 'serving', note: 'All of it.' },
    });
  });

  it('waits for a review when all gates are green, and is blocked otherwise', () => {
    expect(waitForReview(checked(), AT).state.phase).toBe('awaiting-review');
    expect(waitForReview(checked('skipped'), AT).state.phase).toBe(
      'awaiting-review',
    );
    expect(waitForReview(checked('failed'), AT).state).toEqual({
      phase: 'blocked',
      failedGates: ['evaluation'],
    });
    expect(isGreen(opened())).toBe(false);
  });

  it('is not merged without green gates and an approval of what they looked at', () => {
    expect(mayMerge(checked())).toBe(false);
    expect(mayMerge(approve(checked(), approval, AT))).toBe(true);
    expect(mayMerge(approve(checked('failed'), approval, AT))).toBe(false);
    const other = { ...approval, head: 'b'.repeat(40) };
    expect(mayMerge(approve(checked(), other, AT))).toBe(false);
    const noneNeeded = checked('passed', { requiredApprovals: 0 });
    expect(mayMerge(noneNeeded)).toBe(true);
    const twoNeeded = checked('passed', { requiredApprovals: 2 });
    expect(approve(twoNeeded, approval, AT).state.phase).toBe('checking');
  });

  it('does not take an approval for one that its unknown author may have given', () => {
    const foreign = checked('passed', { strangers: ['@octocat'] });
    const one = approve(foreign, approval, AT);
    expect(approvalsLeft(one)).toBe(1);
    expect(mayMerge(one)).toBe(false);
    const other = { ...approval, reviewer: 'user:default/ada' };
    expect(mayMerge(approve(one, other, AT))).toBe(true);
    // Where it was written, its author has the name that it was written under.
    const there = { ...approval, via: 'git-host' as const };
    expect(mayMerge(approve(foreign, there, AT))).toBe(true);
    expect(mayOverride(foreign, { by: GRACE, contributors: [] })).toMatchObject(
      {
        allowed: false,
        because: 'never',
        reason: expect.stringContaining('@octocat'),
      },
    );
  });

  it('is merged past a gate that could not tell only by a reviewer who says so', () => {
    const undecided = checked('undecided');
    expect(waitForReview(undecided, AT).state.phase).toBe('awaiting-review');
    expect(openQuestions(undecided)).toMatchObject([{ id: 'evaluation' }]);
    expect(mayMerge(approve(undecided, approval, AT))).toBe(false);
    const accepting = { ...approval, accepts: ['evaluation' as const] };
    expect(mayMerge(approve(undecided, accepting, AT))).toBe(true);
    const otherHead = { ...accepting, head: 'b'.repeat(40) };
    expect(mayMerge(approve(undecided, otherHead, AT))).toBe(false);
  });

  it('may be approved by somebody else while it waits', () => {
    const waiting = waitForReview(checked(), AT);
    expect(mayReview(waiting, nobodyElse)).toEqual({ allowed: true });
  });

  it.each([
    ['user:default/ada', [], 'never', 'a second person'],
    [GRACE, [GRACE], 'never', 'You changed the branch'],
    ['service:external:ci', [], 'never', 'Only a person'],
  ] as const)(
    'may not be approved by %s',
    (reviewer, people, because, reason) => {
      const contributors = [...people];
      for (const promotion of [
        opened(),
        waitForReview(checked(), AT),
        waitForReview(checked('failed'), AT),
      ]) {
        expect(mayReview(promotion, { reviewer, contributors })).toEqual({
          allowed: false,
          because,
          reason: expect.stringContaining(reason),
        });
      }
    },
  );

  it('may be approved by members of certain groups alone, where that is configured', () => {
    const waiting = waitForReview(checked(), AT);
    const groups = ['group:default/risk', 'group:default/legal'];
    const reviewBy = (...memberships: string[]) =>
      mayReview(waiting, { ...nobodyElse, approvers: { groups, memberships } });
    expect(reviewBy(GRACE, 'group:default/legal')).toEqual({ allowed: true });
    expect(reviewBy(GRACE, 'group:default/vision')).toEqual({
      allowed: false,
      because: 'never',
      reason:
        'Only members of group:default/risk or group:default/legal can approve what goes to production: ask one of them.',
    });
  });

  it.each([
    ['while it is checked', opened(), 'still running'],
    [
      'while it is blocked',
      waitForReview(checked('failed'), AT),
      '(evaluation)',
    ],
    ['twice', approve(waitForReview(checked(), AT), approval, AT), 'already'],
    [
      'once it is closed',
      close(opened(), { closedBy: GRACE, reason: 'no' }, AT),
      'It is closed already.',
    ],
  ])('may not be approved %s', (_, promotion, reason) => {
    expect(mayReview(promotion, nobodyElse)).toEqual({
      allowed: false,
      because: 'not-now',
      reason: expect.stringContaining(reason),
    });
  });

  it('forgets what it found, and its approvals, when it starts over', () => {
    const approved = approve(waitForReview(checked(), AT), approval, AT);
    const again = startOver(approved, 'check-signature', AT);
    expect(again.gates.map(g => g.status)).toEqual([
      'passed',
      'passed',
      'pending',
      'pending',
    ]);
    expect(nextStep(again)).toBe('check-signature');
    expect(mayMerge(again)).toBe(false);
    expect(startOver(approved, 'create-branch', AT).checkedHead).toBe(
      undefined,
    );
    expect(startOver(approved, 'await-review', AT).checkedHead).toBe(HEAD);
  });

  it('keeps the error of a step that is tried again', () => {
    const started = startStep(opened(), 'create-branch', AT);
    const postponed = postponeStep(
      started,
      'create-branch',
      { error: 'no Git' },
      AT,
    );
    expect(postponed.steps[0]).toMatchObject({
      status: 'pending',
      attempts: 1,
      error: 'no Git',
    });
    const again = startStep(postponed, 'create-branch', AT);
    expect(again.steps[0]).toMatchObject({ attempts: 2, error: undefined });
  });

  it('is tried again after a failed step, and after failed gates', () => {
    const failed = failStep(opened(), 'create-branch', 'no', AT);
    expect(nextStep(failed)).toBeUndefined();
    expect(nextStep(retry(failed, AT)!)).toBe('create-branch');

    const merging = approve(waitForReview(checked(), AT), approval, AT);
    const reviewed = finishStep(merging, 'await-review', {}, AT);
    const stuck = failStep(reviewed, 'merge-change-request', 'no', AT);
    expect(retry(stuck, AT)?.state).toEqual({
      phase: 'merging',
      approvedBy: GRACE,
    });

    const stuckGate = failStep(checked(), 'compare-evaluation', 'no', AT);
    expect(nextStep(retry(stuckGate, AT)!)).toBe('verify-artifact-digest');

    const blocked = waitForReview(checked('failed'), AT);
    expect(nextStep(retry(blocked, AT)!)).toBe('verify-artifact-digest');
    expect(retry(opened(), AT)).toBeUndefined();
  });

  it('is asked once more what it did not pass where it serves, and nothing else', () => {
    const verification = { status: 'failed' as const, checks: [] };
    const served = (status: 'passed' | 'failed') => {
      const promotion = checked();
      return {
        ...promotion,
        steps: [
          ...promotion.steps.map(step => ({
            ...step,
            status: 'done' as const,
          })),
          {
            name: 'verify' as const,
            title: 'Verify',
            status: 'done' as const,
            attempts: 1,
          },
        ],
        state: {
          phase: 'completed' as const,
          commit: HEAD,
          mergedAt: AT,
          completedAt: AT,
          outcome: {
            kind: 'serving' as const,
            note: '',
            verification: { ...verification, status },
          },
        },
      };
    };
    const again = retry(served('failed'), AT);
    expect(again?.state.phase).toBe('rolling-out');
    expect(again && nextStep(again)).toBe('verify');
    expect(retry(served('passed'), AT)).toBeUndefined();
  });

  it('says which gates were not looked at before a merge outside of the portal', () => {
    const merged = mergeOutside(opened(), AT);
    expect(merged.gates.map(g => g.status)).toEqual(Array(4).fill('skipped'));
    expect(nextStep(merged)).toBe('merge-change-request');
    const gates = mergeOutside(checked('failed'), AT).gates;
    expect(gates.map(g => g.status)).toEqual([
      'passed',
      'passed',
      'passed',
      'failed',
    ]);
  });

  describe('toPromotion', () => {
    const shown = (record: PromotionRecord) =>
      Object.fromEntries(
        toPromotion(record).steps.map(step => [
          step.name,
          step.skippedBecause ?? step.status,
        ]),
      );

    it('tells steps that a rollback skips from those that it took', () => {
      const rollback = checked('skipped', {
        kind: 'rollback',
        requiredApprovals: 0,
      });
      const merging = finishStep(rollback, 'await-review', {}, AT);
      expect(shown(merging)).toMatchObject({
        'check-signature': 'done',
        'await-review': 'A rollback needs no review here.',
        'merge-change-request': 'pending',
      });
      expect(merging.state.phase).toBe('merging');
      expect(shown(approve(merging, approval, AT))).toMatchObject({
        'await-review': 'done',
      });
    });

    it('tells what was not done before a merge outside of the portal', () => {
      const merged = mergeOutside(
        finishStep(opened(), 'create-branch', {}, AT),
        AT,
      );
      expect(shown(merged)).toMatchObject({
        'create-branch': 'done',
        'open-change-request': 'It was merged outside of the portal before.',
        'check-signature':
          'Not checked: it was merged outside of the portal before.',
        'await-review': 'It was merged outside of the portal before.',
        'merge-change-request': 'pending',
      });
    });

    it('does not show steps of a closed promotion as still to come', () => {
      const running = startStep(checked(), 'await-review', AT);
      const closed = close(running, { closedBy: GRACE, reason: 'No' }, AT);
      expect(shown(closed)).toMatchObject({
        'compare-evaluation': 'done',
        'await-review': 'The promotion was closed before.',
        'await-rollout': 'The promotion was closed before.',
      });
    });
  });

  it('shows callers nothing that is internal', () => {
    const shown = toPromotion(approve(checked(), approval, AT));
    expect(shown.reviews).toEqual([
      { reviewer: GRACE, verdict: 'approved', comment: '', at: AT },
    ]);
    expect(shown).not.toHaveProperty('checkedHead');
    expect(shown).not.toHaveProperty('revision');
  });
});
