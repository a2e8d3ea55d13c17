import { notFound } from '../http/answers';
import {
  presentComment,
  presentLabel,
  presentPull,
  presentReview,
  presentWholePull,
} from '../present/pulls';
import { repositoryUrl } from '../present/repository';
import type { MergeMethod } from '../PullRequests';
import type { Pull } from '../state';
import { actorOf, type Call, pageOf, type Route, type World } from './Route';

function pullOf({ state }: World, { params }: Call): Pull {
  const number = Number(params.pull_number ?? params.issue_number);
  const pull = state.pulls.get(number);
  if (!pull) throw notFound();
  return pull;
}

async function whole(world: World, pull: Pull) {
  const { git, state, places } = world;
  const base = await git.mergeBase(pull.base, pull.head);
  const [commits, files] = await Promise.all([
    git.between(base, pull.head),
    git.changedFiles(base, pull.head),
  ]);
  const counts = { commits: commits.length, changedFiles: files.length };
  return presentWholePull(state, pull, counts, places);
}

/** Pull requests, what is said about them, and merging. */
export const pullRoutes: Route[] = [
  {
    method: 'GET',
    template: '/repos/{owner}/{repo}/pulls',
    needs: { pull_requests: 'read' },
    handle: (world, call) => {
      const { state, places } = world;
      const wanted = call.query.get('state') ?? 'open';
      const head = call.query.get('head');
      const base = call.query.get('base');
      const byUpdate = call.query.get('sort') === 'updated';
      const found = [...state.pulls.values()]
        .filter(
          pull =>
            (wanted === 'all' || pull.state === wanted) &&
            (head === null ||
              head === `${pull.fork ?? state.owner}:${pull.branch}`) &&
            (base === null || base === pull.into),
        )
        .sort((a, b) => b.number - a.number);
      if (byUpdate) {
        found.sort((a, b) => b.updatedAt.localeCompare(a.updatedAt));
      }
      if (call.query.get('direction') === 'asc') found.reverse();
      const url = `${repositoryUrl(state, places)}/pulls`;
      const { items, headers } = pageOf(found, call, url);
      const body = items.map(pull => presentPull(state, pull, places));
      return { status: 200, body, headers };
    },
  },
  {
    method: 'POST',
    template: '/repos/{owner}/{repo}/pulls',
    needs: { pull_requests: 'write' },
    handle: async (world, call) => {
      const { title, body, head, base } = call.body;
      const pull = await world.pulls.open({
        title: String(title),
        body: body === undefined ? null : String(body),
        branch: String(head).split(':').at(-1)!,
        base: String(base),
        author: actorOf(call),
      });
      return { status: 201, body: await whole(world, pull) };
    },
  },
  {
    method: 'GET',
    template: '/repos/{owner}/{repo}/pulls/{pull_number}',
    needs: { pull_requests: 'read' },
    handle: async (world, call) => ({
      status: 200,
      body: await whole(world, pullOf(world, call)),
    }),
  },
  {
    method: 'PATCH',
    template: '/repos/{owner}/{repo}/pulls/{pull_number}',
    needs: { pull_requests: 'write' },
    handle: async (world, call) => {
      const pull = pullOf(world, call);
      const { title, body, state } = call.body as {
        title?: string;
        body?: string;
        state?: string;
      };
      if (title !== undefined || body !== undefined) {
        world.pulls.edit(pull, { title, body, by: actorOf(call) });
      }
      if (state === 'closed') world.pulls.close(pull);
      return { status: 200, body: await whole(world, pull) };
    },
  },
  {
    method: 'PUT',
    template: '/repos/{owner}/{repo}/pulls/{pull_number}/merge',
    needs: { contents: 'write' },
    handle: async (world, call) => {
      const { sha, merge_method, commit_title, commit_message } =
        call.body as Record<string, string | undefined>;
      const commit = await world.pulls.merge(pullOf(world, call), {
        by: actorOf(call),
        sha,
        method: (merge_method ?? 'merge') as MergeMethod,
        title: commit_title,
        message: commit_message,
      });
      const message = 'Pull Request successfully merged';
      return { status: 200, body: { sha: commit, merged: true, message } };
    },
  },
  {
    method: 'GET',
    template: '/repos/{owner}/{repo}/pulls/{pull_number}/reviews',
    needs: { pull_requests: 'read' },
    handle: (world, call) => {
      const { state, places } = world;
      const pull = pullOf(world, call);
      const url = `${repositoryUrl(state, places)}/pulls/${
        pull.number
      }/reviews`;
      const { items, headers } = pageOf(pull.reviews, call, url);
      const body = items.map(one => presentReview(state, pull, one, places));
      return { status: 200, body, headers };
    },
  },
  {
    method: 'GET',
    template: '/repos/{owner}/{repo}/issues/{issue_number}/comments',
    needs: { pull_requests: 'read' },
    handle: (world, call) => {
      const { state, places } = world;
      const pull = pullOf(world, call);
      const url = `${repositoryUrl(state, places)}/issues/${
        pull.number
      }/comments`;
      const { items, headers } = pageOf(pull.comments, call, url);
      const body = items.map(one => presentComment(state, pull, one, places));
      return { status: 200, body, headers };
    },
  },
  {
    method: 'POST',
    template: '/repos/{owner}/{repo}/issues/{issue_number}/comments',
    needs: { pull_requests: 'write' },
    handle: (world, call) => {
      const { state, places } = world;
      const pull = pullOf(world, call);
      const comment = world.pulls.comment(pull, {
        author: actorOf(call),
        body: String(call.body.body),
      });
      return {
        status: 201,
        body: presentComment(state, pull, comment, places),
      };
    },
  },
  {
    method: 'POST',
    template: '/repos/{owner}/{repo}/issues/{issue_number}/labels',
    needs: { pull_requests: 'write' },
    handle: (world, call) => {
      const { state, places } = world;
      const pull = pullOf(world, call);
      const { labels } = call.body as { labels?: string[] };
      world.pulls.label(pull, labels ?? []);
      return {
        status: 200,
        body: pull.labels.map(name => presentLabel(state, name, places)),
      };
    },
  },
  {
    method: 'GET',
    template: '/repos/{owner}/{repo}/commits/{commit_sha}/pulls',
    needs: { pull_requests: 'read' },
    handle: async (world, call) => {
      const { state, places, git } = world;
      const commit = call.params.commit_sha;
      if (!(await git.exists(commit))) throw notFound();
      const found: Pull[] = [];
      for (const pull of state.pulls.values()) {
        const isItsOwn =
          pull.mergeCommit === commit ||
          ((await git.isAncestor(commit, pull.head)) &&
            !(await git.isAncestor(commit, pull.base)));
        if (isItsOwn) found.push(pull);
      }
      const url = `${repositoryUrl(state, places)}/commits/${commit}/pulls`;
      const { items, headers } = pageOf(found, call, url);
      const body = items.map(pull => presentPull(state, pull, places));
      return { status: 200, body, headers };
    },
  },
];
