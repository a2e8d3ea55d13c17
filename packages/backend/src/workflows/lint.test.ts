import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'yaml';
import { version } from '../../package.json';
import { programOf, ROOT } from './__testUtils__/act';

const TEMPLATE = path.join(ROOT, 'examples/gitops-environments');
const WORKFLOWS = path.join(TEMPLATE, '.github/workflows');
const ACTIONS = ['deploy/github/greenroom', 'deploy/github/register-model'];
const COPY = 'examples/gitops-environments/.github/actions/greenroom';

interface Step {
  uses?: string;
  run?: string;
}
interface Workflow {
  on: Record<string, unknown>;
  permissions: Record<string, string>;
  jobs: Record<string, { permissions?: Record<string, string>; steps: Step[] }>;
}

const read = (...parts: string[]) =>
  readFileSync(path.join(ROOT, ...parts), 'utf8');
const workflows = readdirSync(WORKFLOWS).map((name): [string, Workflow] => [
  name,
  parse(readFileSync(path.join(WORKFLOWS, name), 'utf8')),
]);
const lint = (file: string, cwd: string) =>
  spawnSync(
    programOf('GREENROOM_TEST_ACTIONLINT'),
    ['-shellcheck=', '-pyflakes=', '-no-color', file],
    { cwd, encoding: 'utf8' },
  );

describe.each(workflows)('%s', (name, workflow) => {
  it('has no mistake that actionlint finds', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'workflows-'));
    try {
      // It looks for actions from the top of a repository.
      execFileSync('cp', ['-R', `${TEMPLATE}/.`, folder]);
      execFileSync('git', ['init', '-q', folder]);
      const { status, stdout } = lint(`.github/workflows/${name}`, folder);
      expect(stdout).toBe('');
      expect(status).toBe(0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('uses nothing of others, and may write nothing', () => {
    const jobs = Object.values(workflow.jobs);
    const used = jobs.flatMap(({ steps }) =>
      steps.flatMap(({ uses }) => uses ?? []),
    );
    expect([...new Set(used)]).toEqual(['./.github/actions/greenroom']);
    const writable = jobs
      .flatMap(({ permissions }) =>
        Object.entries({ ...workflow.permissions, ...permissions }),
      )
      .filter(([, access]) => access !== 'read')
      .map(([permission]) => permission);
    expect(workflow.permissions).toEqual({ contents: 'read' });
    // Which gives access to nothing on GitHub.
    expect(writable).toEqual('push' in workflow.on ? ['id-token'] : []);
  });

  it('lets what a pull request brings get no token of the portal', () => {
    expect(workflow.on).not.toHaveProperty('pull_request_target');
    if (!('pull_request' in workflow.on)) return;
    expect(JSON.stringify(workflow)).not.toMatch(/id-token|secrets\./);
  });

  it('puts no value of an event into a script', () => {
    for (const { steps } of Object.values(workflow.jobs)) {
      for (const { run } of steps) expect(run ?? '').not.toContain('${{');
    }
  });
});

it('finds mistakes', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'workflows-'));
  try {
    const file = path.join(folder, 'wrong.yml');
    execFileSync('sh', [
      '-c',
      `sed 's/matrix.model }}/matrix.modle }}/; s/needs: changes/needs: chagnes/' '${WORKFLOWS}/deploy.yml' > '${file}'`,
    ]);
    const { status, stdout } = lint(file, folder);
    expect(status).toBe(1);
    expect(stdout).toMatch(/chagnes/);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

describe('the actions', () => {
  it.each(ACTIONS)('%s installs the command in its exact version', action => {
    const { inputs, runs } = parse(read(action, 'action.yml'));
    expect(inputs.version.default).toBe(version);
    expect(read(action, 'install.sh')).toBe(read(ACTIONS[0], 'install.sh'));
    for (const { run, uses } of runs.steps) {
      expect(uses).toBeUndefined();
      expect(run).not.toContain('${{');
    }
  });

  it('are the same in the example', () => {
    for (const file of ['action.yml', 'install.sh']) {
      expect(read(COPY, file)).toBe(read(ACTIONS[0], file));
    }
  });
});

describe('the workflow of a model project', () => {
  const project = path.join(ROOT, 'examples/model-project');
  const workflow: Workflow = parse(
    readFileSync(path.join(project, '.github/workflows/train.yml'), 'utf8'),
  );

  it('has no mistake that actionlint finds', () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'workflows-'));
    try {
      execFileSync('cp', ['-R', `${project}/.`, folder]);
      execFileSync('git', ['init', '-q', folder]);
      const { status, stdout } = lint('.github/workflows/train.yml', folder);
      expect(stdout).toBe('');
      expect(status).toBe(0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('gives what a pull request brings no token of the portal', () => {
    expect(workflow.permissions).toEqual({ contents: 'read' });
    const { test, train } = workflow.jobs;
    expect(test.permissions).toBeUndefined();
    expect(train.permissions).toEqual({
      contents: 'read',
      'id-token': 'write',
    });
    expect(train).toMatchObject({ if: "github.event_name == 'push'" });
  });

  it('puts no value of an event into a script', () => {
    for (const { steps } of Object.values(workflow.jobs)) {
      for (const { run } of steps) expect(run ?? '').not.toContain('${{');
    }
  });
});
