import type { Gate, Review } from '@greenroom/plugin-ai-registry-common';
import { makePromotion } from '../__testUtils__/fixtures';
import { type Considered, waitsForTimeOnly } from './approvals';

const SOAK: Gate = {
  id: 'soak',
  title: 'Served long enough',
  status: 'waiting',
  summary: 'It is to serve for a day.',
};
const OPEN: Gate = {
  id: 'evaluation',
  title: 'Evaluation is not worse',
  status: 'undecided',
  summary: 'These rows cannot tell.',
};

function approval(reviewer: string, changes: Partial<Review> = {}): Review {
  return {
    reviewer,
    verdict: 'approved',
    comment: '',
    at: '2026-05-01T08:00:00.000Z',
    ...changes,
  };
}

const one = [approval('user:default/grace')];

describe('waitsForTimeOnly', () => {
  it.each<[string, Partial<Considered>, number, boolean]>([
    ['approved', { reviews: one }, 1, true],
    ['approved by one of two', { reviews: one }, 2, false],
    ['not approved', { reviews: [] }, 1, false],
    ['merged by itself', { reviews: [], automation: 'merge' }, 2, true],
    ['nothing to wait for', { reviews: one, gates: [] }, 1, false],
    ['blocked', { state: { phase: 'blocked', failedGates: [] } }, 1, false],
    [
      'approved before the branch was changed',
      { reviews: [approval('user:default/grace', { isOutdated: true })] },
      1,
      false,
    ],
    [
      'a gate that cannot tell, left open',
      { reviews: one, gates: [SOAK, OPEN] },
      1,
      false,
    ],
    [
      'a gate that cannot tell, decided',
      {
        reviews: [approval('user:default/grace', { accepts: ['evaluation'] })],
        gates: [SOAK, OPEN],
      },
      1,
      true,
    ],
    [
      'overridden waiting',
      {
        overrides: [
          {
            gate: 'soak',
            by: 'user:default/grace',
            reason: 'Known.',
            at: '2026-05-01T08:00:00.000Z',
            isInForce: true,
          },
        ],
      },
      1,
      false,
    ],
    [
      'somebody asks for changes',
      {
        objections: [
          { by: 'user:default/linus', isKnown: true, text: '', at: '' },
        ],
      },
      1,
      false,
    ],
    ['a stranger wrote it', { strangers: ['@octocat'] }, 1, false],
    [
      'a stranger wrote it, approved on the Git host',
      {
        strangers: ['@octocat'],
        reviews: [approval('user:default/grace', { via: 'git-host' })],
      },
      1,
      true,
    ],
  ])('%s', (_, changes, requiredApprovals, expected) => {
    const promotion = makePromotion({
      gates: [SOAK],
      reviews: one,
      ...changes,
    });
    expect(waitsForTimeOnly(promotion, { requiredApprovals })).toBe(expected);
  });
});
