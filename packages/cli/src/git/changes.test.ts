import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { git, manifest, run, write } from '../__testUtils__/run';
import { Checkout } from './Checkout';

let folder: string;
let repository: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'checkout-'));
  repository = path.join(folder, 'repository');
  execFileSync('git', ['init', '-q', '-b', 'main', repository]);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const at = (environment: string, model: string) =>
  `environments/${environment}/models/${model}.yaml`;

function commit(
  ...changes: [environment: string, model: string, version?: number][]
) {
  for (const [environment, model, version] of changes) {
    const name = at(environment, model);
    if (version === undefined) rmSync(path.join(repository, name));
    else write(repository, name, manifest({ environment, model }, version));
  }
  git(repository, 'add', '-A');
  git(repository, 'commit', '-qm', 'Change', '--allow-empty');
  return git(repository, 'rev-parse', 'HEAD');
}

const changes = async (
  args: string[] = [],
  options: { environment?: Record<string, string>; directory?: string } = {},
) => run(['changes', ...args], { directory: repository, ...options });

describe('greenroom changes', () => {
  it('names what a commit set and took away, and nothing else', async () => {
    const first = commit(['dev', 'digits', 1], ['staging', 'digits', 1]);
    write(repository, 'README.md', 'x');
    write(repository, 'environments/dev/README.md', 'x');
    write(repository, 'environments/dev/digits.yaml', 'x');
    write(repository, 'environments/dev/models/$(id).yaml', 'x');
    commit(['dev', 'digits', 2], ['staging', 'digits'], ['prod', 'cats', 1]);
    const { printed } = await changes();
    expect(printed.split('\n')).toEqual([
      'dev/digits',
      'prod/cats',
      'staging/digits',
    ]);
    expect((await changes(['--commit', first])).printed.split('\n')).toEqual([
      'dev/digits',
      'staging/digits',
    ]);
  });

  it('takes a merge as what it brought to main', async () => {
    commit(['dev', 'digits', 1]);
    git(repository, 'checkout', '-qb', 'branch');
    commit(['dev', 'cats', 1]);
    git(repository, 'checkout', '-q', 'main');
    commit(['dev', 'dogs', 1]);
    git(repository, 'merge', '-q', '--no-ff', '-m', 'Merge', 'branch');
    const head = git(repository, 'rev-parse', 'HEAD');
    expect((await changes()).printed).toBe('dev/cats');
    const checkout = new Checkout(repository);
    expect(await checkout.lastChange(head, at('dev', 'cats'))).toBe(head);
  });

  it('takes all commits of a push, and sets the outputs of a step', async () => {
    const before = commit(['dev', 'digits', 1]);
    commit(['dev', 'cats', 1]);
    const after = commit(['staging', 'cats', 1]);
    const event = path.join(folder, 'event.json');
    const output = path.join(folder, 'output');
    const environment = {
      GITHUB_SHA: after,
      GITHUB_EVENT_NAME: 'push',
      GITHUB_EVENT_PATH: event,
      GITHUB_OUTPUT: output,
    };
    writeFileSync(event, JSON.stringify({ before, after }));
    await changes([], { environment });
    expect(readFileSync(output, 'utf8')).toBe(
      `any=true\nmatrix=${JSON.stringify({
        include: [
          { environment: 'dev', model: 'cats' },
          { environment: 'staging', model: 'cats' },
        ],
      })}\n`,
    );
    // A branch that was rewritten, or made just now: the commit alone.
    for (const lost of ['0'.repeat(40), 'f'.repeat(40)]) {
      writeFileSync(event, JSON.stringify({ before: lost, after }));
      expect((await changes([], { environment })).printed).toBe('staging/cats');
    }
  });

  it('says when nothing was changed', async () => {
    commit(['dev', 'digits', 1]);
    const output = path.join(folder, 'output');
    const head = commit();
    const { printed } = await changes([], {
      environment: { GITHUB_OUTPUT: output },
    });
    expect(printed).toBe(`${head.slice(0, 12)} changed no manifest`);
    expect(readFileSync(output, 'utf8')).toMatch(/^any=false\n/);
  });

  it('refuses a checkout without the commit, or too shallow to tell', async () => {
    commit(['dev', 'digits', 1]);
    commit(['dev', 'digits', 2]);
    const clone = path.join(folder, 'clone');
    execFileSync('git', [
      'clone',
      '-q',
      '--depth',
      '1',
      `file://${repository}`,
      clone,
    ]);
    const shallow = await changes([], { directory: clone });
    expect(shallow).toMatchObject({ code: 1 });
    expect(shallow.complained).toMatch(/too shallow/);
    const unknown = await changes(['--commit', 'f'.repeat(40)]);
    expect(unknown).toMatchObject({ code: 2 });
    expect(unknown.complained).toMatch(/is not in this folder/);
    expect((await changes(['--commit', '--upload-pack=x'])).code).toBe(2);
  });
});
