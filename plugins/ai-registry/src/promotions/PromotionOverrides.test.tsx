import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import { screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import type { PromotionDetail } from '@greenroom/plugin-ai-registry-common';
import { makePromotion, makeVersion } from '../__testUtils__/fixtures';
import {
  REGISTRY_URL,
  refusal,
  renderRegistry,
} from '../__testUtils__/renderRegistry';
import { serveInference } from '../__testUtils__/serveModel';

const server = setupServer(
  ...serveInference(),
  http.get(`${REGISTRY_URL}/models/digits/versions/:version`, ({ params }) =>
    HttpResponse.json({ ...makeVersion({ version: Number(params.version) }) }),
  ),
);
const AT = '2026-05-03T12:00:00.000Z';

function show(promotion: PromotionDetail) {
  const served = { promotion };
  server.use(
    http.get(`${REGISTRY_URL}/promotions/p-1`, () =>
      HttpResponse.json({ ...served.promotion }),
    ),
  );
  renderRegistry({
    path: '/ai-registry/promotions/p-1',
    userEntityRef: 'user:default/grace',
  });
  return served;
}

describe('A promotion that something stands against', () => {
  registerMswTestHooks(server);

  const [gate] = makePromotion().gates;
  const blocked = makePromotion({
    state: { phase: 'blocked', failedGates: [gate.id] },
    gates: [{ ...gate, status: 'failed', summary: 'It is worse.' }],
    override: { allowed: true, gates: [gate.id] },
  });

  it('can be let pass by who may, with a reason', async () => {
    const served = show(blocked);
    const overridden = jest.fn();
    server.use(
      http.post(
        `${REGISTRY_URL}/promotions/p-1/overrides`,
        async ({ request }) => {
          overridden(await request.json());
          served.promotion = {
            ...blocked,
            state: { phase: 'awaiting-review' },
            override: { allowed: true, gates: [] },
            overrides: [
              {
                gate: gate.id,
                by: 'user:default/grace',
                reason: 'The test set is wrong.',
                at: AT,
                isInForce: true,
              },
            ],
          };
          return HttpResponse.json(served.promotion, { status: 201 });
        },
      ),
    );
    await userEvent.click(
      await screen.findByRole('button', { name: /^Override the gate “/ }),
    );
    const dialog = await screen.findByRole('dialog');
    await userEvent.click(
      within(dialog).getByRole('button', { name: 'Override' }),
    );
    expect(
      await within(dialog).findByText(/Say why it may pass/),
    ).toBeInTheDocument();
    expect(overridden).not.toHaveBeenCalled();
    await userEvent.type(
      within(dialog).getByLabelText(/Reason/),
      'The test set is wrong.',
    );
    await userEvent.click(
      within(dialog).getByRole('button', { name: 'Override' }),
    );
    await waitFor(() =>
      expect(overridden).toHaveBeenCalledWith({
        gate: gate.id,
        reason: 'The test set is wrong.',
      }),
    );
    const list = await screen.findByRole('list', { name: 'Overridden gates' });
    expect(list).toHaveTextContent('The test set is wrong.');
    expect(
      screen.queryByRole('button', { name: /^Override the gate “/ }),
    ).not.toBeInTheDocument();
  });

  it('shows why the registry did not take it', async () => {
    show(blocked);
    server.use(
      http.post(`${REGISTRY_URL}/promotions/p-1/overrides`, () =>
        refusal(409, 'The branch was changed.'),
      ),
    );
    await userEvent.click(
      await screen.findByRole('button', { name: /^Override the gate “/ }),
    );
    const dialog = await screen.findByRole('dialog');
    await userEvent.type(within(dialog).getByLabelText(/Reason/), 'Known.');
    await userEvent.click(
      within(dialog).getByRole('button', { name: 'Override' }),
    );
    expect(
      await within(dialog).findByText('The branch was changed.'),
    ).toBeInTheDocument();
  });

  it('offers nothing to who may not', async () => {
    show({ ...blocked, override: { allowed: false, reason: 'No.' } });
    expect(
      await screen.findByText(/^Blocked by the gate “/),
    ).toBeInTheDocument();
    expect(
      screen.queryByRole('button', { name: /^Override the gate “/ }),
    ).not.toBeInTheDocument();
  });

  it('waits, and for no person, once it is approved', async () => {
    show(
      makePromotion({
        gates: [
          {
            ...gate,
            id: 'soak',
            title: 'Served long enough',
            status: 'waiting',
            summary: 'It is to serve for a day.',
            evidence: {
              kind: 'facts',
              facts: [{ label: 'All traffic of dev since', value: AT }],
            },
          },
        ],
        reviews: [
          {
            reviewer: 'user:default/ruth',
            verdict: 'approved',
            comment: '',
            at: AT,
          },
        ],
      }),
    );
    expect(
      await screen.findByText(
        'Nothing is left to do: it waits until its time has come',
      ),
    ).toBeInTheDocument();
    expect(screen.queryByText('Awaiting review')).not.toBeInTheDocument();
    // A moment is written for people.
    expect(screen.getByText(/^3 May 2026, \d\d:00$/)).toBeInTheDocument();
    // The promotion and the gate.
    expect(screen.getAllByText('Waiting')).toHaveLength(2);
  });

  it('says what it waits for, and what people say on the Git host', async () => {
    show(
      makePromotion({
        gates: [
          {
            ...gate,
            id: 'soak',
            title: 'Served long enough',
            status: 'waiting',
            summary: 'It is to serve for a day.',
            until: AT,
          },
        ],
        reviews: [
          {
            reviewer: 'user:default/ruth',
            verdict: 'approved',
            comment: '',
            at: AT,
            via: 'git-host',
          },
        ],
        objections: [
          { by: 'user:default/linus', isKnown: true, text: 'Not so.', at: AT },
          { by: '@stranger', isKnown: false, text: '', at: AT },
        ],
        uncounted: ['@other approved it: that counts for nobody.'],
        strangers: ['@octocat'],
      }),
    );
    expect(
      await screen.findByText(
        'It waits until its time has come, and can be reviewed meanwhile',
      ),
    ).toBeInTheDocument();
    expect(screen.getByRole('status')).toHaveTextContent(
      'It is to serve for a day. Once it is approved too, it is merged by itself.',
    );
    expect(screen.getByText('approved on the Git host')).toBeInTheDocument();
    const objections = screen.getByRole('list', { name: 'Asked for changes' });
    expect(objections).toHaveTextContent('holds the merge');
    expect(objections).toHaveTextContent('@stranger');
    expect(screen.getByText(/that counts for nobody/)).toBeInTheDocument();
    expect(
      screen.getByText(/^@octocat wrote this change[^]*One approval more/),
    ).toBeInTheDocument();
  });
});
