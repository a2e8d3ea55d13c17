import type { RootConfigService } from '@backstage/backend-plugin-api';
import { InputError } from '@backstage/errors';
import {
  type GithubIntegrationConfig,
  ScmIntegrations,
} from '@backstage/integration';
import type {
  GitHubCredentials,
  GitHubSettings,
  MergeMethod,
} from './settings';

const PREFIX = 'aiRegistry.environments';
const MERGE_METHODS: MergeMethod[] = ['merge', 'squash', 'rebase'];
const NAME = /^[A-Za-z0-9._-]{1,100}$/;
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);
const DEFAULT_SWEEP_SECONDS = 60;
const SECOND_MILLIS = 1_000;

/**
 * Reads where the environments repository is on GitHub; undefined: it is a local one. Credentials
 * come from Backstage's own `integrations.github`.
 */
export function readGitHubSettings(
  root: RootConfigService,
): GitHubSettings | undefined {
  const address = root.getOptionalString(`${PREFIX}.repository`);
  if (address === undefined) return undefined;
  const { url, owner, repository } = readAddress(address);
  const integration = ScmIntegrations.fromConfig(root).github.byUrl(
    url.toString(),
  )?.config;
  if (!integration?.apiBaseUrl) {
    throw new InputError(
      `${PREFIX}.repository: integrations.github has no entry for the host '${url.host}': add one, with an App or a token`,
    );
  }
  const config = root.getOptionalConfig(`${PREFIX}.github`);
  const mergeMethod = config?.getOptionalString('mergeMethod') ?? 'merge';
  const known = MERGE_METHODS.find(method => method === mergeMethod);
  if (!known) {
    throw new InputError(
      `${PREFIX}.github.mergeMethod is '${mergeMethod}': it must be one of ${MERGE_METHODS.join(
        ', ',
      )}`,
    );
  }
  const sweepSeconds =
    config?.getOptionalNumber('sweepSeconds') ?? DEFAULT_SWEEP_SECONDS;
  if (!(sweepSeconds >= 5 && sweepSeconds <= 3_600)) {
    throw new InputError(
      `${PREFIX}.github.sweepSeconds is ${sweepSeconds}: it must lie between 5 and 3600`,
    );
  }
  const app = appFor(integration, owner);
  return {
    owner,
    repository,
    pageUrl: `${url.origin}/${owner}/${repository}`,
    apiUrl: integration.apiBaseUrl,
    credentials: credentialsOf(integration, app, url.host),
    webhookSecret:
      config?.getOptionalString('webhookSecret') ??
      (app?.webhookSecret || undefined),
    mergeMethod: known,
    requireChecks: config?.getOptionalBoolean('requireChecks') ?? true,
    sweepMillis: sweepSeconds * SECOND_MILLIS,
  };
}

function readAddress(address: string) {
  const wanted = `${PREFIX}.repository is '${address}': it must be the page of a repository, such as https://github.com/acme/environments`;
  if (!URL.canParse(address)) throw new InputError(wanted);
  const url = new URL(address);
  const [owner, name, ...more] = url.pathname.split('/').filter(Boolean);
  const repository = name?.replace(/\.git$/, '');
  const isNamed =
    NAME.test(owner ?? '') && NAME.test(repository ?? '') && more.length === 0;
  // A token must not go over the network as it is.
  const isSafe =
    url.protocol === 'https:' ||
    (url.protocol === 'http:' && LOOPBACK.has(url.hostname));
  if (!isNamed || !isSafe || url.username || url.password) {
    // The address may have a token in it, which nobody is to read in a log.
    throw new InputError(
      url.username || url.password
        ? `${PREFIX}.repository has credentials in it: put them under integrations.github`
        : wanted,
    );
  }
  return { url, owner, repository };
}

type App = NonNullable<GithubIntegrationConfig['apps']>[number];

/** The first App that may be used for the owner. */
function appFor(
  { apps = [] }: GithubIntegrationConfig,
  owner: string,
): App | undefined {
  return apps.find(
    ({ allowedInstallationOwners: owners }) =>
      owners === undefined ||
      owners.some(allowed => allowed.toLowerCase() === owner.toLowerCase()),
  );
}

function credentialsOf(
  { token }: GithubIntegrationConfig,
  app: App | undefined,
  host: string,
): GitHubCredentials {
  if (app) {
    const { appId, privateKey } = app;
    return { kind: 'app', appId, privateKey };
  }
  if (token) return { kind: 'token', token };
  throw new InputError(
    `${PREFIX}.repository: integrations.github of '${host}' has neither an App for this owner nor a token: add one`,
  );
}
