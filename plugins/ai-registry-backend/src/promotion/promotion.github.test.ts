import {
  mockCredentials,
  mockServices,
  startTestBackend,
} from '@backstage/backend-test-utils';
import { catalogServiceMock } from '@backstage/plugin-catalog-node/testUtils';
import { type GitHubStandIn, startForTest } from '@greenroom/github-stand-in';
import { manifestPath, printManifest } from '@greenroom/manifest';
import {
  AiRegistryClient,
  type PromotionDetail,
  type PromotionPhase,
} from '@greenroom/plugin-ai-registry-common';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { registryDatabases } from '../__testUtils__/registryDatabases';
import { createClone } from '../adapters/git/__testUtils__/createClone';
import { aiRegistryPlugin } from '../plugin';
import { evaluationWithErrors } from './__testUtils__/createHarness';

jest.setTimeout(180_000);

const databases = registryDatabases();
const ada = { token: mockCredentials.user.token('user:default/ada') };
const grace = { token: mockCredentials.user.token('user:default/grace') };
const aiInference = {
  token: mockCredentials.service.token({
    onBehalfOf: mockCredentials.service('plugin:ai-inference'),
    targetPluginId: 'ai-registry',
  }),
};
const MODEL = 'traffic-light';

describe('promotion on GitHub', () => {
  let directory: string;
  let github: GitHubStandIn;
  let client: AiRegistryClient;
  let stop: () => Promise<void>;

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'promotion-github-'));
    const standIn = await startForTest({ directory });
    github = standIn.github;
    const knex = await databases.open();
    const backend = await startTestBackend({
      features: [
        aiRegistryPlugin,
        mockServices.database.factory({ knex }),
        catalogServiceMock.factory({
          entities: [
            {
              apiVersion: 'backstage.io/v1alpha1',
              kind: 'Group',
              metadata: { namespace: 'default', name: 'vision' },
            },
          ],
        }),
        mockServices.rootConfig.factory({
          data: {
            integrations: { github: [standIn.integration] },
            aiRegistry: {
              artifacts: { directory: path.join(directory, 'artifacts') },
              // There is no monitoring here that could tell of traffic.
              promotion: {
                gates: { drift: { mode: 'off' }, replay: { mode: 'off' } },
              },
              environments: {
                directory: path.join(directory, 'copy.git'),
                repository: github.repositoryUrl,
                // So long that only webhooks can tell in time.
                github: { requireChecks: false, sweepSeconds: 3_600 },
              },
            },
          },
        }),
      ],
    });
    stop = () => backend.stop();
    const { port } = backend.server.address() as AddressInfo;
    const baseUrl = `http://localhost:${port}/api/ai-registry`;
    github.webhooks.url = `${baseUrl}/git-host/webhook`;
    client = new AiRegistryClient({
      discoveryApi: { getBaseUrl: async () => baseUrl },
    });
    await client.createModel(
      { name: MODEL, task: 'classification', owner: 'group:default/vision' },
      ada,
    );
    const { digest } = await client.uploadArtifact(
      await readFile(
        path.join(__dirname, '..', 'onnx', '__fixtures__', 'classifier.onnx'),
      ),
      ada,
    );
    for (const everyNth of [10, 20]) {
      const evaluation = evaluationWithErrors(everyNth);
      await client.createVersion(MODEL, { digest, evaluation }, ada);
    }
  });

  afterAll(async () => {
    await stop();
    await github.stop();
    await rm(directory, { recursive: true, force: true });
  });

  const promote = (version: number) =>
    client.promote(
      {
        model: MODEL,
        version,
        environment: 'production',
        reason: 'It sees better at night.',
      },
      ada,
    );

  async function waitFor(
    id: string,
    phase: PromotionPhase,
  ): Promise<PromotionDetail> {
    const deadline = Date.now() + 60_000;
    for (;;) {
      const promotion = await client.getPromotion(id, grace);
      if (promotion.state.phase === phase) return promotion;
      if (Date.now() > deadline) {
        throw new Error(`Expected ${phase}: ${JSON.stringify(promotion)}`);
      }
      await new Promise(resolve => setTimeout(resolve, 50));
    }
  }

  it('goes from the request by a pull request to what should run', async () => {
    const { id } = await promote(1);
    const waiting = await waitFor(id, 'awaiting-review');
    const number = waiting.changeRequest!.number;
    const pull = github.people.pull(number);
    expect(pull).toMatchObject({
      author: 'greenroom-test[bot]',
      branch: `promote/${MODEL}/v1-production`,
      state: 'open',
    });
    expect(waiting.changeRequest!.url).toBe(
      `${github.repositoryUrl}/pull/${number}`,
    );

    await client.approvePromotion(id, {}, grace);
    await waitFor(id, 'rolling-out');
    expect(github.people.pull(number)).toMatchObject({
      state: 'closed',
      mergeCommit: await github.git.branch('main'),
    });
    expect(github.state.deployments).toEqual([
      expect.objectContaining({ environment: 'production' }),
    ]);
    expect(pull.comments.map(({ body }) => body)).toEqual([
      expect.stringMatching(/^\*\*grace\*\* approves/),
    ]);
    expect(
      await client.listDesiredDeployments('production', aiInference),
    ).toMatchObject({
      items: [{ model: MODEL, version: 1, promotionId: id }],
      problems: [],
    });
  });

  it('follows what somebody merges, or closes, on GitHub', async () => {
    const { id } = await promote(2);
    const { changeRequest } = await waitFor(id, 'awaiting-review');
    github.people.close(changeRequest!.number);
    expect(await waitFor(id, 'closed')).toMatchObject({
      state: { reason: expect.stringContaining('outside of the portal') },
    });

    const again = await promote(2);
    const { changeRequest: next } = await waitFor(again.id, 'awaiting-review');
    await github.people.merge({ number: next!.number, account: 'octocat' });
    await waitFor(again.id, 'rolling-out');
    expect(await client.getAlias(MODEL, 'production', {}, ada)).toMatchObject({
      version: 2,
    });
  });

  it('applies a push to main as soon as GitHub tells of it', async () => {
    const clone = await createClone({
      directory: github.cloneUrlOf('octocat'),
      folder: directory,
    });
    const file = manifestPath({ environment: 'production', model: MODEL });
    await clone.push({
      branch: 'main',
      path: file,
      content: undefined,
      author: { name: 'Octo', email: 'octocat@example.com' },
    });
    const deadline = Date.now() + 30_000;
    for (;;) {
      const { items } = await client.listDesiredDeployments(
        'production',
        aiInference,
      );
      if (items.length === 0) break;
      expect(Date.now()).toBeLessThan(deadline);
      await new Promise(resolve => setTimeout(resolve, 50));
    }
  });

  describe('pushes to its branch of which nothing has told yet', () => {
    async function pushedUnseen(push: {
      version: number;
      path?: string;
      email: string;
    }) {
      const { id } = await promote(push.version);
      const { changeRequest } = await waitFor(id, 'awaiting-review');
      const { branch } = changeRequest!;
      const manifest = manifestPath({
        environment: 'production',
        model: MODEL,
      });
      await github.webhooks.settled();
      github.webhooks.mode = 'drop';
      const clone = await createClone({
        directory: github.cloneUrlOf('octocat'),
        folder: directory,
      });
      const { path: file = manifest, email } = push;
      const text = await promisify(execFile)('git', [
        `--git-dir=${github.git.directory}`,
        ...['show', `${branch}:${manifest}`],
      ]);
      await clone.push({
        branch,
        path: file,
        content: `${text.stdout}# by hand\n`,
        author: { name: 'Somebody', email },
      });
      // By it, or by whoever else looked in that moment, the gates are run again.
      await expect(
        client.approvePromotion(id, {}, grace),
      ).rejects.toMatchObject({ statusCode: 409 });
      return id;
    }

    afterEach(() => {
      github.webhooks.mode = 'deliver';
    });

    it('are looked at by the gates', async () => {
      const id = await pushedUnseen({
        version: 1,
        path: 'environments/production/models/other.yaml',
        email: 'octocat@example.com',
      });
      const { gates } = await waitFor(id, 'blocked');
      expect(gates[0].summary).toContain(
        'changes more than environments/production/models/traffic-light.yaml',
      );
      await client.closePromotion(id, { reason: 'Not this.' }, grace);
    });

    it('keep whoever made them from approving it', async () => {
      const id = await pushedUnseen({
        version: 2,
        email: 'user+default+grace@users.greenroom.invalid',
      });
      await waitFor(id, 'awaiting-review');
      await expect(
        client.approvePromotion(id, {}, grace),
      ).rejects.toMatchObject({
        statusCode: 403,
        body: {
          error: {
            message: expect.stringContaining('You changed the branch'),
          },
        },
      });
      await client.closePromotion(id, { reason: 'Not this.' }, grace);
    });
  });

  describe('change requests that people open there', () => {
    const author = { name: 'Octo', email: 'octocat@example.com' };
    const cloned = () =>
      createClone({
        directory: github.cloneUrlOf('octocat'),
        folder: directory,
      });

    async function propose(
      branch: string,
      files: { path: string; content: string }[],
    ): Promise<number> {
      const clone = await cloned();
      for (const [at, file] of files.entries()) {
        await clone.push({
          branch: at === 0 ? 'main' : branch,
          onto: branch,
          author,
          ...file,
        });
      }
      const { number } = await github.people.openPull({
        branch,
        account: 'octocat',
        title: 'A better one',
        body: 'Please have a look.',
      });
      return number;
    }

    async function manifestOf(version: number) {
      const { digest } = await client.getVersion(MODEL, version, ada);
      const place = { environment: 'production', model: MODEL };
      return {
        path: manifestPath(place),
        content: printManifest({
          apiVersion: 'greenroom.dev/v2',
          kind: 'ModelDeployment',
          metadata: { name: MODEL, environment: place.environment },
          spec: { version, digest, rollout: { strategy: 'immediate' } },
        }),
      };
    }

    async function checkOf(number: number) {
      const deadline = Date.now() + 30_000;
      for (;;) {
        const run = github.people
          .checksOf(number)
          .find(({ name }) => name === 'Greenroom');
        if (run?.conclusion) return run;
        if (Date.now() > deadline) throw new Error('There is no check');
        await new Promise(resolve => setTimeout(resolve, 50));
      }
    }

    it('are promotions, with the same gates, where they change one version', async () => {
      const number = await propose('octo/better', [await manifestOf(1)]);
      const deadline = Date.now() + 30_000;
      let id: string | undefined;
      while (id === undefined) {
        expect(Date.now()).toBeLessThan(deadline);
        const { items } = await client.listPromotions({ open: true }, grace);
        id = items.find(one => one.changeRequest?.number === number)?.id;
        await new Promise(resolve => setTimeout(resolve, 50));
      }
      expect(await waitFor(id, 'awaiting-review')).toMatchObject({
        version: 1,
      });
      // Its author changes their mind: it is the same promotion, of another version.
      const clone = await cloned();
      await clone.push({
        branch: 'octo/better',
        author,
        ...(await manifestOf(2)),
      });
      while ((await client.getPromotion(id, grace)).version === 1) {
        expect(Date.now()).toBeLessThan(deadline);
        await new Promise(resolve => setTimeout(resolve, 50));
      }
      const waiting = await waitFor(id, 'awaiting-review');
      expect(waiting).toMatchObject({
        version: 2,
        reason: 'A better one',
        requestedBy: expect.stringContaining('octocat'),
        changeRequest: { branch: 'octo/better' },
        gates: expect.arrayContaining([
          expect.objectContaining({ id: 'artifact-digest', status: 'passed' }),
        ]),
      });
      expect(github.people.pull(number)).toMatchObject({
        title: 'A better one',
        body: expect.stringMatching(/^Please have a look\.[^]*### Gates/),
      });
      // Whom the catalog does not know may be the one who approves in the portal.
      expect(waiting.strangers).toEqual(['@octocat']);
      const { state } = await client.approvePromotion(id, {}, grace);
      expect(state.phase).toBe('awaiting-review');
      await client.approvePromotion(id, {}, ada);
      await waitFor(id, 'rolling-out');
      expect(
        await client.listDesiredDeployments('production', aiInference),
      ).toMatchObject({ items: [{ version: 2, promotionId: id }] });
    });

    it('are no promotions where they come from a fork, and are told so', async () => {
      const proposeFromAfar = async (branch: string, file: object) => {
        const clone = await cloned();
        await clone.push({
          branch: 'main',
          onto: branch,
          author,
          ...(file as { path: string; content: string }),
        });
        const { number } = await github.people.openPull({
          branch,
          account: 'mallory',
          title: 'From afar',
          isFromFork: true,
        });
        await github.git.setRef(`refs/heads/${branch}`, undefined);
        return number;
      };
      const version = await manifestOf(1);
      const number = await proposeFromAfar('afar/version', version);
      expect(await checkOf(number)).toMatchObject({
        conclusion: 'failure',
        title: 'A promotion does not come from a fork',
      });
      const notes = { path: 'NOTES.md', content: 'Hello.\n' };
      const harmless = await proposeFromAfar('afar/notes', notes);
      expect(await checkOf(harmless)).toMatchObject({ conclusion: 'neutral' });
      const { items } = await client.listPromotions({}, grace);
      expect(items.filter(one => one.changeRequest?.number === number)).toEqual(
        [],
      );
    });

    it('are told why there is nothing to look at, or why they cannot be looked at', async () => {
      const readme = { path: 'NOTES.md', content: 'Hello.\n' };
      const neutral = await propose('octo/notes', [readme]);
      expect(await checkOf(neutral)).toMatchObject({ conclusion: 'neutral' });
      const both = await propose('octo/both', [await manifestOf(1), readme]);
      expect(await checkOf(both)).toMatchObject({ conclusion: 'failure' });
      const right = await manifestOf(1);
      const wrong = await propose('octo/wrong', [
        {
          ...right,
          content: right.content.replace('version: 1', 'version: 99'),
        },
      ]);
      expect(await checkOf(wrong)).toMatchObject({ conclusion: 'failure' });
    });
  });

  it('keeps what somebody pushed to main, also where nothing has told of it yet', async () => {
    const file = manifestPath({ environment: 'production', model: MODEL });
    const clone = await createClone({
      directory: github.cloneUrlOf('octocat'),
      folder: directory,
    });
    const { digest } = await client.getVersion(MODEL, 2, ada);
    await github.webhooks.settled();
    github.webhooks.mode = 'drop';
    await clone.push({
      branch: 'main',
      path: file,
      content: printManifest({
        apiVersion: 'greenroom.dev/v2',
        kind: 'ModelDeployment',
        metadata: { name: MODEL, environment: 'production' },
        spec: {
          version: 2,
          digest,
          rollout: { strategy: 'immediate' },
          batching: { mode: 'off' },
        },
      }),
      author: { name: 'Octo', email: 'octocat@example.com' },
    });
    const { id } = await promote(1);
    // It is worse than the version that runs.
    const { diff } = await waitFor(id, 'blocked');
    github.webhooks.mode = 'deliver';
    expect(diff).toContain('+  version: 1');
    expect(diff).not.toMatch(/^- +(batching|mode):/m);
  });

  it('takes deliveries of callers who are not signed in, by their signature alone', async () => {
    await github.webhooks.settled();
    const { url } = github.webhooks;
    const response = await fetch(url!, {
      method: 'POST',
      body: '{}',
      headers: { 'x-hub-signature-256': 'sha256=00' },
    });
    expect(response.status).toBe(401);
    expect(await response.json()).toEqual({
      error: 'The signature is wrong',
    });
  });

  it('has asked and been answered nothing that GitHub does not describe', () => {
    expect(github.api.requests.length).toBeGreaterThan(50);
    expect(github.api.violations).toEqual([]);
  });
});
