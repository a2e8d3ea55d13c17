import { render, screen } from '@testing-library/react';
import { ManifestDiff } from './ManifestDiff';

const diffOf = (...lines: string[]) =>
  ['--- a/digits.yaml', '+++ b/digits.yaml', '@@ -1,2 +1,2 @@', ...lines].join(
    '\n',
  );

describe('ManifestDiff', () => {
  it('says that another format alone changes nothing', () => {
    render(
      <ManifestDiff
        diff={diffOf(
          '-apiVersion: greenroom.dev/v1',
          '+apiVersion: greenroom.dev/v2',
        )}
      />,
    );
    expect(
      screen.getByText(
        'Also writes the file as greenroom.dev/v2 instead of greenroom.dev/v1: that alone changes nothing of what runs.',
      ),
    ).toBeInTheDocument();
  });

  it('shows what changes, and no more than that', () => {
    render(<ManifestDiff diff={diffOf('-  version: 1', '+  version: 2')} />);
    expect(screen.getByText('version: 2')).toBeInTheDocument();
    expect(screen.queryByText(/Also writes/)).not.toBeInTheDocument();
  });
});
