import { readFile, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Command, type Option, PORTAL_OPTIONS } from './Command';
import { EXIT_CODES } from './CommandError';
import { COMMANDS } from './runCommand';

const PAGE = resolve(__dirname, '../../../docs/reference/cli.md');
const DEMO = resolve(__dirname, '../../../app-config.demo.yaml');
const BEGIN = '<!-- Made from the command itself by reference.test.ts -->';
const END = '<!-- End of what is made -->';

/** A table as the formatter has it. */
function table(rows: string[][]): string {
  const widths = rows[0].map((_, at) =>
    Math.max(...rows.map(row => row[at].length)),
  );
  const line = (cells: string[]) =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at])).join(' | ')} |`;
  const [head, ...body] = rows;
  const rule = widths.map(width => '-'.repeat(width));
  return [head, rule, ...body].map(line).join('\n');
}

/** What the page has of a command whose actions declare all there is to say. */
function madeOf({ actions = [] }: Command): string {
  const calls = actions.map(({ usage = '', summary }) => [
    `\`${usage}\``,
    summary,
  ]);
  const rows = actions.flatMap(({ name, options = {} }) =>
    Object.entries(options)
      .filter(([option]) => !(option in PORTAL_OPTIONS))
      .map(([option, declared]) => ({
        name,
        option: `\`--${option}\``,
        meaning: meaningOf(declared),
      })),
  );
  // An option that means the same to several actions is told once.
  const merged = new Map<string, string[]>();
  for (const { name, option, meaning } of rows) {
    const key = `${option}\n${meaning}`;
    merged.set(key, [...(merged.get(key) ?? []), name]);
  }
  const options = [...merged].map(([key, names]) => {
    const [option, meaning] = key.split('\n');
    return [option, names.map(name => `\`${name}\``).join(', '), meaning];
  });
  return [
    BEGIN,
    table([['call', 'what it does'], ...calls]),
    table([['option', 'of', 'meaning'], ...options]),
    END,
  ].join('\n\n');
}

function meaningOf({ help = '', choices }: Option): string {
  return choices
    ? `${help}: ${choices.map(choice => `\`${choice}\``).join(', ')}`
    : help;
}

const declared = COMMANDS.filter(({ actions = [] }) =>
  actions.some(({ usage }) => usage !== undefined),
);

/** Its sections, by the name of the command that they are about. */
function sectionsOf(page: string): Map<string, string> {
  return new Map(
    page
      .split(/^(?=## )/m)
      .flatMap(text =>
        [...text.matchAll(/^## `greenroom (\w+)`$/gm)].map(
          ([, name]) => [name, text] as const,
        ),
      ),
  );
}

describe('the page about the command', () => {
  it('names each command with all of its options', async () => {
    const page = await readFile(PAGE, 'utf8');
    const [top, ...sections] = page.split(/^## /m);
    const common = sections.find(text => text.startsWith('Portal and token'));
    const missing = COMMANDS.flatMap(({ name, options, actions = [] }) => {
      const section = sections.find(text =>
        text.startsWith(`\`greenroom ${name}\``),
      );
      if (!section) return [name];
      const words = actions
        .filter(action => !section.includes(action.name))
        .map(action => `${name} ${action.name}`);
      const flags = Object.keys(options)
        .filter(
          option => !`${section}${common}${top}`.includes(`\`--${option}\``),
        )
        .map(option => `${name} --${option}`);
      return [...words, ...flags];
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

  it('says of commands with actions what they say themselves: WRITE_REFERENCE=1 writes it anew', async () => {
    expect(declared.map(({ name }) => name)).toEqual([
      'models',
      'runs',
      'train',
      'versions',
    ]);
    let page = await readFile(PAGE, 'utf8');
    if (process.env.WRITE_REFERENCE) {
      for (const command of declared) {
        const section = sectionsOf(page).get(command.name) ?? '';
        const at = section.indexOf(BEGIN);
        const end = section.indexOf(END) + END.length;
        const made =
          section.slice(0, at) + madeOf(command) + section.slice(end);
        page = page.replace(section, () => made);
      }
      await writeFile(PAGE, page);
    }
    for (const command of declared) {
      expect(sectionsOf(page).get(command.name)).toContain(madeOf(command));
    }
  });

  it('has every exit code', async () => {
    const page = await readFile(PAGE, 'utf8');
    for (const code of Object.values(EXIT_CODES)) {
      expect(page).toMatch(new RegExp(`^\\| ${code} +\\|`, 'm'));
    }
  });

  it('needs no permission that the token of `npm start` for own scripts lacks', async () => {
    const page = await readFile(PAGE, 'utf8');
    const needed = [...page.matchAll(/`(ai-[a-z]+(?:\.[a-z-]+)+)`/g)].map(
      ([, name]) => name,
    );
    const demo = await readFile(DEMO, 'utf8');
    // Its entry, up to the next part of the file.
    const [, local = ''] =
      /^ +name: local$\n([^]*?)^(?:\S| {6}- type)/m.exec(demo) ?? [];
    const given = [...local.matchAll(/permission: (\S+)/g)].map(
      ([, name]) => name,
    );
    expect(needed).toContain('ai-training.job.submit');
    expect(needed.filter(name => !given.includes(name))).toEqual([]);
  });
});
