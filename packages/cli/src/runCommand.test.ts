import {
  chmod,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { version } from '../package.json';
import { runCommand } from './runCommand';

const SECRET = 'sk-0123456789';
let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'secrets-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** A terminal that gives these keys. */
function terminal(...keys: string[]) {
  const raw: boolean[] = [];
  const input = Object.assign(Readable.from(keys), {
    isTTY: true,
    setRawMode: (on: boolean) => raw.push(on),
  });
  return { input, raw };
}

async function run(
  args: string[],
  options: {
    input?: Readable;
    environment?: Record<string, string>;
  } = {},
) {
  const printed: string[] = [];
  const complained: string[] = [];
  const code = await runCommand({
    args,
    environment: {
      GREENROOM_SECRETS_DIR: directory,
      GREENROOM_URL: 'http://127.0.0.1:9',
      GREENROOM_TOKEN: 'mine',
      ...options.environment,
    },
    input: options.input ?? Readable.from([]),
    print: text => printed.push(text),
    complain: text => complained.push(text),
  });
  return {
    code,
    printed: printed.join('\n'),
    complained: complained.join('\n'),
  };
}
const pipe = (text: string) => Readable.from([Buffer.from(text)]);
const read = (name: string) => readFile(join(directory, name), 'utf8');

describe('greenroom connections', () => {
  it('puts a secret from a pipe into the folder, for its owner alone, and never shows it', async () => {
    const { code, printed, complained } = await run(
      ['connections', 'set', 'openai'],
      { input: pipe(`${SECRET}\n`) },
    );
    expect(code).toBe(0);
    expect(printed).toContain('file:openai');
    expect(printed + complained).not.toContain(SECRET);
    expect(await read('openai')).toBe(SECRET);
    expect((await stat(join(directory, 'openai'))).mode & 0o777).toBe(0o600);
    expect(await readdir(directory)).toEqual(['openai']);
  });

  it('keeps the lines of a key that has several', async () => {
    const key = '{\n  "private_key": "..."\n}';
    await run(['connections', 'set', 'vertex'], { input: pipe(key) });
    expect(await read('vertex')).toBe(key);
  });

  it('reads a line of a terminal without showing it', async () => {
    const { input, raw } = terminal('sk-1', '23x', '\u007f', '\r', 'more');
    const { code, complained } = await run(['connections', 'set', 'openai'], {
      input,
    });
    expect(code).toBe(0);
    expect(await read('openai')).toBe('sk-123');
    expect(raw).toEqual([true, false]);
    expect(complained).not.toContain('sk-1');
  });

  it('stops at Ctrl+C, gives the terminal back, and leaves what was there', async () => {
    await run(['connections', 'set', 'openai'], { input: pipe(SECRET) });
    const { input, raw } = terminal('sk-2', '\u0003');
    const { code } = await run(['connections', 'set', 'openai'], { input });
    expect(code).toBe(130);
    expect(raw).toEqual([true, false]);
    expect(await read('openai')).toBe(SECRET);
  });

  it('replaces a file that others could read, and a link, by one of its own', async () => {
    const elsewhere = join(directory, 'elsewhere');
    await writeFile(elsewhere, 'other');
    await symlink(elsewhere, join(directory, 'openai'));
    await run(['connections', 'set', 'openai'], { input: pipe(SECRET) });
    expect(await readFile(elsewhere, 'utf8')).toBe('other');
    expect((await stat(join(directory, 'openai'))).mode & 0o777).toBe(0o600);
  });

  it('takes the folder from the options, GREENROOM_SECRETS_DIR or GREENROOM_DATA_DIR, in this order', async () => {
    const set = (args: string[], environment: Record<string, string>) =>
      run(['connections', 'set', 'a', ...args], {
        input: pipe(SECRET),
        environment,
      });
    const within = (name: string) => join(directory, name);
    const both = {
      GREENROOM_SECRETS_DIR: within('two'),
      GREENROOM_DATA_DIR: within('three'),
    };
    await set(['--directory', within('one')], both);
    await set([], both);
    await set([], { ...both, GREENROOM_SECRETS_DIR: '' });
    await set(['--environment', 'staging'], both);
    const named = { GREENROOM_SECRETS_DIR: '', GREENROOM_ENVIRONMENT: 'dev' };
    await set([], { ...both, ...named });
    for (const folder of [
      'one',
      'two',
      'three/production/secrets',
      'three/staging/secrets',
      'three/dev/secrets',
    ]) {
      expect(await read(`${folder}/a`)).toBe(SECRET);
    }
  });

  it('lists names and not values, and says which is open to others', async () => {
    expect((await run(['connections', 'list'])).printed).toBe(
      `No secrets in ${directory}`,
    );
    await run(['connections', 'set', 'b'], { input: pipe(SECRET) });
    await run(['connections', 'set', 'a'], { input: pipe(SECRET) });
    await chmod(join(directory, 'b'), 0o644);
    const { code, printed } = await run(['connections', 'list']);
    expect(code).toBe(0);
    expect(printed).toMatch(
      /^a {2}set \d{4}-[^\n]*Z\nb {2}set .*chmod 600 it$/,
    );
    expect(printed).not.toContain(SECRET);
  });

  it('removes one, and says so when it is not there', async () => {
    await run(['connections', 'set', 'openai'], { input: pipe(SECRET) });
    expect((await run(['connections', 'remove', 'openai'])).code).toBe(0);
    expect(await readdir(directory)).toEqual([]);
    const { code, complained } = await run(['connections', 'remove', 'openai']);
    expect(code).toBe(1);
    expect(complained).toContain('was not removed');
  });

  it.each([
    [['connections', 'set', 'openai'], 1, 'nothing came for the secret openai'],
    [['connections', 'set', '../up'], 2, "'../up' cannot be the name"],
    [['connections', 'remove', '.x'], 2, "'.x' cannot be the name"],
    [['connections', 'set'], 2, 'expected a name'],
    [['connections', 'list', 'x'], 2, 'too many words'],
    [['connections', 'show', 'x'], 2, 'unknown: connections show'],
    [['nonsense'], 2, 'unknown: nonsense'],
    [['models'], 2, 'models: expected one of list, search, show'],
    [['models', 'shows'], 2, 'unknown: models shows; expected one of list'],
    [['models', 'show'], 2, 'models show: expected the name of a model'],
    [['models', 'show', 'a', 'b'], 2, 'models show: too many words'],
    [['models', 'show', 'a', '--owner', 'b'], 2, 'there is no --owner'],
    [['models', 'list', '--limit', '0'], 2, '--limit is'],
    [['models', 'tag', 'a', 'b'], 2, "the tag is 'b': expected KEY=VALUE"],
    [['models', 'tag', 'a', 'b=1', 'b=2'], 2, "'b' is named twice"],
    [['versions', 'list', 'a', '--format', 'zip'], 2, '--format is'],
    [['versions', 'show', 'a', 'b/c'], 2, 'an alias, or latest'],
    [['versions', 'show', 'a', '0'], 2, 'expected a whole number'],
    [['versions', 'alias', 'a', '1', 'b'], 2, 'expected --reason'],
    [['versions', 'stage', 'a', '1', 'Done'], 2, 'expected one of Staging'],
    [['versions', 'download', 'a', '1', '--digest', 'x'], 2, '--digest is'],
    [['versions', 'search', '--descending'], 2, 'needs --order'],
    [['runs', 'list'], 2, 'expected --experiment'],
    [['runs', 'files', 'a', '/etc'], 2, 'PATH is'],
    [['completion', 'csh'], 2, "'csh': expected one of bash, zsh, fish"],
    [['completion'], 2, 'the name of a shell'],
    [[], 2, 'expected a command'],
    [['connections', 'list', '--value'], 2, '--value'],
    [
      ['connections', 'list', '--environment', 'a', '--directory', 'b'],
      2,
      '--directory names the folder itself',
    ],
    [
      ['connections', 'list', '--environment', '../up'],
      2,
      "'../up' cannot be the name of an environment",
    ],
  ])('refuses %j with exit code %d', async (args, code, message) => {
    const result = await run(args);
    expect(result.code).toBe(code);
    expect(result.complained).toContain(message);
  });

  it('refuses what no data plane takes', async () => {
    const { code, complained } = await run(['connections', 'set', 'a'], {
      input: pipe('x'.repeat(70_000)),
    });
    expect(code).toBe(1);
    expect(complained).toContain('longer than 65536 bytes');
    expect(await readdir(directory)).toEqual([]);
  });

  it('says what there is', async () => {
    expect((await run(['--help'])).printed).toContain('connections set NAME');
    expect((await run(['--version'])).printed).toBe(version);
  });
});
