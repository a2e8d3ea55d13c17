import { render, screen, waitFor } from '@testing-library/react';
import { MainLandmark } from './MainLandmark';

describe('MainLandmark', () => {
  it('is the main landmark of a page that has none', () => {
    render(
      <MainLandmark>
        <p>A page</p>
      </MainLandmark>,
    );
    expect(screen.getByRole('main')).toHaveTextContent('A page');
  });

  it('leaves it to a page that brings its own, also one that comes later', async () => {
    const { rerender } = render(<MainLandmark>Loading</MainLandmark>);
    rerender(
      <MainLandmark>
        <main>The page</main>
      </MainLandmark>,
    );
    await waitFor(() => expect(screen.getAllByRole('main')).toHaveLength(1));
    expect(screen.getByRole('main')).toHaveTextContent('The page');
    expect(document.getElementById('content')).not.toHaveAttribute('role');
  });
});
