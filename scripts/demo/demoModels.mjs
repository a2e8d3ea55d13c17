// @ts-check
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../lib/paths.mjs';

/** The models of the demo, as the registry's `NewModel`; their versions are in `examples/<name>/models`. */
export const demoModels = [
  {
    name: 'digits',
    title: 'Handwritten digits',
    description:
      'Reads a handwritten digit from a grey image of 8 x 8 pixels. Trained by examples/digits/train.py.',
    task: 'classification',
    owner: 'group:default/vision-team',
    system: 'system:default/ai-demo',
    tags: { domain: 'vision', demo: 'true' },
  },
  {
    name: 'diabetes',
    title: 'Diabetes progression',
    description:
      'Estimates how far diabetes will have progressed one year after ten measurements of a patient. Trained by examples/diabetes/train.py. A teaching example, not a medical device.',
    task: 'regression',
    owner: 'group:default/health-team',
    system: 'system:default/ai-demo',
    tags: { domain: 'health', demo: 'true' },
  },
];

export const VERSIONS = [1, 2];

/**
 * Reads one committed version.
 *
 * @returns {{ artifact: Buffer, digest: string, body: object }} the ONNX file, its content
 *   address, and the registry's `NewVersion`.
 */
export function readVersion(model, version) {
  const folder = path.join(root, 'examples', model, 'models');
  const artifact = readFileSync(path.join(folder, `v${version}.onnx`));
  const digest = `sha256:${createHash('sha256')
    .update(artifact)
    .digest('hex')}`;
  const body = JSON.parse(
    readFileSync(path.join(folder, `v${version}.json`), 'utf8'),
  );
  const source = { ...body.source, ...readGitSource(`examples/${model}`) };
  return { artifact, digest, body: { ...body, digest, source } };
}

/** Repository and last commit of a folder; empty for a copy of the files without Git. */
function readGitSource(folder) {
  const repository = withoutCredentials(git('remote', 'get-url', 'origin'));
  const commit = git('log', '-1', '--format=%H', '--', folder);
  return { ...(repository && { repository }), ...(commit && { commit }) };
}

function git(...args) {
  try {
    return execFileSync('git', args, {
      cwd: root,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return undefined;
  }
}

/** Undefined for anything that is no http(s) address: other people could not open it. */
function withoutCredentials(address) {
  if (!address || !/^https?:/.test(address)) return undefined;
  const url = new URL(address);
  url.username = '';
  url.password = '';
  return url.href;
}
