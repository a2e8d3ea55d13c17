import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { run } from '../__testUtils__/run';
import { COMMANDS } from '../runCommand';
import { outlineProgram } from './outlineProgram';

const VERSION_ACTIONS =
  'alias compare convert delete describe download files list measure restore search show stage tag unalias untag';

// A shell with a terminal takes its time on a busy machine.
jest.setTimeout(60_000);

/** What is typed, and all that is offered then; nothing is where a file is completed. */
const TYPED: [line: string, offered: string][] = [
  ['greenroom ver', 'versions'],
  ['greenroom models s', 'search show'],
  ['greenroom versions ', VERSION_ACTIONS],
  ['greenroom --url http://x versions sh', 'show'],
  ['greenroom versions --json do', 'download'],
  ['greenroom versions download --d', '--digest'],
  ['greenroom versions download iris 3 --t', '--to'],
  ['greenroom models list --o', '--owner'],
  ['greenroom models list --format ', ''],
  ['greenroom versions list iris --format ', 'external mlflow onnx'],
  ['greenroom versions list iris --format o', 'onnx'],
  ['greenroom connections s', 'set'],
  ['greenroom import ml', 'mlflow'],
  ['greenroom deploy --env', '--environment'],
  ['greenroom completion f', 'fish'],
];

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'completion-'));
  mkdirSync(join(directory, 'files'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const has = (shell: string) =>
  spawnSync(shell, ['-c', 'true'], { stdio: 'ignore' }).status === 0;
/** Shells that are not installed are not asked: the names of the tests that were left out say so. */
const withShell = (shell: string) => (has(shell) ? describe : describe.skip);

async function scriptFor(shell: string): Promise<string> {
  const { code, printed } = await run(['completion', shell]);
  expect(code).toBe(0);
  const file = join(directory, `greenroom.${shell}`);
  writeFileSync(file, `${printed}\n`);
  return file;
}

const inFolder = () => ({ cwd: join(directory, 'files') });
const sorted = (text: string) =>
  [...new Set(text.split(/\s+/).filter(Boolean))].sort().join(' ');

describe('what shells are told', () => {
  const { places, commandsWithActions } = outlineProgram(COMMANDS);

  it('is every command, action and option', () => {
    const written = places.map(({ command, action }) =>
      [command, action].filter(Boolean).join(' '),
    );
    for (const { name, actions = [], options } of COMMANDS) {
      expect(written).toContain(name);
      for (const action of actions) {
        expect(written).toContain(`${name} ${action.name}`);
        const place = places.find(
          one => one.command === name && one.action === action.name,
        );
        expect(place?.options.map(one => one.name).sort()).toEqual(
          [...Object.keys(action.options ?? options), 'help']
            .map(option => `--${option}`)
            .sort(),
        );
      }
    }
    expect(commandsWithActions).toEqual([
      'completion',
      'connections',
      'import',
      'models',
      'runs',
      'train',
      'versions',
    ]);
  });

  it('is sure of which options a value follows, whatever the command', () => {
    const kinds = new Map<string, Set<boolean>>();
    for (const { name, takesValue } of places.flatMap(one => one.options)) {
      kinds.set(name, (kinds.get(name) ?? new Set()).add(takesValue));
    }
    const unsure = [...kinds].filter(([, kind]) => kind.size > 1);
    expect(unsure).toEqual([]);
  });
});

describe('greenroom completion bash', () => {
  /** As readline calls it: the words of the line, with `=` as one of its own. */
  const COMPLETE = `
    source "$1"
    line=$2
    IFS=' ' read -ra COMP_WORDS <<< "\${line//=/ = }"
    [[ $line == *' ' || $line == *= ]] && COMP_WORDS+=('')
    [[ $line == *= ]] && unset 'COMP_WORDS[\${#COMP_WORDS[@]}-1]'
    COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
    _greenroom greenroom
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const complete = (script: string, line: string) =>
    sorted(
      execFileSync(
        'bash',
        ['--norc', '-uc', COMPLETE, 'bash', script, line],
        inFolder(),
      ).toString(),
    );

  it.each([
    ...TYPED,
    ['greenroom versions list iris --format=', 'external mlflow onnx'],
    ['greenroom versions list --format=mlflow iris --form', '--format'],
    ['greenroom --url=http://x models de', 'delete describe'],
  ])('%j', async (line, offered) => {
    expect(complete(await scriptFor('bash'), line)).toBe(offered);
  });

  it('is what bash calls for the command, with names of files where it offers nothing', async () => {
    const declared = execFileSync('bash', [
      '--norc',
      '-c',
      'source "$1"; complete -p greenroom',
      'bash',
      await scriptFor('bash'),
    ]).toString();
    expect(declared.trim()).toBe('complete -o default -F _greenroom greenroom');
  });
});

withShell('fish')('greenroom completion fish (where fish is installed)', () => {
  it.each(TYPED)('%j', async (line, offered) => {
    const said = execFileSync(
      'fish',
      [
        '--no-config',
        '-c',
        'source $argv[1]; complete -C $argv[2]',
        await scriptFor('fish'),
        line,
      ],
      { ...inFolder(), env: { ...process.env, HOME: directory } },
    ).toString();
    const names = said.split('\n').map(one => one.split('\t')[0]);
    expect(sorted(names.join(' '))).toBe(offered);
  });
});

withShell('zsh')('greenroom completion zsh (where zsh is installed)', () => {
  /** A zsh with a terminal: what it has on its line after the key Tab. */
  const TYPE = String.raw`
    zmodload zsh/zpty
    cd "$3"
    zpty shell 'zsh -f -i'
    zpty -w shell 'PS1= PS2= RPS1=; unsetopt zle_bracketed_paste beep prompt_cr prompt_sp; stty cols 200'
    zpty -w shell 'bindkey -e; autoload -U compinit && compinit -u -D'
    zpty -w shell "source $1; print re''ady"
    zpty -r -m shell text '*ready*'
    zpty -w -n shell "$2"$'\t'
    sleep 0.5
    zpty -w -n shell $'\x01print -r -- LINE: \r'
    zpty -r -m shell text $'*\nLINE: *\n'
    print -r -- "$text"
    zpty -d shell`;

  it.each([
    ['greenroom ver', 'greenroom versions'],
    ['greenroom versions do', 'greenroom versions download'],
    [
      'greenroom --url http://x models sho',
      'greenroom --url http://x models show',
    ],
    ['greenroom versions download iris 3 --t', '--to'],
    ['greenroom versions list iris --format o', '--format onnx'],
    ['greenroom completion f', 'greenroom completion fish'],
  ])('%j becomes %j', async (line, becomes) => {
    const said = execFileSync(
      'zsh',
      [
        '-f',
        '-c',
        TYPE,
        'zsh',
        await scriptFor('zsh'),
        line,
        join(directory, 'files'),
      ],
      {
        timeout: 20_000,
        env: { ...process.env, HOME: directory, TERM: 'dumb' },
      },
    ).toString();
    expect(said).toMatch(new RegExp(`^LINE: .*${becomes}\\s*$`, 'm'));
  });
});
