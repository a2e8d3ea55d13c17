import { DEFAULT_ENVIRONMENTS } from '@greenroom/plugin-ai-registry-common';
import { createHash } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { registryDatabases } from '../__testUtils__/registryDatabases';
import { GitCommand } from '../adapters/git/GitCommand';
import { LocalGitHost } from '../adapters/localGit/LocalGitHost';
import {
  ada,
  createHarness,
  grace,
  type Harness,
} from '../promotion/__testUtils__/createHarness';
import type { GitHost } from './GitHost';
import {
  type ManifestSpec,
  manifestPath,
  printManifest,
} from '@greenroom/manifest';

jest.setTimeout(180_000);

const databases = registryDatabases();
const hand = { name: 'Hand', email: 'hand@example.com' };
const place = { environment: 'staging', model: 'digits' } as const;
const PATH = manifestPath(place);

describe('EnvironmentReconciler', () => {
  let harness: Harness;

  beforeEach(async () => {
    harness = await createHarness(databases);
  });
  afterEach(() => harness.stop());

  const push = (
    content: string | Buffer | undefined,
    options: { path?: string; author?: typeof hand } = {},
  ) =>
    harness.clone.push({
      branch: 'main',
      path: options.path ?? PATH,
      content,
      author: options.author ?? hand,
    });
  const manifestOf = (
    spec: { version: number; digest: string },
    changes: Partial<ManifestSpec> = {},
  ) =>
    printManifest({
      apiVersion: 'greenroom.dev/v2',
      kind: 'ModelDeployment',
      metadata: { name: 'digits', environment: 'staging' },
      spec: {
        version: spec.version,
        digest: spec.digest,
        rollout: { strategy: 'immediate' },
        ...changes,
      },
    });
  const reconcile = () => harness.reconciler.reconcile();

  it('follows a push to main: deployment, alias, history, announcement', async () => {
    const one = await harness.register();
    const commit = await push(manifestOf(one));
    expect(await reconcile()).toBe(commit);
    expect(await harness.deployments.list({ environment: 'staging' })).toEqual([
      {
        ...place,
        ...one,
        rollout: { strategy: 'immediate', steps: [] },
        rollbackTo: undefined,
        batching: undefined,
        placement: undefined,
        languageModel: undefined,
        commit,
        promotionId: undefined,
        kind: 'push',
        changedAt: expect.any(String),
        changedBy: 'Hand <hand@example.com>',
      },
    ]);
    expect(await harness.aliasOf('staging')).toBe(1);
    expect((await harness.aliasStore.history('digits')).items).toMatchObject([
      {
        version: 1,
        changedBy: 'Hand <hand@example.com>',
        reason: `Commit ${commit.slice(0, 12)}: Set ${PATH}`,
      },
    ]);
    const announcements = await harness.knex('outbox').pluck('announcement');
    expect(announcements).toContainEqual({
      type: 'environment-changed',
      ...place,
    });
  });

  it('knows the user behind an email address', async () => {
    const one = await harness.register();
    const author = { name: 'G', email: 'grace@example.com' };
    await push(manifestOf(one), { author });
    await reconcile();
    expect(await harness.deployments.list()).toMatchObject([
      { changedBy: 'user:default/grace' },
    ]);
  });

  it('does nothing twice', async () => {
    const one = await harness.register();
    await push(manifestOf(one));
    await Promise.all([reconcile(), reconcile(), reconcile()]);
    await push('notes\n', { path: 'notes.md' });
    await reconcile();
    expect((await harness.aliasStore.history('digits')).items).toHaveLength(1);
    const events = await harness
      .knex('audit_entries')
      .where({ action: 'deployment-changed' });
    expect(events).toHaveLength(1);
  });

  it('catches up with several commits at once', async () => {
    const one = await harness.register();
    const two = await harness.register();
    await push(manifestOf(one));
    await push(manifestOf(two));
    await reconcile();
    expect(await harness.aliasOf('staging')).toBe(2);
    expect((await harness.aliasStore.history('digits')).items).toHaveLength(1);
  });

  it('follows a change of the rollout plan alone', async () => {
    const one = await harness.register();
    await push(manifestOf(one));
    await reconcile();
    const rollout = {
      strategy: 'canary' as const,
      steps: [{ weightPercent: 5, holdSeconds: 60 }],
    };
    const commit = await push(manifestOf(one, { rollout }));
    await reconcile();
    expect(await harness.deployments.list()).toMatchObject([
      { rollout, commit },
    ]);
    expect((await harness.aliasStore.history('digits')).items).toHaveLength(1);
  });

  it('follows a change of how and where requests are computed, which a promotion leaves as it is', async () => {
    const one = await harness.register();
    const placement = { mode: 'worker' as const };
    const loading = { mode: 'on-demand' as const };
    await push(
      manifestOf(one, { batching: { mode: 'off' }, placement, loading }),
    );
    await reconcile();
    expect(await harness.deployments.list()).toMatchObject([
      { batching: { mode: 'off' }, placement, loading },
    ]);
    await harness.register();
    const { id } = await harness.promotions.promote(
      { model: 'digits', version: 2, environment: 'staging', reason: 'New.' },
      ada,
    );
    await harness.work();
    await harness.promotions.approve(
      id,
      { accepts: ['evaluation'], comment: 'Seen' },
      grace,
    );
    await harness.work();
    expect(await harness.deployments.list()).toMatchObject([
      { version: 2, batching: { mode: 'off' }, placement, loading },
    ]);
  });

  it('follows a change of what a language model has besides, which a promotion leaves as it is', async () => {
    const languageModel = {
      aliases: ['gpt-4o'],
      fallbacks: [
        {
          model: 'small',
          when: ['unavailable' as const, 'timed-out' as const],
        },
      ],
    };
    const one = await harness.register();
    await push(manifestOf(one, { languageModel }));
    await reconcile();
    expect(await harness.deployments.list()).toMatchObject([{ languageModel }]);
    await harness.register();
    const { id } = await harness.promotions.promote(
      { model: 'digits', version: 2, environment: 'staging', reason: 'New.' },
      ada,
    );
    await harness.work();
    await harness.promotions.approve(
      id,
      { accepts: ['evaluation'], comment: 'Seen' },
      grace,
    );
    await harness.work();
    expect(await harness.deployments.list()).toMatchObject([
      { version: 2, languageModel },
    ]);
  });

  it('follows how versions are compared and what is kept, which a promotion leaves as it is', async () => {
    const sections: Partial<ManifestSpec> = {
      analysis: { metrics: [], minUnitsPerVariant: 50 },
      outcomes: { samplePercent: 10, keepDays: 30 },
      recentRows: { mode: 'on' },
    };
    const kept = {
      analysis: sections.analysis,
      outcomes: sections.outcomes,
      recentRows: true,
    };
    const one = await harness.register();
    await push(manifestOf(one, sections));
    await reconcile();
    expect(await harness.deployments.list()).toMatchObject([kept]);
    await harness.register();
    const { id } = await harness.promotions.promote(
      { model: 'digits', version: 2, environment: 'staging', reason: 'New.' },
      ada,
    );
    await harness.work();
    await harness.promotions.approve(
      id,
      { accepts: ['evaluation'], comment: 'Seen' },
      grace,
    );
    await harness.work();
    expect(await harness.deployments.list()).toMatchObject([
      { version: 2, ...kept },
    ]);
    await push(manifestOf(one, { recentRows: { mode: 'off' } }));
    await reconcile();
    expect(await harness.deployments.list()).toMatchObject([
      { recentRows: undefined, outcomes: undefined, analysis: undefined },
    ]);
  });

  it('keeps no rows of a model that is tagged personal', async () => {
    const one = await harness.register();
    await harness.knex.transaction(tx =>
      harness.models.update(tx, 'digits', { tags: { personal: 'yes' } }),
    );
    await push(manifestOf(one, { recentRows: { mode: 'on' } }));
    await reconcile();
    expect(await harness.deployments.list()).toEqual([]);
    expect(await harness.deployments.problems(place)).toMatchObject([
      { message: expect.stringContaining('tagged personal') },
    ]);
  });

  it('knows every version of an experiment', async () => {
    const one = await harness.register();
    const two = await harness.register();
    const experiment = (digest: string): Partial<ManifestSpec> => ({
      rollout: {
        strategy: 'experiment',
        control: { version: 1, digest, sharePercent: 50 },
        treatments: [{ version: 2, digest: two.digest, sharePercent: 50 }],
        end: { atMostSeconds: 60, minUnitsPerVariant: 1, winner: 'ask' },
      },
    });
    await push(manifestOf(two, experiment(two.digest)));
    await reconcile();
    expect(await harness.deployments.problems(place)).toMatchObject([
      {
        message: `${PATH}: spec.rollout.control.digest: version 1 of 'digits' is ${one.digest}, not ${two.digest}`,
      },
    ]);
    await push(manifestOf(two, experiment(one.digest)));
    await reconcile();
    expect(await harness.deployments.problems(place)).toEqual([]);
    expect(await harness.deployments.list()).toMatchObject([
      { rollout: { strategy: 'experiment' } },
    ]);
  });

  it('refuses an alias that is the name of a model in the environment, and goes on as before', async () => {
    const one = await harness.register();
    await push(manifestOf(one));
    await push('nothing that can be read', {
      path: manifestPath({ ...place, model: 'other' }),
    });
    await reconcile();
    await push(
      manifestOf(one, { languageModel: { aliases: ['fine', 'other'] } }),
    );
    await reconcile();
    expect(await harness.deployments.list()).toMatchObject([
      { model: 'digits', languageModel: undefined },
    ]);
    expect(await harness.deployments.problems(place)).toMatchObject([
      {
        message: `${PATH}: spec.languageModel.aliases.1: 'other' is the name of a model in staging: choose another alias`,
      },
    ]);
    await push(manifestOf(one, { languageModel: { aliases: ['fine'] } }));
    await reconcile();
    expect(await harness.deployments.list()).toMatchObject([
      { languageModel: { aliases: ['fine'] } },
    ]);
    expect(await harness.deployments.problems(place)).toEqual([]);
  });

  it('takes the same manifest in another version of the format as no change', async () => {
    const one = await harness.register();
    await push(
      `apiVersion: greenroom.dev/v1
kind: ModelDeployment
metadata: { name: digits, environment: staging }
spec:
  version: 1
  digest: ${one.digest}
  rollout: { strategy: immediate }
`,
    );
    await reconcile();
    const before = await harness.deployments.list();
    expect(before).toMatchObject([
      { ...one, rollout: { strategy: 'immediate', steps: [] } },
    ]);
    await push(manifestOf(one));
    await reconcile();
    expect(await harness.deployments.list()).toEqual(before);
    expect(await harness.deployments.problems()).toEqual([]);
  });

  it('takes the alias away with the manifest', async () => {
    const one = await harness.register();
    await push(manifestOf(one));
    await reconcile();
    await push(undefined);
    await reconcile();
    expect(await harness.deployments.list()).toEqual([]);
    expect(await harness.aliasOf('staging')).toBeUndefined();
  });

  it.each<[string, (good: string) => string, string]>([
    [
      'an unknown version',
      good => good.replace('version: 1', 'version: 7'),
      "spec.version: the registry has no version 7 of 'digits'",
    ],
    [
      'another digest',
      good => good.replace(/sha256:.*/, `sha256:${'0'.repeat(64)}`),
      "spec.digest: version 1 of 'digits' is sha256:",
    ],
    ['bad YAML', () => 'a: [', 'not valid YAML'],
    [
      'a section that would do nothing',
      good => `${good}  replicas: { min: 0, max: 3 }\n`,
      'spec.replicas: this release does not act on it, it starts no data planes: leave it out',
    ],
    [
      'a format that there is not',
      good => good.replace('/v2', '/v9'),
      'apiVersion: expected one of greenroom.dev/v2, greenroom.dev/v1',
    ],
  ])(
    'does not apply %s, says so, and goes on with what ran',
    async (_, change, message) => {
      const one = await harness.register();
      await push(manifestOf(one));
      await reconcile();
      const commit = await push(change(manifestOf(one)));
      await reconcile();
      await reconcile();
      expect(await harness.deployments.list()).toMatchObject([one]);
      expect(await harness.aliasOf('staging')).toBe(1);
      expect(await harness.deployments.problems()).toEqual([
        {
          ...place,
          path: PATH,
          message: expect.stringContaining(message),
          commit,
          since: expect.any(String),
        },
      ]);
      expect(harness.logger.warn).toHaveBeenCalledTimes(1);

      await push(manifestOf(one));
      await reconcile();
      expect(await harness.deployments.problems()).toEqual([]);
    },
  );

  it('says it again when a later commit has the same fault', async () => {
    const one = await harness.register();
    const bad = manifestOf(one).replace('version: 1', 'version: 7');
    for (const content of [bad, `${bad}# Second try\n`]) {
      const commit = await push(content);
      await reconcile();
      await reconcile();
      expect(harness.logger.warn).toHaveBeenLastCalledWith(
        expect.stringContaining("has no version 7 of 'digits'"),
        { commit },
      );
    }
    expect(harness.logger.warn).toHaveBeenCalledTimes(2);
  });

  it('applies a manifest once its version is registered', async () => {
    const artifact = Buffer.from('weights of version 1');
    const hash = createHash('sha256').update(artifact).digest('hex');
    await push(manifestOf({ version: 1, digest: `sha256:${hash}` }));
    await reconcile();
    expect(await harness.deployments.problems()).toHaveLength(1);
    await harness.register();
    await reconcile();
    expect(await harness.deployments.problems()).toEqual([]);
    expect(await harness.aliasOf('staging')).toBe(1);
  });

  it('does not let one bad manifest stop the others', async () => {
    const one = await harness.register();
    await push('nonsense', { path: 'environments/moon/models/digits.yaml' });
    await push('nonsense', { path: 'environments/dev/models/digits.yml' });
    await push('nonsense', { path: 'environments/dev/models/Other.yaml' });
    await push('nonsense', { path: 'environments/digits.yaml' });
    await push('nonsense', { path: 'environments/README.md' });
    await push(manifestOf(one));
    await reconcile();
    expect(await harness.aliasOf('staging')).toBe(1);
    const problems = await harness.deployments.problems();
    expect(problems.map(problem => problem.message)).toEqual([
      expect.stringContaining('Other.yaml'),
      'environments/dev/models/digits.yml: expected manifests at environments/dev/models/digits.yaml only',
      'environments/: expected one of the environments dev, staging, production',
      'environments/moon: expected one of the environments dev, staging, production',
    ]);
    expect(await harness.deployments.problems({ environment: 'dev' })).toEqual(
      problems.slice(0, 2),
    );
  });

  const bomb = [
    'a: &a [x,x,x,x,x,x,x,x,x]',
    ...['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].map(
      (name, index) =>
        `${name}: &${name} [${new Array(9).fill(`*${'abcdefgh'[index]}`)}]`,
    ),
  ].join('\n');
  it.each<[string, string | Buffer, string]>([
    ['an alias that stands for nothing', 'spec: *nobody', 'not valid YAML'],
    ['aliases that stand for millions of values', bomb, 'not valid YAML'],
    ['more bytes than a manifest has', 'x'.repeat(100_000), 'at most 65536'],
    [
      'more bytes than Git is asked to print',
      Buffer.alloc(40 * 1024 * 1024, 'x'),
      'at most 65536 bytes, got 41943040',
    ],
    ['bytes that are no text', Buffer.from([0xff, 0, 1, 0xfe]), ''],
    [
      'a version that no table can hold',
      'apiVersion: greenroom.dev/v1\nkind: ModelDeployment\nmetadata: { name: other, environment: staging }\nspec: { version: 99999999999, digest: "sha256:0", rollout: { strategy: immediate } }\n',
      'spec.version',
    ],
  ])('keeps %s to the file that has it', async (_what, content, message) => {
    const one = await harness.register();
    const path = 'environments/staging/models/other.yaml';
    await push(content, { path });
    await push(manifestOf(one));
    await reconcile();
    expect(await harness.aliasOf('staging')).toBe(1);
    expect(await harness.deployments.problems()).toMatchObject([
      { path, message: expect.stringContaining(message) },
    ]);
    await expect(
      harness.promotions.promote(
        { model: 'digits', version: 1, environment: 'dev', reason: 'Try.' },
        ada,
      ),
    ).resolves.toMatchObject({ state: { phase: 'checking' } });
  });

  it('applies the others when the tables refuse one', async () => {
    const one = await harness.register();
    await harness.knex.raw(`
      create function refuse_staging() returns trigger language plpgsql as $$
      begin
        if new.environment = 'staging' then raise exception 'disk is full'; end if;
        return new;
      end $$;
      create trigger refuse_staging before insert or update on environment_deployments
      for each row execute function refuse_staging()`);
    await push(manifestOf(one));
    await push(manifestOf(one).replace('staging', 'dev'), {
      path: PATH.replace('staging', 'dev'),
    });
    await reconcile();
    await reconcile();
    expect(await harness.aliasOf('dev')).toBe(1);
    expect(await harness.aliasOf('staging')).toBeUndefined();
    expect(await harness.deployments.problems()).toMatchObject([
      { path: PATH, message: expect.stringContaining('disk is full') },
    ]);
    expect(harness.logger.warn).toHaveBeenCalledTimes(1);
    await harness.knex.raw(
      `drop trigger refuse_staging on environment_deployments`,
    );
    await reconcile();
    expect(await harness.aliasOf('staging')).toBe(1);
    expect(await harness.deployments.problems()).toEqual([]);
  });

  it('knows what ran before when nobody wrote it down', async () => {
    const one = await harness.register();
    const two = await harness.register();
    await push(manifestOf(one));
    await reconcile();
    await push(manifestOf(two));
    await reconcile();
    const steps = [{ weightPercent: 5, holdSeconds: 60 }];
    await push(manifestOf(two, { rollout: { strategy: 'canary', steps } }));
    await reconcile();
    expect(await harness.deployments.list()).toMatchObject([
      { version: 2, rollbackTo: undefined, ranBefore: one },
    ]);
    const { version } = await harness.promotions.rollBack(
      { model: 'digits', environment: 'staging', reason: 'Worse.' },
      ada,
    );
    expect(version).toBe(1);
  });

  it('goes on with what runs when the repository is lost', async () => {
    const one = await harness.register();
    await push(manifestOf(one));
    await reconcile();
    await rm(harness.directory, { recursive: true });
    const host = await LocalGitHost.create({
      environments: DEFAULT_ENVIRONMENTS.names,
      directory: harness.directory,
      knex: harness.knex,
    });
    const { reconciler } = harness.start({ gitHost: host });
    await reconciler.reconcile();
    await reconciler.reconcile();
    expect(await harness.aliasOf('staging')).toBe(1);
    expect(await harness.deployments.list()).toMatchObject([one]);
    expect(await harness.deployments.problems()).toMatchObject([
      { message: expect.stringContaining('missing from main') },
    ]);
    await push(manifestOf(one));
    await reconciler.reconcile();
    expect(await harness.deployments.problems()).toEqual([]);
    await push(undefined);
    await reconciler.reconcile();
    expect(await harness.aliasOf('staging')).toBeUndefined();
  });

  describe('whose copy of the repository may be behind', () => {
    let old: string;

    beforeEach(async () => {
      old = await push(manifestOf(await harness.register()));
      await reconcile();
      await push(manifestOf(await harness.register()));
      await reconcile();
    });

    /** Has last seen the older main. */
    const behind = (freshMain: () => Promise<string>) => {
      const gitHost = new Proxy<GitHost>(harness.localHost, {
        get(target, name: keyof GitHost) {
          if (name === 'mainRevision') {
            return async ({ fresh = false } = {}) =>
              fresh ? freshMain() : old;
          }
          const value = target[name];
          return typeof value === 'function' ? value.bind(target) : value;
        },
      });
      return harness.start({ gitHost }).reconciler;
    };

    it('takes back nothing that another control plane has applied', async () => {
      const reconciler = behind(() => harness.localHost.mainRevision());
      await reconciler.reconcile();
      await reconciler.reconcile();
      expect(await harness.aliasOf('staging')).toBe(2);
      const { items } = await harness.aliasStore.history('digits');
      expect(items.map(({ version }) => version)).toEqual([2, 1]);
    });

    it('changes nothing while the Git host cannot say how main is', async () => {
      const reconciler = behind(() => Promise.reject(new Error('away')));
      await expect(reconciler.reconcile()).rejects.toThrow('away');
      expect(await harness.aliasOf('staging')).toBe(2);
    });

    it('follows main back where somebody moved it', async () => {
      const git = new GitCommand(harness.directory);
      await git.text({ args: ['update-ref', 'refs/heads/main', old] });
      await reconcile();
      expect(await harness.aliasOf('staging')).toBe(1);
    });
  });

  it('keeps a promotion in the records of what it deployed', async () => {
    await harness.register();
    const { id } = await harness.promotions.promote(
      { model: 'digits', version: 1, environment: 'staging', reason: 'Try.' },
      ada,
    );
    await harness.work();
    await harness.promotions.approve(id, {}, grace);
    await harness.work();
    await push('notes\n', { path: 'notes.md' });
    await reconcile();
    expect(await harness.deployments.list()).toMatchObject([
      { promotionId: id, kind: 'promotion', changedBy: 'user:default/ada' },
    ]);
  });
});
