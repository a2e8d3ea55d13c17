import { renderInTestApp } from '@backstage/frontend-test-utils';
import { screen, within } from '@testing-library/react';
import { PageHeader } from './PageHeader';

describe('PageHeader', () => {
  it('leads to the parts of a page by links, of which one is the current one', async () => {
    renderInTestApp(
      <PageHeader
        title="AI registry"
        tabs={[
          { id: 'models', label: 'Models', href: '/' },
          { id: 'promotions', label: 'Promotions', href: 'promotions' },
        ]}
      >
        The page
      </PageHeader>,
    );
    const parts = await screen.findByRole('navigation', {
      name: 'AI registry',
    });
    expect(within(parts).getByRole('link', { name: 'Models' })).toHaveAttribute(
      'aria-current',
      'page',
    );
    const promotions = within(parts).getByRole('link', { name: 'Promotions' });
    expect(promotions).toHaveAttribute('href', '/promotions');
    expect(promotions).not.toHaveAttribute('aria-current');
    expect(screen.queryByRole('tab')).not.toBeInTheDocument();
  });
});
