import { registerMswTestHooks } from '@backstage/frontend-test-utils';
import { useBreakpoint } from '@backstage/ui';
import { screen, within } from '@testing-library/react';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { makePromotion } from '../__testUtils__/fixtures';
import { REGISTRY_URL, renderRegistry } from '../__testUtils__/renderRegistry';

jest.mock('@backstage/ui', () => ({
  ...jest.requireActual('@backstage/ui'),
  useBreakpoint: jest.fn(),
}));

const ORDER = ['initial', 'xs', 'sm', 'md', 'lg', 'xl'] as const;

function setWidth(breakpoint: (typeof ORDER)[number]) {
  const at = ORDER.indexOf(breakpoint);
  jest.mocked(useBreakpoint).mockReturnValue({
    breakpoint,
    up: key => at >= ORDER.indexOf(key),
    down: key => at < ORDER.indexOf(key),
  });
}

const server = setupServer(
  http.get(`${REGISTRY_URL}/promotions`, () =>
    HttpResponse.json({
      items: [
        makePromotion({
          gates: [
            {
              id: 'soak',
              title: 'Served long enough',
              status: 'waiting',
              summary: 'It is to serve for a day.',
            },
          ],
          reviews: [
            {
              reviewer: 'user:default/grace',
              verdict: 'approved',
              comment: '',
              at: '2026-05-01T08:00:00.000Z',
            },
          ],
        }),
      ],
    }),
  ),
  http.get(`${REGISTRY_URL}/git-host`, () =>
    HttpResponse.json({ title: 'GitHub', problems: [] }),
  ),
);

describe('PromotionsTable', () => {
  registerMswTestHooks(server);

  const columns = async () => {
    renderRegistry({ path: '/ai-registry/promotions' });
    const heads = await screen.findAllByRole('columnheader');
    return heads.map(head => head.textContent);
  };

  it('has a column for everything where there is room', async () => {
    setWidth('lg');
    expect(await columns()).toEqual([
      'Change',
      'Model',
      'Environment',
      'State',
      'Asked for',
    ]);
  });

  it.each([
    ['sm', ['Change', 'State']],
    ['initial', ['Change']],
  ] as const)('says the rest below the change at %s', async (width, heads) => {
    setWidth(width);
    expect(await columns()).toEqual(heads);
    const what = screen.getByRole('rowheader');
    expect(what).toHaveTextContent(
      /^Promote version 1 → 2.*digits to production/,
    );
    expect(what).toHaveTextContent('Better on rotated digits');
    expect(
      within(screen.getByRole('row', { name: /Promote version/ })).getByText(
        'Waiting',
      ),
    ).toBeInTheDocument();
  });
});
