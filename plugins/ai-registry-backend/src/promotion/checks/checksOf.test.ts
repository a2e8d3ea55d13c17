import { openTestPromotion } from '../__testUtils__/openTestPromotion';
import type { PromotionRecord } from '../promotion';
import { checksOf } from './checksOf';

const AT = '2026-05-03T12:00:00.000Z';
const HEAD = 'a'.repeat(40);
const MANIFEST = `apiVersion: greenroom.dev/v2
kind: ModelDeployment
metadata: { name: digits, environment: production }
spec:
  version: 2
  digest: sha256:abc
`;

const gate = (
  id: 'evaluation' | 'artifact-digest',
  status: 'failed' | 'passed' | 'warned' | 'waiting' | 'undecided',
) => ({ id, title: `The ${id}`, status, summary: `It ${status}.` } as const);

const promotion = (changes: Partial<PromotionRecord>): PromotionRecord =>
  openTestPromotion(AT, { checkedHead: HEAD, ...changes });

const show = (record: PromotionRecord, approverGroups?: string[]) =>
  checksOf(record, {
    manifest: MANIFEST,
    url: 'https://portal/p/1',
    approverGroups,
  });

describe('checksOf', () => {
  it('says what a failed gate is about, on its line of the manifest', () => {
    const [whole, digest, evaluation] = show(
      promotion({
        state: { phase: 'blocked', failedGates: ['evaluation'] },
        gates: [
          gate('artifact-digest', 'failed'),
          gate('evaluation', 'failed'),
        ],
      }),
    );
    expect(whole).toMatchObject({
      name: 'Greenroom',
      state: 'failed',
      title: 'Does not pass: The artifact-digest, The evaluation',
      url: 'https://portal/p/1',
    });
    expect(digest).toMatchObject({
      name: 'Greenroom / artifact-digest',
      state: 'failed',
      annotations: [
        {
          path: 'environments/production/models/digits.yaml',
          line: 6,
          level: 'failure',
        },
      ],
    });
    expect(evaluation.annotations).toMatchObject([{ line: 5 }]);
  });

  it('holds nothing up by what was overridden, or only reports', () => {
    const checks = show(
      promotion({
        state: { phase: 'awaiting-review' },
        gates: [
          gate('artifact-digest', 'warned'),
          gate('evaluation', 'failed'),
        ],
        overrides: [
          {
            gate: 'evaluation',
            by: 'user:default/ruth',
            reason: 'Known.',
            at: AT,
            head: HEAD,
          },
        ],
      }),
    );
    expect(checks.map(({ state }) => state)).toEqual([
      'waiting',
      'neutral',
      'neutral',
    ]);
    expect(checks[2].summary).toContain(
      'Overridden by user:default/ruth: Known.',
    );
    expect(checks[2].annotations).toMatchObject([{ level: 'warning' }]);
  });

  it('says what is missing, and of whom', () => {
    const [whole] = show(
      promotion({
        state: { phase: 'awaiting-review' },
        requiredApprovals: 2,
        gates: [
          gate('evaluation', 'undecided'),
          gate('artifact-digest', 'waiting'),
        ],
        objections: [
          { by: 'user:default/linus', isKnown: true, text: 'No.', at: AT },
          { by: '@stranger', isKnown: false, text: 'No!', at: AT },
        ],
      }),
      ['group:default/risk'],
    );
    expect(whole.state).toBe('waiting');
    expect(whole.summary).toContain(
      `Missing:

- It waiting.
- The evaluation: cannot tell. A reviewer decides in the portal, with a reason
- 2 approvals by members of group:default/risk, here or in the portal
- user:default/linus asks for changes: settle that first`,
    );
    expect(whole.summary).not.toContain('stranger');
  });

  it.each([
    [{ phase: 'checking' }, 'running'],
    [{ phase: 'merging' }, 'passed'],
    [{ phase: 'rolling-out', commit: 'c', mergedAt: AT }, 'passed'],
    [{ phase: 'closed', closedBy: 'x', closedAt: AT, reason: 'No' }, 'neutral'],
    [{ phase: 'failed', step: 's', error: 'No Git' }, 'failed'],
  ] as const)('is as a whole, of %j: %s', (state, expected) => {
    expect(show(promotion({ state }))[0].state).toBe(expected);
  });
});
