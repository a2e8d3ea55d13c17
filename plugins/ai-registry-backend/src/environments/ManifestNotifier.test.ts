import { registryDatabases } from '../__testUtils__/registryDatabases';
import {
  createHarness,
  type Harness,
} from '../promotion/__testUtils__/createHarness';
import { manifestPath, printManifest } from '@greenroom/manifest';
import { ManifestNoticeStore } from './ManifestNoticeStore';
import { ManifestNotifier } from './ManifestNotifier';
import { portalEmail } from './people';

jest.setTimeout(180_000);

const databases = registryDatabases();
const OWNER = 'group:default/vision-team';
const ADMINISTRATORS = ['group:default/ml-platform'];
const PATH = manifestPath({ environment: 'staging', model: 'digits' });
const stranger = { name: 'Hand', email: 'hand@example.com' };
const grace = { name: 'Grace', email: portalEmail('user:default/grace') };

describe('ManifestNotifier', () => {
  let harness: Harness;

  beforeEach(async () => {
    harness = await createHarness(databases);
  });
  afterEach(() => harness.stop());

  const push = (
    content: string | undefined,
    options: { path?: string; author?: typeof stranger } = {},
  ) =>
    harness.clone.push({
      branch: 'main',
      path: options.path ?? PATH,
      content,
      author: options.author ?? stranger,
    });
  const manifestOf = (spec: { version: number; digest: string }) =>
    printManifest({
      apiVersion: 'greenroom.dev/v2',
      kind: 'ModelDeployment',
      metadata: { name: 'digits', environment: 'staging' },
      spec: { ...spec, rollout: { strategy: 'immediate' } },
    });
  const notifier = (administrators = ADMINISTRATORS) =>
    new ManifestNotifier({
      deployments: harness.deployments,
      notices: new ManifestNoticeStore({ knex: harness.knex }),
      models: harness.models,
      gitHost: harness.localHost,
      people: harness.people,
      notifications: harness.notifications,
      pages: harness.pages,
      administrators,
      logger: harness.logger,
      clock: () => new Date(Date.now() + 60_000),
    });
  /** Reconciles and tells, in two processes at once; returns what was told: to whom, and what. */
  async function look(administrators?: string[]) {
    harness.notifications.send.mockClear();
    await harness.reconciler.reconcile();
    await Promise.all([
      notifier(administrators).run(),
      notifier(administrators).run(),
    ]);
    return harness.notifications.send.mock.calls.map(
      ([{ recipients, payload }]) => [
        recipients.type === 'entity' && recipients.entityRef,
        payload.title,
      ],
    );
  }

  it.each([
    ['cannot be read', () => '{'],
    ['names a version that is not there', manifestOf],
    ['names another digest', manifestOf],
  ] as [string, typeof manifestOf][])(
    'tells the owner once for each commit that %s, and once that it is mended',
    async (what, content) => {
      const one = await harness.register();
      const digest = `sha256:${'b'.repeat(64)}`;
      const version = what.includes('not there') ? 9 : one.version;
      const commit = await push(content({ version, digest }));
      expect(await look()).toEqual([[[OWNER], `Not applied: ${PATH}`]]);
      expect(harness.notifications.send).toHaveBeenCalledWith({
        recipients: { type: 'entity', entityRef: [OWNER] },
        payload: {
          title: `Not applied: ${PATH}`,
          description: expect.stringMatching(
            new RegExp(
              `^${PATH}.* Commit ${commit.slice(
                0,
                12,
              )} by Hand\\. What ran in staging before goes on\\. Push a commit`,
              's',
            ),
          ),
          link: '/ml/models/digits',
          severity: 'high',
          topic: 'ai-registry-manifest',
          scope: `manifest:${PATH}`,
        },
      });
      expect(await look()).toEqual([]);
      await push('something else', { path: 'README.md' });
      expect(await look()).toEqual([]);
      await push('}');
      expect(await look()).toEqual([[[OWNER], `Not applied: ${PATH}`]]);
      await push(manifestOf(one));
      expect(await look()).toEqual([
        [[OWNER], `Mended, nothing to do: ${PATH}`],
      ]);
      expect(await look()).toEqual([]);
    },
  );

  it('tells the author of a file for a model that is not known, or the administrators', async () => {
    const path = 'environments/staging/models/ghost.yaml';
    await push('{', { path });
    expect(await look()).toEqual([[ADMINISTRATORS, `Not applied: ${path}`]]);
    await push('}', { path, author: grace });
    expect(await look()).toEqual([
      [['user:default/grace'], `Not applied: ${path}`],
    ]);
    await push(undefined, { path });
    expect(await look()).toEqual([
      [
        [...ADMINISTRATORS, 'user:default/grace'],
        `Mended, nothing to do: ${path}`,
      ],
    ]);
  });

  it('tells the owner also of a file in the folder of no environment', async () => {
    const path = 'environments/moon/models/digits.yaml';
    await push('{', { path });
    expect(await look()).toEqual([[[OWNER], `Not applied: ${path}`]]);
  });

  it('logs once what there is nobody to tell', async () => {
    await push('{', { path: 'environments/staging/models/ghost.yaml' });
    expect(await look([])).toEqual([]);
    expect(await look([])).toEqual([]);
    const warnings = harness.logger.warn.mock.calls.filter(([text]) =>
      text.includes('adminGroups'),
    );
    expect(warnings).toHaveLength(1);
  });

  it('tells it later when it cannot be told now', async () => {
    await push('{');
    harness.notifications.send.mockRejectedValueOnce(new Error('away'));
    harness.notifications.send.mockRejectedValueOnce(new Error('away'));
    await harness.reconciler.reconcile();
    await notifier().run();
    await notifier().run();
    expect(harness.notifications.send).toHaveBeenCalledTimes(2);
    expect(await look()).toHaveLength(1);
    expect(await look()).toEqual([]);
  });
});
