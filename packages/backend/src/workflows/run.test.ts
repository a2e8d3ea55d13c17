import { TestDatabases } from '@backstage/backend-test-utils';
import {
  CLAIMS_OF_A_RUN,
  RunTokens,
  startForTest,
  type StartedStandIn,
} from '@greenroom/github-stand-in';
import { AiRegistryClient } from '@greenroom/plugin-ai-registry-common';
import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ROOT, runWorkflows } from './__testUtils__/act';
import {
  buildProgram,
  checkOut,
  environmentsCheckout,
  git,
  modelRepository,
} from './__testUtils__/repositories';
import { startControlPlane } from './__testUtils__/startControlPlane';

jest.setTimeout(240_000);

const databases = TestDatabases.create({ ids: ['POSTGRES_18'] });
const ADMIN = 'a-token-of-somebody-who-may-see-everything';
const AUDIENCE = 'https://portal.example.com';
const TEMPLATE = path.join(ROOT, 'examples/gitops-environments');
const MANIFEST = 'environments/dev/models/digits.yaml';

/** Waits for what happens elsewhere. */
async function until<T>(look: () => T[]): Promise<T[]> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    const found = look();
    if (found.length > 0) return found;
    if (Date.now() > deadline) throw new Error('It did not happen');
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}

describe('workflows of GitHub Actions, run on this machine', () => {
  let directory: string;
  let program: string;
  /** Everything that the program has printed in a run. */
  let printed: string;
  let controlPlane: Awaited<ReturnType<typeof startControlPlane>>;
  let registry: AiRegistryClient;
  let gitHub: StartedStandIn;
  const runTokens = new RunTokens();
  const admin = { token: ADMIN };

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'workflows-'));
    const built = path.join(directory, 'built.cjs');
    program = path.join(directory, 'greenroom.cjs');
    printed = path.join(directory, 'printed.txt');
    // Of a step that fails, act sometimes ends before it has read what the step printed last.
    writeFileSync(
      program,
      `const { appendFileSync } = require('node:fs');
for (const stream of [process.stdout, process.stderr]) {
  const write = stream.write.bind(stream);
  stream.write = (chunk, ...rest) => {
    appendFileSync(${JSON.stringify(printed)}, chunk);
    return write(chunk, ...rest);
  };
}
require(${JSON.stringify(built)});
`,
    );
    buildProgram('cli', built);
    // Beside its package, whose native modules it needs.
    buildProgram('inference-server');
    await runTokens.start();
    gitHub = await startForTest({ directory });
    const owner = 'group:default/vision';
    const runsOf = (name: string, claims: object, scopes: object[]) => ({
      type: 'greenroom',
      options: {
        from: 'oidc',
        name,
        owner,
        issuer: runTokens.url,
        audience: AUDIENCE,
        claims: { ref: 'refs/heads/main', ...claims },
        scopes,
      },
    });
    controlPlane = await startControlPlane({
      databases,
      directory,
      gitHub,
      dataPlane: path.join(
        ROOT,
        'packages/inference-server/bin/greenroom-data-plane.cjs',
      ),
      externalAccess: [
        runsOf('deployments', { repository: 'acme/environments' }, [
          { permission: 'ai-registry.model.read' },
          { permission: 'ai-inference.deployment.read' },
        ]),
        runsOf('digits', { repository: 'acme/digits' }, [
          { permission: 'ai-registry.model.read', on: '*/digits' },
          { permission: 'ai-registry.model.create' },
          { permission: 'ai-registry.model.update', on: '*/digits' },
          { permission: 'ai-registry.model.promote', on: 'dev/digits' },
        ]),
        {
          type: 'greenroom',
          options: {
            name: 'admin',
            owner,
            token: ADMIN,
            scopes: [{ permission: 'ai-registry.model.read' }],
          },
        },
      ],
    });
    registry = new AiRegistryClient({
      discoveryApi: {
        getBaseUrl: async () => `${controlPlane.url}/api/ai-registry`,
      },
    });
  });

  afterAll(async () => {
    await controlPlane?.stop();
    await runTokens.stop();
    await gitHub.github.stop();
    await rm(directory, { recursive: true, force: true });
  });

  /** Runs what a checkout has for an event, as a repository of that name. */
  const runIn = async (
    checkout: string,
    options: {
      repository: string;
      git: string;
      event?: 'push' | 'pull_request';
      payload?: object;
    },
  ) => {
    runTokens.claimsOfRuns = {
      ...CLAIMS_OF_A_RUN,
      repository: options.repository,
    };
    writeFileSync(printed, '');
    const result = await runWorkflows({
      event: 'push',
      ...options,
      directory: checkout,
      variables: {
        GREENROOM_URL: controlPlane.url,
        GREENROOM_PROGRAM: program,
      },
      environment: {
        GREENROOM_AUDIENCE: AUDIENCE,
        ...(options.event === 'pull_request' ? {} : runTokens.environment),
      },
      scratch: await mkdtemp(path.join(directory, 'run-')),
    });
    return { ...result, printed: readFileSync(printed, 'utf8') };
  };

  /** The Git address of the environments repository, for somebody who may write it. */
  const environmentsGit = () => gitHub.github.cloneUrlOf('octocat');

  /** As GitHub checks out what an event is of. */
  const checkOutRef = (checkout: string, ref: string) =>
    checkOut(checkout, { address: environmentsGit(), ref });

  async function push(checkout: string, manifest: string, message: string) {
    const before = await checkOutRef(checkout, 'main');
    writeFileSync(path.join(checkout, MANIFEST), manifest);
    await git(checkout, 'add', '-A');
    await git(checkout, 'commit', '-qm', message);
    await git(checkout, 'push', '-q', environmentsGit(), 'HEAD:main');
    const after = await git(checkout, 'rev-parse', 'HEAD');
    return { ref: 'refs/heads/main', before, after };
  }

  it('registers a model, proposes it, deploys it and says why another one is not', async () => {
    const { github } = gitHub;
    const checkout = await environmentsCheckout({
      directory,
      address: environmentsGit(),
    });
    const model = await modelRepository({ directory, audience: AUDIENCE });
    const trained = await runIn(model.checkout, {
      repository: 'acme/digits',
      git: `file://${model.bare}`,
    });
    expect(trained.output).toMatch(/made version 1, promotion \S+/);
    expect(trained.code).toBe(0);
    const { digest, source } = await registry.getVersion('digits', 1, admin);
    expect(source).toEqual({
      repository: 'https://github.com/acme/digits',
      commit: await git(model.checkout, 'rev-parse', 'HEAD'),
      path: 'examples/digits/train.py',
      run: '1',
    });
    const { items } = await registry.listPromotions({ open: true }, admin);
    expect(items).toMatchObject([
      { model: 'digits', environment: 'dev', requestedBy: 'service:digits' },
    ]);
    const [pull] = await until(() =>
      [...github.state.pulls.values()].filter(one => one.labels.length === 3),
    );
    expect(pull).toMatchObject({
      title: 'promote(digits): v1 -> dev',
      state: 'open',
      labels: ['promotion', 'environment: dev', 'model: digits'],
    });

    // On GitHub, its pull request is validated, and somebody merges it.
    await checkOutRef(checkout, `refs/pull/${pull.number}/head`);
    const proposed = await runIn(checkout, {
      repository: 'acme/environments',
      git: environmentsGit(),
      event: 'pull_request',
      payload: { pull_request: { number: pull.number } },
    });
    expect(proposed.output).toMatch(/1 manifest held against the format alone/);
    expect(proposed.code).toBe(0);
    const before = (await github.git.branch('main'))!;
    const merged = { number: pull.number, account: 'octocat' };
    const after = await github.people.merge(merged);
    expect(await checkOutRef(checkout, 'main')).toBe(after);

    const deployed = await runIn(checkout, {
      repository: 'acme/environments',
      git: environmentsGit(),
      payload: { ref: 'refs/heads/main', before, after },
    });
    expect(deployed.output).toMatch(/digits: version 1 has all traffic of dev/);
    expect(deployed.output).not.toContain(ADMIN);
    expect(deployed.code).toBe(0);
    const [deployment] = await until(() =>
      github.state.deployments.filter(
        ({ environment, statuses }) =>
          environment === 'dev' && statuses.at(-1)?.state === 'success',
      ),
    );
    expect(deployment).toBeDefined();

    const template = readFileSync(path.join(checkout, MANIFEST), 'utf8');
    expect(template).toContain(digest);
    const refused = await runIn(checkout, {
      repository: 'acme/environments',
      git: environmentsGit(),
      payload: await push(
        checkout,
        template.replace('version: 1', 'version: 7'),
        'Deploy what nobody registered',
      ),
    });
    expect(refused.printed).toMatch(
      /::error file=environments\/dev\/models\/digits.yaml::.*no version 7 of 'digits'/,
    );
    expect(refused.code).not.toBe(0);
  });

  it('validates a pull request without a token, and names the line', async () => {
    const checkout = path.join(directory, 'proposal');
    const bare = path.join(directory, 'proposal.git');
    cpSync(TEMPLATE, checkout, { recursive: true });
    await git(directory, 'init', '-q', '-b', 'main', checkout);
    await git(
      checkout,
      'remote',
      'add',
      'origin',
      'https://github.com/acme/fork',
    );
    const commit = async () => {
      await git(checkout, 'add', '-A');
      await git(checkout, 'commit', '-qm', 'Propose');
      await git(directory, 'clone', '-q', '--bare', checkout, bare);
    };
    const validate = () =>
      runIn(checkout, {
        repository: 'acme/fork',
        git: `file://${bare}`,
        event: 'pull_request',
        payload: { pull_request: { number: 1 } },
      });
    await commit();
    const right = await validate();
    expect(right.output).toMatch(/2 manifests held against the format alone/);
    expect(right.code).toBe(0);
    const place = path.join(checkout, MANIFEST);
    writeFileSync(
      place,
      readFileSync(place, 'utf8').replace('version: 1', 'version: one'),
    );
    await rm(bare, { recursive: true });
    await commit();
    const wrong = await validate();
    expect(wrong.printed).toMatch(
      /::error file=environments\/dev\/models\/digits.yaml,line=8::spec.version/,
    );
    expect(wrong.code).not.toBe(0);
  });
});
