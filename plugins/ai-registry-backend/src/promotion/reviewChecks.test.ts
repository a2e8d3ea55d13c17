import type { Gate } from '@greenroom/plugin-ai-registry-common';
import { openTestPromotion } from './__testUtils__/openTestPromotion';
import type { PromotionRecord } from './promotion';
import { checkAcceptance, checkMayClose, checkMayReview } from './reviewChecks';

const AT = '2026-05-03T12:00:00.000Z';

const record = (changes: Partial<PromotionRecord> = {}): PromotionRecord => ({
  ...openTestPromotion(AT),
  ...changes,
});

const gate = (
  id: Gate['id'],
  status: Gate['status'],
  summary: string,
): Gate => ({ id, title: id, status, summary });

const gates = [
  gate('servable', 'passed', 'It loads.'),
  gate('evaluation', 'undecided', 'Too few rows.'),
];

describe('checkMayReview', () => {
  it('tells who never may from what is too early', () => {
    expect(() => checkMayReview({ allowed: true })).not.toThrow();
    const not = (because: 'never' | 'not-now') => () =>
      checkMayReview({ allowed: false, reason: 'Why.', because });
    expect(not('never')).toThrow(
      expect.objectContaining({ name: 'NotAllowedError', message: 'Why.' }),
    );
    expect(not('not-now')).toThrow(
      expect.objectContaining({ name: 'ConflictError', message: 'Why.' }),
    );
  });
});

describe('checkAcceptance', () => {
  const accept = (accepts: Gate['id'][], comment = 'Looked at by hand.') =>
    checkAcceptance(record({ gates }), { comment, accepts });

  it('wants a yes with a reason to each gate that could not tell, and to no other', () => {
    expect(() => accept(['evaluation'])).not.toThrow();
    expect(() => accept([])).toThrow(
      `The gate 'evaluation' could not tell: Too few rows.`,
    );
    expect(() => accept(['evaluation'], ' ')).toThrow('comment: say');
    expect(() => accept(['servable'])).toThrow(
      `accepts: the gate 'servable' is not undecided`,
    );
  });
});

describe('checkMayClose', () => {
  const close = (state: PromotionRecord['state']) =>
    checkMayClose(record({ state }));

  it('lets nobody close what is being merged or has ended, but what the Git host holds', () => {
    expect(() => checkMayClose(record())).not.toThrow();
    expect(() => close({ phase: 'awaiting-review' })).not.toThrow();
    expect(() => close({ phase: 'merging' })).toThrow(
      'The promotion is merging: it cannot be closed',
    );
    const held = openTestPromotion(AT).steps.map(step =>
      step.name === 'merge-change-request'
        ? { ...step, waitingFor: 'GitHub does not let it be merged yet.' }
        : step,
    );
    expect(() =>
      checkMayClose(record({ state: { phase: 'merging' }, steps: held })),
    ).not.toThrow();
    const ended = { closedBy: 'user:default/ada', reason: 'No.', closedAt: AT };
    expect(() => close({ phase: 'closed', ...ended })).toThrow(
      'The promotion is closed: it cannot be closed',
    );
  });
});
