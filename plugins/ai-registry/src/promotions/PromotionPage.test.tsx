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
    // The summary above tells the interval already.
    expect(gate).not.toHaveTextContent('with 95 % confidence');
    expect(gate).toHaveTextContent(
      'The improvement is larger than chance explains.',
    );
    // In the local Git there is no other page than this one.
    expect(screen.queryByRole('link', { name: /^Change request/ })).toBeNull();
    const change = screen.getByRole('region', {
      name: 'Change of environments/production/models/digits.yaml',
    });
    expect(change).toHaveTextContent('removed: version: 1');
    expect(change).toHaveTextContent('added: version: 2');
    expect(screen.getByText('All steps are done')).toBeInTheDocument();
  });

  it('says that the Git host does not answer, beside everything that is known', async () => {
    servePromotion(
      makePromotion({
        diff: '',
        hostTrouble: 'GitHub: GET /pulls/7 was answered 503',
      }),
    );
    renderRegistry({ path: PAGE, userEntityRef: GRACE });
    expect(
      await screen.findByText('The Git host does not answer'),
    ).toBeInTheDocument();
    expect(
      screen.getByText(/^GitHub: GET \/pulls\/7 was answered 503\. What was/),
    ).toBeInTheDocument();
    expect(
      screen.getByText('The change cannot be shown now'),
    ).toBeInTheDocument();
    expect(
      screen.getByRole('article', { name: 'Evaluation' }),
    ).toBeInTheDocument();
  });

  it('says what will happen to the traffic, and by what versions are compared', async () => {
    servePromotion(
      makePromotion({
        plan: {
          rollout: {
            strategy: 'adaptive',
            metric: 'clicks',
            floorPercent: 10,
            updateSeconds: 3_600,
            atMostSeconds: 172_800,
          },
          analysis: {
            metrics: [
              {
                name: 'clicks',
                measure: { kind: 'outcome', outcome: 'clicked' },
                direction: 'higher-is-better',
                margin: 0.01,
                alpha: 0.05,
                power: 0.8,
              },
            ],
            minUnitsPerVariant: 500,
          },
          outcomes: { samplePercent: 100, keepDays: 30 },
        },
      }),
    );
    renderRegistry({ path: PAGE, userEntityRef: GRACE });
    const traffic = await screen.findByRole('list', {
      name: 'What happens to the traffic',
    });
    expect(within(traffic).getAllByRole('listitem')).toHaveLength(3);
    expect(traffic).toHaveTextContent(/neither gets less than 10 %/);
    const comparison = screen.getByRole('list', {
      name: 'How versions are compared',
    });
    expect(comparison).toHaveTextContent(
      /Metric clicks: the mean of the outcome clicked, higher is better/,
    );
    expect(comparison).toHaveTextContent(/Guardrail errors: /);
    expect(
      screen.getByText(/What became of 100 % of the requests/),
    ).toBeInTheDocument();
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
    await userEvent.click(
      await screen.findByText('All steps are done, 1 was not needed'),
    );
    const steps = screen.getByRole('list', { name: 'Steps that are over' });
    const [, skipped] = within(steps).getAllByRole('listitem');
    expect(skipped).toHaveTextContent(
      'Compare evaluations (skipped)Not asked of a rollback.',
    );
  });

  it('folds away what went well, and shows what is left with times and attempts', async () => {
    servePromotion(
      makePromotion({
        state: { phase: 'failed', step: 'merge', error: 'The host is away' },
        steps: [
          {
            name: 'branch',
            title: 'Branch',
            status: 'done',
            attempts: 2,
            startedAt: '2026-05-01T08:00:00.000Z',
            finishedAt: '2026-05-01T08:00:42.000Z',
          },
          {
            name: 'merge',
            title: 'Merge',
            status: 'failed',
            attempts: 3,
            startedAt: '2026-05-01T08:01:00.000Z',
            error: 'The host is away',
          },
          {
            name: 'apply',
            title: 'Apply',
            status: 'pending',
            attempts: 0,
          },
        ],
      }),
    );
    renderRegistry({ path: PAGE, userEntityRef: GRACE });
    const [merge, apply] = within(
      await screen.findByRole('list', { name: 'Steps that are left' }),
    ).getAllByRole('listitem');
    expect(merge).toHaveTextContent(/The host is away.*3 attempts/);
    expect(apply).toHaveTextContent('Apply (pending)');
    const past = screen.getByText('1 of 3 steps is done, in 42 s');
    expect(past.closest('details')).not.toHaveAttribute('open');
    await userEvent.click(past);
    expect(
      screen.getByRole('list', { name: 'Steps that are over' }),
    ).toHaveTextContent(/2 attempts, took 42 s/);
  });

  it('shows what was said below the change request, and how far it is deployed', async () => {
    servePromotion(
      makePromotion({
        automation: 'merge',
        changeRequest: {
          number: 7,
          title: 'Promote digits 2 to production',
          url: 'https://github.example/acme/environments/pull/7',
          branch: 'promotions/p-1',
        },
        comments: [
          {
            author: 'Grace Hopper',
            text: 'Look at **sevens** first.',
            at: '2026-05-01T08:00:00.000Z',
          },
        ],
        deployments: [
          {
            environment: 'production',
            state: 'running',
            description: 'Version 2 has 10 % of the traffic',
            at: '2026-05-01T08:10:00.000Z',
          },
        ],
      }),
    );
    renderRegistry({ path: PAGE, userEntityRef: GRACE });
    expect(
      await screen.findByRole('list', { name: 'Comments' }),
    ).toHaveTextContent(/Grace Hopper.*Look at \*\*sevens\*\* first\./);
    expect(screen.getByRole('list', { name: 'Deployments' })).toHaveTextContent(
      /productionrunning.*Version 2 has 10 % of the traffic/,
    );
    expect(
      screen.getByRole('link', { name: /^Change request 7 on github.example/ }),
    ).toHaveAttribute(
      'href',
      'https://github.example/acme/environments/pull/7',
    );
    expect(
      screen.getByText(
        'Nobody: it came by itself, and is merged by itself when all gates pass',
      ),
    ).toBeInTheDocument();
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
      screen.getByText('Blocked by the gates “Artifact”, “Signature”'),
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

  it('says of an approval that the branch was changed after it', async () => {
    servePromotion(
      makePromotion({
        reviews: [
          {
            reviewer: GRACE,
            verdict: 'approved',
            comment: 'Convincing',
            at: '2026-05-03T08:00:00.000Z',
            isOutdated: true,
          },
        ],
      }),
    );
    renderRegistry({ path: PAGE, userEntityRef: GRACE });
    expect(
      await screen.findByText('approved, before the branch was changed'),
    ).toBeInTheDocument();
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

  it.each([
    ['failed', 1],
    ['passed', 0],
  ] as const)(
    'offers to verify again only what failed (%s)',
    async (status, buttons) => {
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
              verification: { status, checks: [] },
            },
          },
        }),
      );
      renderRegistry({ path: PAGE });
      await screen.findByRole('heading', { name: 'Review' });
      expect(
        screen.queryAllByRole('button', { name: 'Try again' }),
      ).toHaveLength(buttons);
    },
  );

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
      'Blocked by the gate “Evaluation”',
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
    expect(screen.getByText('digits')).toBeInTheDocument();
    expect(screen.getByText('Rolled out')).toBeInTheDocument();
  });
});
