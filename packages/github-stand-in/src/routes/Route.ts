import type { Caller } from '../authenticate';
import type { Repository } from '../git/Repository';
import { type Answer, Refusal } from '../http/answers';
import type { Places } from '../present/accounts';
import type { PullRequests } from '../PullRequests';
import type { Permissions, State } from '../state';
import type { Webhooks } from '../Webhooks';

/** What handlers work with. */
export interface World {
  state: State;
  git: Repository;
  pulls: PullRequests;
  webhooks: Webhooks;
  places: Places;
  settings: { installationTokenMillis: number };
}

export interface Call {
  caller: Caller;
  /** From the path, by their names in GitHub's description. */
  params: Record<string, string>;
  query: URLSearchParams;
  body: Record<string, unknown>;
}

export interface Route {
  method: string;
  /** As in GitHub's description. */
  template: string;
  /** What an App has to be allowed; people may do what they like. */
  needs?: Permissions;
  /** Answers to the App itself. */
  forApp?: boolean;
  handle(world: World, call: Call): Promise<Answer> | Answer;
}

/** Login of whoever acts. */
export function actorOf({ caller }: Call): string {
  if (caller.kind === 'app') {
    throw new Refusal(401, 'Bad credentials');
  }
  return caller.login;
}

/** Part of a list that a query asks for, with the link to the next one. */
export function pageOf<T>(
  items: T[],
  { query }: Call,
  url: string,
): { items: T[]; headers: Record<string, string> } {
  const size = Math.min(Number(query.get('per_page') ?? 30), 100);
  const page = Math.max(Number(query.get('page') ?? 1), 1);
  const end = page * size;
  const next = new URLSearchParams(query);
  next.set('page', String(page + 1));
  return {
    items: items.slice(end - size, end),
    headers: end < items.length ? { link: `<${url}?${next}>; rel="next"` } : {},
  };
}
