import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { COMMANDS } from './runCommand';

const PAGE = resolve(__dirname, '../../../docs/reference/cli.md');

describe('the page about the command', () => {
  it('names each command with all of its options', async () => {
    const page = await readFile(PAGE, 'utf8');
    const [top, ...sections] = page.split(/^## /m);
    const common = sections.find(text => text.startsWith('Portal and token'));
    const missing = COMMANDS.flatMap(({ name, options }) => {
      const section = sections.find(text =>
        text.startsWith(`\`greenroom ${name}\``),
      );
      if (!section) return [name];
      return Object.keys(options)
        .filter(
          option => !`${section}${common}${top}`.includes(`\`--${option}\``),
        )
        .map(option => `${name} --${option}`);
    });
    expect(missing).toEqual([]);
  });

  it('has no command that there is not', async () => {
    const page = await readFile(PAGE, 'utf8');
    const named = [...page.matchAll(/^## `greenroom (\w+)`$/gm)].map(
      ([, name]) => name,
    );
    expect(named.sort()).toEqual(COMMANDS.map(({ name }) => name).sort());
  });
});
