import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import type { Deprecation } from '@greenroom/plugin-ai-registry-common';
import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { makeModel, makeVersion } from '../__testUtils__/fixtures';
import {
  REGISTRY_URL,
  refusal,
  renderRegistry,
} from '../__testUtils__/renderRegistry';
import { serveModel } from '../__testUtils__/serveModel';

const server = setupServer();
const MODEL_URL = `${REGISTRY_URL}/models/digits`;

const DAY_MILLIS = 24 * 60 * 60_000;
const deprecation: Deprecation = {
  since: '2026-05-01T08:00:00.000Z',
  sunsetAt: new Date(Date.now() + 20.5 * DAY_MILLIS).toISOString(),
  replacement: { model: 'letters', version: 2 },
  message: 'Letters knows digits, too.',
  deprecatedBy: 'user:default/ada',
};

describe('the deprecation of a model', () => {
  registerMswTestHooks(server);

  it('is shown with the days that are left and what to use instead', async () => {
    server.use(
      ...serveModel({
        model: makeModel({ deprecation }),
        versions: [
          makeVersion({
            version: 1,
            deprecation: { ...deprecation, message: 'It is slow.' },
          }),
        ],
      }),
    );
    renderRegistry({ path: '/ai-registry/models/digits' });
    expect(
      await screen.findByText("Model 'digits' is deprecated: 21 days left"),
    ).toBeInTheDocument();
    expect(
      screen.getByText(
        "Version 1 of model 'digits' is deprecated: 21 days left",
      ),
    ).toBeInTheDocument();
    expect(
      screen.getAllByRole('link', { name: "version 2 of model 'letters'" })[0],
    ).toHaveAttribute('href', '/ai-registry/models/letters/versions/2');
  });

  it('is made with a dialog that names what is wrong, and shows the refusal of the server', async () => {
    const sent: unknown[] = [];
    server.use(
      http.put(`${MODEL_URL}/deprecation`, async ({ request }) => {
        sent.push(await request.json());
        return sent.length === 1
          ? refusal(400, "replacement: there is no model 'nine'")
          : HttpResponse.json(deprecation);
      }),
      ...serveModel(),
    );
    renderRegistry({ path: '/ai-registry/models/digits' });
    await userEvent.click(
      await screen.findByRole('button', { name: 'Deprecate' }),
    );
    const dialog = within(await screen.findByRole('dialog'));
    const send = () =>
      userEvent.click(dialog.getByRole('button', { name: 'Deprecate' }));
    await send();
    expect(
      dialog.getByText('Say why, and what callers have to do.'),
    ).toBeInTheDocument();
    expect(sent).toEqual([]);
    await userEvent.type(dialog.getByLabelText(/^Message/), 'Old.');
    await userEvent.type(dialog.getByLabelText('Sunset'), '2999-01-31');
    await userEvent.type(dialog.getByLabelText('Use instead'), 'nine');
    await send();
    expect(
      await dialog.findByText(/there is no model 'nine'/),
    ).toBeInTheDocument();
    await send();
    expect(sent[1]).toEqual({
      message: 'Old.',
      sunsetAt: '2999-01-31T00:00:00.000Z',
      replacement: { model: 'nine' },
    });
  });

  it('of a version is taken back on its page, after a question', async () => {
    let withdrawn = 0;
    server.use(
      http.delete(`${MODEL_URL}/versions/1/deprecation`, () => {
        withdrawn += 1;
        return new HttpResponse(null, { status: 204 });
      }),
      ...serveModel({ versions: [makeVersion({ version: 1, deprecation })] }),
    );
    renderRegistry({ path: '/ai-registry/models/digits/versions/1' });
    await userEvent.click(
      await screen.findByRole('button', { name: 'Take deprecation back' }),
    );
    expect(withdrawn).toBe(0);
    await userEvent.click(
      within(await screen.findByRole('dialog')).getByRole('button', {
        name: 'Take it back',
      }),
    );
    expect(withdrawn).toBe(1);
  });
});
