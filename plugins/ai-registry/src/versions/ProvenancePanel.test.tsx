import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import type { SigningVerification } from '@greenroom/plugin-ai-registry-common';
import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { makeVersion } from '../__testUtils__/fixtures';
import {
  REGISTRY_URL,
  refusal,
  renderRegistry,
} from '../__testUtils__/renderRegistry';
import { serveModel } from '../__testUtils__/serveModel';
import { save } from '../view/save';

jest.mock('../view/save');

const server = setupServer();

const signedWith = (verification: SigningVerification) => ({
  ...makeVersion({ version: 2 }),
  signing: {
    keyId: 'e53f4022',
    signedDigest: `sha256:${'7'.repeat(64)}` as const,
    addedAt: '2026-11-30T10:00:00.000Z',
    addedBy: 'user:default/ada',
    verification,
  },
});

const show = (version: ReturnType<typeof makeVersion>) => {
  server.use(...serveModel({ versions: [version] }));
  renderRegistry({ path: '/ai-registry/models/digits/versions/2' });
};

describe('ProvenancePanel', () => {
  registerMswTestHooks(server);

  it('says which key has signed the version', async () => {
    show(signedWith({ state: 'verified', key: 'release' }));
    expect(await screen.findByText('Signed by release')).toBeInTheDocument();
    expect(screen.getByText('e53f4022')).toBeInTheDocument();
  });

  it('says why a signature is not believed', async () => {
    const reason = 'it was made by the key e53f, which is not configured';
    show(signedWith({ state: 'unknown-signer', reason }));
    expect(
      await screen.findByText('Signed by an unknown key'),
    ).toBeInTheDocument();
    expect(
      screen.getByText('It was made by the key e53f, which is not configured.'),
    ).toBeInTheDocument();
  });

  it('has the bill of materials of any version, and says when it is not to be had', async () => {
    show(makeVersion({ version: 2 }));
    expect(await screen.findByText('Not signed')).toBeInTheDocument();
    expect(
      screen.queryByRole('button', { name: 'Download signature' }),
    ).not.toBeInTheDocument();
    const url = `${REGISTRY_URL}/models/digits/versions/2/ml-bom`;
    server.use(
      http.get(url, () => HttpResponse.json({ bomFormat: 'CycloneDX' }), {
        once: true,
      }),
    );
    const button = screen.getByRole('button', { name: 'Download ML-BOM' });
    await userEvent.click(button);
    await waitFor(() =>
      expect(save).toHaveBeenCalledWith(expect.any(Blob), 'digits-2.cdx.json'),
    );
    server.use(http.get(url, () => refusal(503, 'The registry is away')));
    await userEvent.click(button);
    expect(await screen.findByRole('alert')).toHaveTextContent(
      'The registry is away',
    );
  });
});
