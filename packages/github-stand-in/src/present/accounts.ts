import type { Account, App, State } from '../state';
import { botOf } from '../state';

/** Where what is shown can be found. */
export interface Places {
  /** Base URL of the API. */
  api: string;
  /** Base URL of the pages. */
  html: string;
}

export function nodeId(kind: string, id: number): string {
  return Buffer.from(`${kind}${id}`).toString('base64url');
}

const USER_LINKS = [
  'events',
  'followers',
  'following',
  'gists',
  'organizations',
  'received_events',
  'repos',
  'starred',
  'subscriptions',
];

export function presentAccount(
  { id, login, type }: Account,
  { api, html }: Places,
): Record<string, unknown> {
  const url = `${api}/users/${encodeURIComponent(login)}`;
  return {
    login,
    id,
    node_id: nodeId('User', id),
    avatar_url: `${html}/avatars/${id}`,
    gravatar_id: '',
    url,
    html_url: `${html}/${login}`,
    ...Object.fromEntries(
      USER_LINKS.map(name => [`${name}_url`, `${url}/${name}`]),
    ),
    type,
    site_admin: false,
  };
}

export function presentLogin(
  state: State,
  login: string,
  places: Places,
): Record<string, unknown> {
  const account = state.accounts.get(login);
  if (!account) throw new Error(`There is no account '${login}'`);
  return presentAccount(account, places);
}

/** The account of whoever asks, with what only they are shown. */
export function presentSelf(
  account: Account,
  places: Places,
): Record<string, unknown> {
  return {
    ...presentAccount(account, places),
    name: account.login,
    company: null,
    blog: '',
    location: null,
    email: account.email,
    hireable: null,
    bio: null,
    public_repos: 0,
    public_gists: 0,
    followers: 0,
    following: 0,
    created_at: '2026-01-01T00:00:00Z',
    updated_at: '2026-01-01T00:00:00Z',
  };
}

export function presentApp(
  state: State,
  places: Places,
): Record<string, unknown> {
  const { app } = state;
  return {
    id: app.id,
    slug: app.slug,
    node_id: nodeId('App', app.id),
    owner: presentLogin(state, state.owner, places),
    name: app.slug,
    description: '',
    external_url: places.html,
    html_url: `${places.html}/apps/${app.slug}`,
    created_at: app.createdAt,
    updated_at: app.createdAt,
    permissions: app.permissions,
    events: [],
  };
}

export function presentInstallation(
  state: State,
  places: Places,
): Record<string, unknown> {
  const { app } = state;
  const owner = presentLogin(state, state.owner, places);
  return {
    id: app.installationId,
    account: owner,
    repository_selection: 'selected',
    access_tokens_url: `${places.api}/app/installations/${app.installationId}/access_tokens`,
    repositories_url: `${places.api}/installation/repositories`,
    html_url: `${places.html}/settings/installations/${app.installationId}`,
    app_id: app.id,
    app_slug: app.slug,
    target_id: owner.id,
    target_type: 'Organization',
    permissions: app.permissions,
    events: [],
    created_at: app.createdAt,
    updated_at: app.createdAt,
    single_file_name: null,
    suspended_by: null,
    suspended_at: null,
  };
}

/** Whose commits with this address are; GitHub finds that out by the addresses that accounts have. */
export function accountOfEmail(
  state: State,
  email: string,
): Account | undefined {
  return [...state.accounts.values()].find(
    account =>
      account.email === email ||
      `${account.id}+${account.login}@users.noreply.github.com` === email,
  );
}

export function createBot(app: App, id: number): Account {
  const login = botOf(app);
  return {
    id,
    login,
    type: 'Bot',
    email: `${id}+${login}@users.noreply.github.com`,
  };
}
