import { withReport } from './withReport';

it('leaves what somebody wrote, and keeps one report', () => {
  const first = withReport('Please look at this.\n', 'one\n');
  expect(first).toMatch(
    /^Please look at this\.\n\n<!-- .* -->\none\n<!-- .* -->$/,
  );
  const edited = first.replace('Please', 'Kindly');
  const second = withReport(`${edited}\n\nThanks`, 'two $& two');
  expect(second).toContain('Kindly look at this.');
  expect(second).toContain('\ntwo $& two\n');
  expect(second).toMatch(/\n\nThanks$/);
  expect(second).not.toContain('one');
  expect(withReport('', 'one')).toMatch(/^<!--/);
});
