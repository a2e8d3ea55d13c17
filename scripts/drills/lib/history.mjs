// @ts-check
import { execFileSync } from 'node:child_process';
import { parse } from 'yaml';

/** Versions that production's alias pointed at, oldest first. */
export async function aliasHistory(stack, model) {
  const { items } = await stack
    .as('ada')
    .insist(`/ai-registry/models/${model}/alias-history?limit=200`);
  return items
    .filter(({ alias }) => alias === 'production')
    .map(({ version }) => version)
    .reverse();
}

/** Versions that the manifest named on main's own line of history, oldest first, without repetition. */
export async function gitHistory(stack, model) {
  const file = `environments/production/models/${model}.yaml`;
  const git = (...args) =>
    execFileSync(
      'git',
      [`--git-dir=${stack.environmentsRepository}`, ...args],
      {
        encoding: 'utf8',
      },
    );
  const commits = git(
    'log',
    '--first-parent',
    '--reverse',
    '--format=%H',
    'main',
    '--',
    file,
  )
    .split('\n')
    .filter(Boolean);
  return commits
    .map(commit => parse(git('show', `${commit}:${file}`)).spec.version)
    .filter((version, index, all) => version !== all[index - 1]);
}
