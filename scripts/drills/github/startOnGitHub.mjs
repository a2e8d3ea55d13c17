// @ts-check
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { dataDirectory } from '../../lib/paths.mjs';
import { startGitHub } from '../../lib/githubStandIn.mjs';

/** As short as it may be: what a webhook did not tell is seen after so long. */
export const SWEEP_SECONDS = 5;

/** Starts the stand-in for GitHub, and has control planes that are started from now on use it. */
export async function startOnGitHub() {
  const directory = path.join(dataDirectory, 'github');
  mkdirSync(directory, { recursive: true });
  const { github, integration } = await startGitHub(directory);
  // Also what main was before somebody moved it by force.
  execFileSync('git', [
    `--git-dir=${github.git.directory}`,
    ...['config', 'core.logAllRefUpdates', 'always'],
  ]);
  process.env.APP_CONFIG_integrations_github = JSON.stringify([integration]);
  process.env.APP_CONFIG_aiRegistry_environments_repository = JSON.stringify(
    github.repositoryUrl,
  );
  process.env.APP_CONFIG_aiRegistry_environments_github = JSON.stringify({
    sweepSeconds: SWEEP_SECONDS,
  });
  return github;
}
