import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import { fireEvent, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import {
  REGISTRY_URL,
  refusal,
  renderRegistry,
} from '../__testUtils__/renderRegistry';
import { serveModel } from '../__testUtils__/serveModel';

const server = setupServer();
const URL_AS_OF = `${REGISTRY_URL}/models/digits/as-of`;
const AT = '2026-05-03T12:00:00.000Z';

const versionThen = (version: number) => ({
  version,
  description: `words of ${version}`,
  tags: { size: 'small' },
  stage: 'Staging',
  aliases: version === 2 ? ['champion'] : [],
});

describe('AsOfTab', () => {
  registerMswTestHooks(server);

  it('shows what was said at the moment that is chosen, marked as not now', async () => {
    const asked: (string | null)[][] = [];
    server.use(
      ...serveModel(),
      http.get(URL_AS_OF, ({ request }) => {
        const { searchParams } = new URL(request.url);
        const cursor = searchParams.get('cursor');
        asked.push([searchParams.get('at'), cursor]);
        return HttpResponse.json({
          model: 'digits',
          at: searchParams.get('at'),
          state: 'there',
          description: 'as we thought',
          tags: { team: 'one' },
          aliases: [{ alias: 'champion', version: 2 }],
          versions: [versionThen(cursor ? 1 : 2)],
          ...(!cursor && { nextCursor: 'more' }),
        });
      }),
    );
    renderRegistry({ path: '/ai-registry/models/digits/as-of' });
    fireEvent.change(await screen.findByLabelText('Date and time'), {
      target: { value: '2026-05-03T12:00:00' },
    });
    await userEvent.click(screen.getByRole('button', { name: 'Look up' }));

    expect(
      await screen.findByText(/^As it was on .*, which is not as it is now$/),
    ).toBeInTheDocument();
    expect(screen.getByText('as we thought')).toBeInTheDocument();
    expect(screen.getByText('team=one')).toBeInTheDocument();
    expect(screen.getByText('champion: version 2')).toBeInTheDocument();
    const table = screen.getByRole('table', { name: 'Versions as they were' });
    expect(
      within(table).getByRole('link', { name: 'Version 2' }),
    ).toHaveAttribute('href', '/ai-registry/models/digits/versions/2');
    expect(within(table).getByText('words of 2')).toBeInTheDocument();
    expect(within(table).getByText('Staging')).toBeInTheDocument();

    await userEvent.click(
      screen.getByRole('button', { name: 'Show older versions' }),
    );
    expect(await within(table).findByText('words of 1')).toBeInTheDocument();
    const at = new Date('2026-05-03T12:00').toISOString();
    expect(asked).toEqual([
      [at, null],
      [at, 'more'],
    ]);
    expect(
      screen.queryByRole('button', { name: 'Show older versions' }),
    ).not.toBeInTheDocument();
  });

  it('takes the moment from the address, and says why there is no answer', async () => {
    server.use(
      ...serveModel(),
      http.get(URL_AS_OF, () =>
        refusal(400, 'at: what was said is not known before Tuesday'),
      ),
    );
    renderRegistry({ path: `/ai-registry/models/digits/as-of?at=${AT}` });
    expect(
      await screen.findByText(/not known before Tuesday/),
    ).toBeInTheDocument();
    expect(
      new Date(
        screen.getByLabelText<HTMLInputElement>('Date and time').value,
      ).toISOString(),
    ).toBe(AT);
  });

  it('says that the model was deleted then', async () => {
    server.use(
      ...serveModel(),
      http.get(URL_AS_OF, () =>
        HttpResponse.json({ model: 'digits', at: AT, state: 'deleted' }),
      ),
    );
    renderRegistry({ path: `/ai-registry/models/digits/as-of?at=${AT}` });
    expect(await screen.findByText('It was deleted then')).toBeInTheDocument();
  });
});
