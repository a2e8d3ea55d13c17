// @ts-check
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from '../lib/paths.mjs';

/** Every page that people read, as a path below the repository's top folder. */
export const pages = [
  ...readdirSync(root),
  ...['packages', 'plugins'].flatMap(folder =>
    readdirSync(path.join(root, folder))
      .map(name => path.join(folder, name, 'README.md'))
      .filter(file => existsSync(path.join(root, file))),
  ),
  ...['docs', 'examples'].flatMap(folder =>
    readdirSync(path.join(root, folder), { recursive: true }).map(file =>
      path.join(folder, String(file)),
    ),
  ),
].filter(file => file.endsWith('.md'));

export const readPage = file => readFileSync(path.join(root, file), 'utf8');
