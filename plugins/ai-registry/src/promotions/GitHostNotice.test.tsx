import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import type { GitHostDescription } from '@greenroom/plugin-ai-registry-common';
import { screen } from '@testing-library/react';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { REGISTRY_URL, renderRegistry } from '../__testUtils__/renderRegistry';

const server = setupServer();

describe('GitHostNotice', () => {
  registerMswTestHooks(server);

  async function render(problems: GitHostDescription['problems']) {
    server.use(
      http.get(`${REGISTRY_URL}/promotions`, () =>
        HttpResponse.json({ items: [] }),
      ),
      http.get(`${REGISTRY_URL}/git-host`, () =>
        HttpResponse.json({ title: 'GitHub', problems }),
      ),
    );
    renderRegistry({ path: '/ai-registry/promotions' });
    await screen.findByText('No promotion is open');
  }

  it('says that what is shown may be old', async () => {
    await render([{ kind: 'away', text: 'It is not seen since noon.' }]);
    expect(
      await screen.findByText(
        'GitHub does not answer: what you see may be old',
      ),
    ).toBeInTheDocument();
    expect(
      screen.getByText(/It is not seen since noon\. Nothing is lost/),
    ).toBeInTheDocument();
  });

  it('ends what the Git host said with a full stop', async () => {
    await render([{ kind: 'away', text: 'getaddrinfo ENOTFOUND github.com' }]);
    expect(
      await screen.findByText(/ENOTFOUND github\.com\. Nothing is lost/),
    ).toBeInTheDocument();
  });

  it('keeps what is not set up for those who look for it', async () => {
    await render([
      { kind: 'setup', text: 'Set up a webhook.' },
      { kind: 'setup', text: 'Give it the permission.' },
    ]);
    expect(
      await screen.findByText('2 things are not set up on GitHub'),
    ).toBeInTheDocument();
    expect(screen.getByText('Set up a webhook.')).not.toBeVisible();
    expect(screen.queryByText(/does not answer/)).toBeNull();
  });

  it('says nothing where all is well', async () => {
    await render([]);
    expect(screen.queryByText(/GitHub/)).toBeNull();
  });
});
