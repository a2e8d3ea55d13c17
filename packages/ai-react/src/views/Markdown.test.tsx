import { render, screen } from '@testing-library/react';
import { Markdown } from './Markdown';
import { OrAsWritten } from './OrAsWritten';

describe('Markdown', () => {
  it('shows what people wrote, and runs and loads nothing of it', () => {
    const { container } = render(
      <Markdown
        text={[
          '# Title',
          '<script>alert(1)</script> <img src="https://a.test/x.png" onerror="alert(1)">',
          '[bad](javascript:alert(1)) [good](https://a.test/page)',
          '![logo](https://a.test/logo.png)',
          '![run](javascript:alert(1))',
          '',
          '| a | b |\n|---|---|\n| 1 | 2 |',
        ].join('\n\n')}
      />,
    );
    expect(screen.getByRole('heading', { name: 'Title' })).toBeInTheDocument();
    expect(screen.getByRole('table')).toBeInTheDocument();
    expect(container.querySelector('script, img, [onerror]')).toBeNull();
    expect(container.innerHTML).not.toMatch(/href="javascript:alert/);
    expect(screen.getByRole('link', { name: 'good' })).toHaveAttribute(
      'rel',
      'noreferrer',
    );
    expect(screen.getByRole('link', { name: 'logo' })).toHaveAttribute(
      'href',
      'https://a.test/logo.png',
    );
  });

  it('shows as it is written what would hold the reader up, beside what would not', () => {
    const deep = `${'>'.repeat(1_000)}a`;
    const { container, rerender } = render(
      <>
        <Markdown text={deep} />
        <Markdown text="# Title" />
      </>,
    );
    const written = [...container.querySelectorAll('pre')];
    expect(written.map(({ textContent }) => textContent)).toEqual([deep]);
    expect(screen.getByRole('heading', { name: 'Title' })).toBeInTheDocument();
    rerender(<Markdown text="# Put right" />);
    expect(
      screen.getByRole('heading', { name: 'Put right' }),
    ).toBeInTheDocument();
  });

  it('shows as it is written what cannot be drawn', () => {
    jest.spyOn(console, 'error').mockImplementation(() => {});
    function Failing(): never {
      throw new RangeError('Maximum call stack size exceeded');
    }
    render(
      <OrAsWritten text="*a">
        <Failing />
      </OrAsWritten>,
    );
    expect(screen.getByText('*a')).toBeInTheDocument();
  });
});
