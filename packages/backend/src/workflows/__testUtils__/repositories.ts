import { execFile, execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { ROOT } from './act';

const TEMPLATE = path.join(ROOT, 'examples/gitops-environments');
const ENVIRONMENTS = 'https://github.com/acme/environments';

const run = promisify(execFile);

/** As somebody who knows Git; what it talks to may be in this process. */
export async function git(cwd: string, ...args: string[]): Promise<string> {
  const { stdout } = await run(
    'git',
    ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com', ...args],
    { cwd, encoding: 'utf8', timeout: 60_000 },
  );
  return stdout.trim();
}

/** Builds the program of a package as one file, to the folder `out` or where the package has it. */
export function buildProgram(name: string, out?: string): void {
  execFileSync(process.execPath, [
    path.join(ROOT, 'packages', name, 'build.mjs'),
    ...(out === undefined ? [] : ['--out', out]),
  ]);
}

/** A repository with the model digits and the workflow that registers it and proposes it for dev. */
export async function modelRepository({
  directory,
  audience,
}: {
  directory: string;
  audience: string;
}): Promise<{ checkout: string; bare: string }> {
  const checkout = path.join(directory, 'digits');
  const bare = path.join(directory, 'digits.git');
  mkdirSync(path.join(checkout, '.github/workflows'), { recursive: true });
  cpSync(
    path.join(ROOT, 'deploy/github/register-model'),
    path.join(checkout, '.github/actions/register-model'),
    { recursive: true },
  );
  writeModel(checkout, 1);
  writeFileSync(
    path.join(checkout, '.github/workflows/train.yml'),
    `on: { push: { branches: [main] } }
permissions: { contents: read, id-token: write }
jobs:
  train:
    runs-on: ubuntu-latest
    steps:
      - run: git clone --quiet "$GITHUB_SERVER_URL/$GITHUB_REPOSITORY" .
      - id: model
        uses: ./.github/actions/register-model
        with:
          url: \${{ vars.GREENROOM_URL }}
          program: \${{ vars.GREENROOM_PROGRAM }}
          audience: ${audience}
          model: digits
          files: digits.onnx
          details: digits.json
          owner: group:default/vision
          task: classification
          propose: dev
      - run: echo "made version \${{ steps.model.outputs.version }}, promotion \${{ steps.model.outputs.promotion }}"
`,
  );
  await git(directory, 'init', '-q', '-b', 'main', checkout);
  await git(checkout, 'add', '-A');
  await git(checkout, 'commit', '-qm', 'Train');
  await git(directory, 'clone', '-q', '--bare', checkout, bare);
  await git(
    checkout,
    'remote',
    'add',
    'origin',
    'https://github.com/acme/digits',
  );
  return { checkout, bare };
}

/** Puts a version of digits where the workflow registers it from. */
export function writeModel(checkout: string, version: 1 | 2): void {
  const models = path.join(ROOT, 'examples/digits/models');
  for (const kind of ['onnx', 'json']) {
    cpSync(
      path.join(models, `v${version}.${kind}`),
      path.join(checkout, `digits.${kind}`),
    );
  }
}

/** A checkout of the environments repository, with the template's workflows on main. */
export async function environmentsCheckout(options: {
  directory: string;
  /** Git address for somebody who may write it. */
  address: string;
}): Promise<string> {
  const { directory, address } = options;
  const checkout = path.join(directory, 'environments');
  await git(directory, 'clone', '-q', address, checkout);
  for (const name of ['.github', 'README.md']) {
    cpSync(path.join(TEMPLATE, name), path.join(checkout, name), {
      recursive: true,
    });
  }
  await git(checkout, 'add', '-A');
  await git(checkout, 'commit', '-qm', 'Add the workflows');
  await git(checkout, 'push', '-q', 'origin', 'HEAD:main');
  return checkout;
}

/** As GitHub checks out what an event is of. */
export async function checkOut(
  checkout: string,
  { address, ref }: { address: string; ref: string },
): Promise<string> {
  await git(checkout, 'remote', 'set-url', 'origin', address);
  await git(checkout, 'fetch', '-q', 'origin', ref);
  await git(checkout, 'checkout', '-q', '--detach', 'FETCH_HEAD');
  await git(checkout, 'remote', 'set-url', 'origin', ENVIRONMENTS);
  return await git(checkout, 'rev-parse', 'HEAD');
}
