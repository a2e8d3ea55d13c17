// @ts-check
import path from 'node:path';
import { ensurePackageFiles } from './packageFiles.mjs';

const FILE = 'package/generated/api.github.com.json';

/**
 * GitHub's own description of its API, which the stand-in for GitHub is held against. The package
 * that has it is 385 MB when it is installed, so that only the one file is taken out of it.
 *
 * @returns {Promise<string>} path of the OpenAPI document
 */
export async function ensureGitHubDescription() {
  const folder = await ensurePackageFiles({
    name: '@octokit/openapi',
    version: '23.0.2',
    files: [FILE],
    what: "GitHub's description of its API",
    cache: 'github-openapi',
  });
  return path.join(folder, path.basename(FILE));
}
