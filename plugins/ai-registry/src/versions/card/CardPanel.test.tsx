import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { makeVersion } from '../../__testUtils__/fixtures';
import {
  REGISTRY_URL,
  refusal,
  renderRegistry,
} from '../../__testUtils__/renderRegistry';
import { serveModel } from '../../__testUtils__/serveModel';
import { save } from '../../view/save';

jest.mock('../../view/save');

const server = setupServer();
const CARD_URL = `${REGISTRY_URL}/models/digits/versions/2/card`;
const PAGE = { path: '/ai-registry/models/digits/versions/2' };
const DIGEST = `sha256:${'1'.repeat(64)}`;
const TEXT = '---\nlicense: mit\n---\n# About digits\n';

describe('CardPanel', () => {
  registerMswTestHooks(server);

  it('shows the card, with its licence, and downloads it', async () => {
    server.use(
      http.get(CARD_URL, () =>
        HttpResponse.json({
          text: TEXT,
          digest: DIGEST,
          markdown: '# About digits\n',
          metadata: { license: 'mit', language: ['en', 'de'], unknown: {} },
        }),
      ),
      http.get(`${CARD_URL}/export`, () =>
        HttpResponse.json({ text: 'whole' }),
      ),
      ...serveModel({
        versions: [{ ...makeVersion({ version: 2 }), licence: 'mit' }],
      }),
    );
    renderRegistry(PAGE);
    expect(
      await screen.findByRole('heading', { name: 'About digits' }),
    ).toBeInTheDocument();
    expect(screen.getByText('en, de')).toBeInTheDocument();
    // In the header of the page, and among what the card says.
    expect(screen.getAllByText('mit')).toHaveLength(2);
    await userEvent.click(
      screen.getByRole('button', { name: 'Download README.md' }),
    );
    await waitFor(() =>
      expect(save).toHaveBeenCalledWith(expect.any(Blob), 'README.md'),
    );
  });

  it('says that the front matter is wrong, and shows the rest', async () => {
    server.use(
      http.get(CARD_URL, () =>
        HttpResponse.json({
          text: 'x',
          markdown: '# About digits\n',
          metadata: {},
          problem: 'line 2 of the front matter is no YAML: a bracket',
        }),
      ),
      ...serveModel({ versions: [makeVersion({ version: 2 })] }),
    );
    renderRegistry(PAGE);
    expect(
      await screen.findByText(/line 2 of the front matter is no YAML/),
    ).toBeInTheDocument();
    expect(
      screen.getByRole('heading', { name: 'About digits' }),
    ).toBeInTheDocument();
  });

  it('has one written, and keeps what was typed when it is refused', async () => {
    const sent: unknown[] = [];
    server.use(
      http.put(CARD_URL, async ({ request }) => {
        sent.push(await request.json());
        return sent.length === 1
          ? refusal(400, 'text: line 2 of the front matter is no YAML')
          : HttpResponse.json({ text: TEXT, markdown: '', metadata: {} });
      }),
      ...serveModel({ versions: [makeVersion({ version: 2 })] }),
    );
    renderRegistry(PAGE);
    await userEvent.click(
      await screen.findByRole('button', { name: 'Write card' }),
    );
    const dialog = await screen.findByRole('dialog');
    const field = within(dialog).getByLabelText(/^README.md/);
    fireEvent.change(field, { target: { value: 'wrong' } });
    const submit = within(dialog).getByRole('button', { name: 'Save' });
    await userEvent.click(submit);
    expect(
      await within(dialog).findByText(/line 2 of the front matter/),
    ).toBeInTheDocument();
    expect(field).toHaveValue('wrong');
    fireEvent.change(field, { target: { value: TEXT } });
    await userEvent.click(submit);
    await waitFor(() =>
      expect(screen.queryByRole('dialog')).not.toBeInTheDocument(),
    );
    expect(sent).toEqual([
      { text: 'wrong', replaces: null },
      { text: TEXT, replaces: null },
    ]);
  });

  it('names the card that was edited, so that nobody else loses theirs', async () => {
    const sent: unknown[] = [];
    server.use(
      http.get(CARD_URL, () =>
        HttpResponse.json({
          text: TEXT,
          digest: DIGEST,
          markdown: '# About digits\n',
          metadata: {},
        }),
      ),
      http.put(CARD_URL, async ({ request }) => {
        sent.push(await request.json());
        return refusal(409, 'replaces: somebody has written another card');
      }),
      ...serveModel({ versions: [makeVersion({ version: 2 })] }),
    );
    renderRegistry(PAGE);
    await userEvent.click(
      await screen.findByRole('button', { name: 'Edit card' }),
    );
    const dialog = await screen.findByRole('dialog');
    const field = within(dialog).getByLabelText(/^README.md/);
    expect(field).toHaveValue(TEXT);
    fireEvent.change(field, { target: { value: '# Mine' } });
    await userEvent.click(within(dialog).getByRole('button', { name: 'Save' }));
    expect(
      await within(dialog).findByText(/somebody has written another card/),
    ).toBeInTheDocument();
    expect(field).toHaveValue('# Mine');
    expect(sent).toEqual([{ text: '# Mine', replaces: DIGEST }]);
  });
});
