import { type StartedStandIn, startForTest } from '@greenroom/github-stand-in';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createClone } from '../../git/__testUtils__/createClone';
import { GitHubApi, type GitHubApiOptions } from '../GitHubApi';
import { GitHubHost } from '../GitHubHost';
import { Markers } from '../markers';
import { Mirror } from '../Mirror';
import type { GitHubSettings } from '../settings';

export type GitHubUnderTest = Awaited<ReturnType<typeof createGitHub>>;

/** A stand-in for GitHub, and a host that uses it. */
export async function createGitHub(
  options: {
    settings?: Partial<GitHubSettings>;
    api?: Partial<GitHubApiOptions>;
    installationTokenMillis?: number;
  } = {},
) {
  const folder = await mkdtemp(path.join(tmpdir(), 'github-host-'));
  const standIn = await startForTest({
    directory: folder,
    installationTokenMillis: options.installationTokenMillis,
  });
  const { github } = standIn;
  const settings = { ...settingsOf(standIn), ...options.settings };
  const mirrors: Mirror[] = [];
  const connect = async (directory = path.join(folder, 'mirror.git')) => {
    const connected = await connectHost({
      settings,
      directory,
      api: options.api,
    });
    mirrors.push(connected.mirror);
    return connected;
  };
  const { host, api, mirror } = await connect();
  await host.refresh();
  const clone = await createClone({
    directory: github.cloneUrlOf('hand'),
    folder,
  });
  /** As a webhook would do it, or the sweep. */
  const then = async <T>(done: Promise<T>): Promise<T> => {
    const result = await done;
    await host.refresh();
    return result;
  };
  return {
    ...standIn,
    folder,
    settings,
    host,
    api,
    mirror,
    /** Another process of the portal. */
    connect,
    clone: {
      push: (push: Parameters<typeof clone.push>[0]) => then(clone.push(push)),
      removeBranch: (branch: string) => then(clone.removeBranch(branch)),
      mergeByHand: (merge: Parameters<typeof clone.mergeByHand>[0]) =>
        then(clone.mergeByHand(merge)),
    },
    /** @throws when anything was asked or answered that GitHub would not */
    async stop() {
      await Promise.all(mirrors.map(({ opened }) => opened.close()));
      await github.stop();
      await rm(folder, { recursive: true, force: true });
      expect(github.api.violations).toEqual([]);
    },
  };
}

export function settingsOf({
  github,
  integration,
}: StartedStandIn): GitHubSettings {
  const [app] = integration.apps;
  return {
    owner: github.state.owner,
    repository: github.state.repository,
    pageUrl: github.repositoryUrl,
    apiUrl: github.places.api,
    credentials: { kind: 'app', ...app },
    webhookSecret: app.webhookSecret,
    mergeMethod: 'merge',
    requireChecks: false,
    sweepMillis: 60_000,
  };
}

async function connectHost(options: {
  settings: GitHubSettings;
  directory: string;
  api: Partial<GitHubApiOptions> | undefined;
}) {
  const { settings, directory } = options;
  const api = new GitHubApi({
    settings,
    // Nobody waits in tests.
    pause: async () => {},
    ...options.api,
  });
  const mirror = await Mirror.open({
    directory,
    url: `${settings.pageUrl}.git`,
    token: () => api.tokens.current(),
    environments: ['dev', 'production'],
  });
  const markers = new Markers({
    key: 'signing key of tests',
    repository: `${settings.owner}/${settings.repository}`,
  });
  return {
    host: new GitHubHost({ settings, api, mirror, markers }),
    api,
    mirror,
  };
}
