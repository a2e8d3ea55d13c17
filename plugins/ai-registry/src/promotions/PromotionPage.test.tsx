import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import type { PromotionDetail } from '@greenroom/plugin-ai-registry-common';
import { screen, within, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { makePromotion, makeVersion } from '../__testUtils__/fixtures';
import {
  REGISTRY_URL,
  refusal,
  renderRegistry,
} from '../__testUtils__/renderRegistry';
import { movingDigits, serveInference } from '../__testUtils__/serveModel';

const server = setupServer(
  ...serveInference(),
  http.get(`${REGISTRY_URL}/models/digits/versions/:version`, ({ params }) =>
    HttpResponse.json({ ...makeVersion({ version: Number(params.version) }) }),
  ),
);
const PAGE = '/ai-registry/promotions/p-1';
const GRACE = 'user:default/grace';

/** Serves a promotion that can be replaced while the page looks at it. */
function servePromotion(first: PromotionDetail) {
  const served = { promotion: first };
  server.use(
    http.get(`${REGISTRY_URL}/promotions/p-1`, () =>
      HttpResponse.json({ ...served.promotion }),
    ),
  );
  return served;
}

describe('PromotionPage', () => {
  registerMswTestHooks(server);

  it('shows the evidence of the gates and the change of the manifest', async () => {
    servePromotion(makePromotion());
    renderRegistry({ path: PAGE, userEntityRef: GRACE });
    const gate = await screen.findByRole('article', { name: 'Evaluation' });
    expect(within(gate).getByText('Passed')).toBeInTheDocument();
    expect(
      within(gate).getByRole('img', {
        name: 'accuracy: improvement +0.02, 95 % interval +0.004 to +0.036, a loss of up to 0.01 is let through',
      }),
    ).toBeInTheDocument();
    const change = screen.getByRole('region', {
      name: 'Change of environments/production/models/digits.yaml',
    });
    expect(change).toHaveTextContent('removed: version: 1');
    expect(change).toHaveTextContent('added: version: 2');
    expect(
      within(
        screen.getByRole('list', { name: 'Steps of the promotion' }),
      ).getAllByRole('listitem'),
    ).toHaveLength(2);
  });

  it('shows what is known of a version where nothing runs', async () => {
    const { gates } = makePromotion();
    const gate = gates.find(({ id }) => id === 'evaluation')!;
    servePromotion(
      makePromotion({
        gates: [
          {
            ...gate,
            evidence: {
              kind: 'evaluation',
              own: [
                {
                  metric: 'exact',
                  value: 0.9,
                  interval: [0.826, 0.945],
                  dataset: 'capitals',
                  rows: 100,
                },
                { metric: 'short', value: 0.56, dataset: 'capitals', rows: 98 },
              ],
            },
          },
        ],
      }),
    );
    renderRegistry({ path: PAGE, userEntityRef: GRACE });
    const card = await screen.findByRole('article', { name: 'Evaluation' });
    expect(card).toHaveTextContent(
      /exact of this version0\.9000 \(0\.8260 to 0\.9450\), 100 rows/,
    );
    expect(card).toHaveTextContent(/short of this version0\.5600, 98 rows/);
  });

  it('shows what changes in the prompt, whose digest says nothing to people', async () => {
    servePromotion(makePromotion({ fromVersion: 1, version: 2 }));
    server.use(
      http.get(
        `${REGISTRY_URL}/models/digits/versions/:version`,
        ({ params }) =>
          HttpResponse.json({
            ...makeVersion({ version: Number(params.version) }),
            external: {
              formatVersion: 1,
              connection: 'llm',
              model: 'gpt-4o',
              tasks: ['chat'],
              parameters: {},
              messages: [
                { role: 'system', content: `Prompt ${params.version}` },
              ],
            },
          }),
      ),
    );
    renderRegistry({ path: PAGE, userEntityRef: GRACE });
    expect(
      await screen.findByRole('row', {
        name: 'Message 1 system: Prompt 1 system: Prompt 2 changed',
      }),
    ).toBeInTheDocument();
    expect(
      screen.getByRole('link', { name: 'Compare with version 1' }),
    ).toHaveAttribute(
      'href',
      '/ai-registry/models/digits/compare?base=1&candidate=2',
    );
  });

  it.each(['promotion $', '/ai-registry/promotions/$'])(
    'leads to the promotion that superseded it: %s',
    async written => {
      const id = '0b9c1f6e-6a53-4f0a-9a3b-1c7a53d7c001';
      servePromotion(
        makePromotion({
          state: {
            phase: 'closed',
            closedBy: GRACE,
            closedAt: '2026-05-03T08:00:00.000Z',
            reason: `Superseded by version 3 (${written.replace('$', id)}).`,
          },
        }),
      );
      renderRegistry({ path: PAGE });
      expect(
        await screen.findByRole('link', { name: 'its promotion' }),
      ).toHaveAttribute('href', `/ai-registry/promotions/${id}`);
    },
  );

  it('says which steps were skipped, and why', async () => {
    servePromotion(
      makePromotion({
        kind: 'rollback',
        steps: [
          { name: 'branch', title: 'Branch', status: 'done', attempts: 1 },
          {
            name: 'compare-evaluation',
            title: 'Compare evaluations',
            status: 'skipped',
            attempts: 1,
            finishedAt: '2026-05-01T08:00:00.000Z',
            skippedBecause: 'Not asked of a rollback.',
          },
        ],
      }),
    );
    renderRegistry({ path: PAGE, userEntityRef: GRACE });
    const steps = await screen.findByRole('list', {
      name: 'Steps of the promotion',
    });
    const [, skipped] = within(steps).getAllByRole('listitem');
    expect(skipped).toHaveTextContent(
      'Compare evaluations (skipped)Not asked of a rollback.',
    );
  });

  it('shows what other gates found wrong', async () => {
    servePromotion(
      makePromotion({
        state: {
          phase: 'blocked',
          failedGates: ['artifact-digest', 'signature-compatible'],
        },
        gates: [
          {
            id: 'artifact-digest',
            title: 'Artifact',
            status: 'failed',
            summary: 'The bytes are not those that were registered',
            evidence: {
              kind: 'artifact-digest',
              expected: `sha256:${'a'.repeat(64)}`,
              actual: `sha256:${'b'.repeat(64)}`,
              sizeBytes: 1234,
            },
          },
          {
            id: 'signature-compatible',
            title: 'Signature',
            status: 'failed',
            summary: 'Callers would break',
            evidence: {
              kind: 'signature-compatible',
              comparedWith: 1,
              differences: ['input image is gone'],
            },
          },
        ],
        diff: '',
      }),
    );
    renderRegistry({ path: PAGE });
    const artifact = await screen.findByRole('article', { name: 'Artifact' });
    expect(artifact).toHaveTextContent('aaaaaaaaaaaa');
    expect(artifact).toHaveTextContent('bbbbbbbbbbbb');
    expect(
      within(screen.getByRole('article', { name: 'Signature' })).getByText(
        'input image is gone',
      ),
    ).toBeInTheDocument();
    expect(
      screen.getByText('Blocked: Artifact, Signature'),
    ).toBeInTheDocument();
    expect(screen.getByText('No change to show yet')).toBeInTheDocument();
  });

  it('follows by itself from the last gate to the review', async () => {
    const served = servePromotion(
      makePromotion({ state: { phase: 'checking' } }),
    );
    renderRegistry({ path: PAGE });
    expect(await screen.findByText(/^The gates have run/)).toBeInTheDocument();
    served.promotion = makePromotion();
    expect(
      await screen.findByText(/^All gates passed/, {}, { timeout: 3_500 }),
    ).toBeInTheDocument();
  });

  it('says what a merged promotion waits for', async () => {
    servePromotion(
      makePromotion({
        state: {
          phase: 'rolling-out',
          commit: 'abcdef0123456',
          mergedAt: '2026-05-03T08:00:00.000Z',
          waitingFor: 'Step 1 of 2: version 2 gets 10 % for 30 seconds.',
        },
      }),
    );
    renderRegistry({ path: PAGE });
    expect(
      await screen.findByText('Merged: production is on its way to version 2'),
    ).toBeInTheDocument();
    expect(screen.getByText(/version 2 gets 10 %/)).toBeInTheDocument();
  });

  it('does not say that a version runs which was taken back', async () => {
    servePromotion(
      makePromotion({
        state: {
          phase: 'completed',
          commit: 'abcdef0123456',
          mergedAt: '2026-05-03T08:00:00.000Z',
          completedAt: '2026-05-03T08:05:00.000Z',
          outcome: {
            kind: 'serving',
            note: 'Version 2 got all traffic of production.',
          },
        },
      }),
    );
    const taken = {
      ...movingDigits,
      wanted: { ...movingDigits.wanted, version: 1 },
      variants: [
        { ...movingDigits.variants[0], version: 1, weightPercent: 100 },
      ],
    };
    server.use(...serveInference({ deployments: [taken] }));
    renderRegistry({ path: PAGE });
    expect(
      await screen.findByText(
        'Since then production was moved to version 1; serving now: version 1.',
      ),
    ).toBeInTheDocument();
  });

  it('asks why a gate that could not tell may be passed', async () => {
    const [gate] = makePromotion().gates;
    const served = servePromotion(
      makePromotion({ gates: [{ ...gate, status: 'undecided' }] }),
    );
    const approved = jest.fn();
    server.use(
      http.post(
        `${REGISTRY_URL}/promotions/p-1/approve`,
        async ({ request }) => {
          approved(await request.json());
          return HttpResponse.json(served.promotion);
        },
      ),
    );
    renderRegistry({ path: PAGE, userEntityRef: GRACE });
    const approve = await screen.findByRole('button', {
      name: 'Approve without proof',
    });
    await userEvent.click(approve);
    expect(await screen.findByText(/Say why "Evaluation"/)).toBeInTheDocument();
    expect(approved).not.toHaveBeenCalled();
    await userEvent.type(screen.getByLabelText('Comment'), 'Seen by hand');
    await userEvent.click(approve);
    await waitFor(() =>
      expect(approved).toHaveBeenCalledWith({
        comment: 'Seen by hand',
        accepts: ['evaluation'],
      }),
    );
  });

  it('lets a second person approve, and follows to the merge', async () => {
    const served = servePromotion(makePromotion());
    const approved = jest.fn();
    server.use(
      http.post(
        `${REGISTRY_URL}/promotions/p-1/approve`,
        async ({ request }) => {
          approved(await request.json());
          served.promotion = makePromotion({
            state: {
              phase: 'completed',
              commit: 'abcdef0123456',
              mergedAt: '2026-05-03T08:00:00.000Z',
              completedAt: '2026-05-03T08:00:00.000Z',
              outcome: {
                kind: 'serving',
                note: 'Version 2 has all traffic of production.',
              },
            },
            reviews: [
              {
                reviewer: GRACE,
                verdict: 'approved',
                comment: 'Convincing',
                at: '2026-05-03T08:00:00.000Z',
              },
            ],
          });
          return HttpResponse.json(served.promotion);
        },
      ),
    );
    renderRegistry({ path: PAGE, userEntityRef: GRACE });
    await userEvent.type(await screen.findByLabelText('Comment'), 'Convincing');
    await userEvent.click(screen.getByRole('button', { name: 'Approve' }));

    expect(
      await screen.findByText(
        'Rolled out: version 2 got all traffic of production',
      ),
    ).toBeInTheDocument();
    expect(approved).toHaveBeenCalledWith({ comment: 'Convincing' });
    expect(screen.getByText('Convincing')).toBeInTheDocument();
    expect(
      screen.queryByRole('button', { name: 'Approve' }),
    ).not.toBeInTheDocument();
  });

  it('tells the author why approving is left to somebody else', async () => {
    servePromotion(
      makePromotion({
        review: {
          allowed: false,
          reason: 'You asked for this promotion; another person approves it.',
        },
      }),
    );
    renderRegistry({ path: PAGE });
    const approve = await screen.findByRole('button', { name: 'Approve' });
    expect(approve).toBeDisabled();
    expect(approve).toHaveAccessibleDescription(
      'You asked for this promotion; another person approves it.',
    );
    expect(
      await screen.findByRole('button', { name: 'Withdraw' }),
    ).toBeEnabled();
  });

  it('says whose approvals count, while it waits for them', async () => {
    servePromotion(
      makePromotion({
        approverGroups: ['group:default/risk', 'group:default/platform'],
      }),
    );
    renderRegistry({ path: PAGE, userEntityRef: GRACE });
    expect(await screen.findByText(/^Approvals of/)).toHaveTextContent(
      'Approvals of group:risk and group:platform count.',
    );
  });

  it("shows the registry's refusal", async () => {
    servePromotion(makePromotion());
    server.use(
      http.post(`${REGISTRY_URL}/promotions/p-1/approve`, () =>
        refusal(403, 'The author cannot approve their own promotion'),
      ),
    );
    renderRegistry({ path: PAGE });
    await userEvent.click(
      await screen.findByRole('button', { name: 'Approve' }),
    );
    expect(await screen.findByRole('alert')).toHaveTextContent(
      'The author cannot approve their own promotion',
    );
  });

  it('asks for a reason before it rejects', async () => {
    const served = servePromotion(makePromotion());
    const closed = jest.fn();
    server.use(
      http.post(`${REGISTRY_URL}/promotions/p-1/close`, async ({ request }) => {
        closed(await request.json());
        served.promotion = makePromotion({
          state: {
            phase: 'closed',
            closedBy: GRACE,
            closedAt: '2026-05-03T08:00:00.000Z',
            reason: 'Too early',
          },
        });
        return HttpResponse.json(served.promotion);
      }),
    );
    renderRegistry({ path: PAGE, userEntityRef: GRACE });
    const reject = await screen.findByRole('button', { name: 'Reject' });
    await userEvent.click(reject);
    expect(await screen.findByText(/Say why, so that/)).toBeInTheDocument();
    expect(closed).not.toHaveBeenCalled();

    await userEvent.type(screen.getByLabelText('Comment'), 'Too early');
    await userEvent.click(reject);
    expect(
      await screen.findByText('Closed without merging'),
    ).toBeInTheDocument();
    expect(closed).toHaveBeenCalledWith({ reason: 'Too early' });
  });

  it.each([
    [
      { phase: 'blocked' as const, failedGates: ['evaluation' as const] },
      'Blocked: Evaluation',
      'Run gates again',
    ],
    [
      { phase: 'failed' as const, step: 'gates', error: 'git is away' },
      'Step "Run the gates" failed',
      'Try again',
    ],
  ])('offers a way on from %j', async (state, title, button) => {
    const served = servePromotion(makePromotion({ state }));
    const [gate] = makePromotion().gates;
    const checking = makePromotion({
      state: { phase: 'checking' },
      gates: [{ ...gate, status: 'pending' }],
    });
    server.use(
      http.post(`${REGISTRY_URL}/promotions/p-1/retry`, () => {
        served.promotion = checking;
        return HttpResponse.json(served.promotion);
      }),
    );
    renderRegistry({ path: PAGE });
    expect(await screen.findByText(title)).toBeInTheDocument();
    await userEvent.click(screen.getByRole('button', { name: button }));
    expect(
      await screen.findByText('The gates are running'),
    ).toBeInTheDocument();
  });
});

describe('PromotionsPage', () => {
  registerMswTestHooks(server);

  it('lists open promotions first, and all on request', async () => {
    server.use(
      http.get(`${REGISTRY_URL}/promotions`, ({ request }) => {
        const open = new URL(request.url).searchParams.get('open') === 'true';
        return HttpResponse.json({
          items: open
            ? []
            : [
                makePromotion({
                  state: {
                    phase: 'completed',
                    commit: 'c',
                    mergedAt: '2026-05-03T08:00:00.000Z',
                    completedAt: '2026-05-03T08:00:00.000Z',
                    outcome: {
                      kind: 'serving',
                      note: 'Version 2 has all traffic of production.',
                    },
                  },
                }),
              ],
        });
      }),
    );
    renderRegistry({ path: '/ai-registry/promotions' });
    expect(await screen.findByText('No promotion is open')).toBeInTheDocument();
    await userEvent.click(screen.getByRole('radio', { name: 'All' }));
    expect(
      await screen.findByRole('link', { name: /^Promote version 1 → 2/ }),
    ).toHaveAttribute('href', PAGE);
    expect(
      screen.getByRole('columnheader', { name: 'Model' }),
    ).toBeInTheDocument();
    expect(screen.getByText('digits')).toBeInTheDocument();
    expect(screen.getByText('Rolled out')).toBeInTheDocument();
  });
});
