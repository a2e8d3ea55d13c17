// @ts-check
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../lib/paths.mjs';

/**
 * The workspaces that are published.
 *
 * @returns {{ name: string, directory: string, manifest: any }[]} `directory` is an absolute path
 */
export function publicPackages() {
  return ['packages', 'plugins']
    .flatMap(folder =>
      readdirSync(path.join(root, folder)).map(name =>
        path.join(root, folder, name),
      ),
    )
    .filter(directory => existsSync(path.join(directory, 'package.json')))
    .map(directory => {
      const manifest = JSON.parse(
        readFileSync(path.join(directory, 'package.json'), 'utf8'),
      );
      return { name: manifest.name, directory, manifest };
    })
    .filter(({ manifest }) => !manifest.private);
}

/**
 * Name of a package's tarball, as the installers of npm and Yarn like it.
 *
 * @param {string} name - of the package, e.g. `@greenroom/ai-node`
 */
export function tarballName(name) {
  return `${name.replace('@', '').replace('/', '-')}.tgz`;
}
