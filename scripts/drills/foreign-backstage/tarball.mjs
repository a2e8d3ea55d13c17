// @ts-check
import { execFileSync } from 'node:child_process';

/** The package.json in a tarball. */
export function manifestOf(file) {
  return JSON.parse(readFromTarball(file, 'package/package.json'));
}

/**
 * What a package's manifest or README names, or everybody wants, and its tarball does not have.
 *
 * @param {string} file - the tarball
 */
export function missingEntries(file) {
  const { main, types, exports, bin, configSchema } = manifestOf(file);
  const files = filesOf(file);
  // Others are no paths: Backstage notes there what kind of feature an entry is.
  const paths = stringsIn(exports).filter(entry => entry.startsWith('./'));
  return [
    'LICENSE',
    'README.md',
    main,
    types,
    configSchema,
    ...paths,
    ...stringsIn(bin),
    ...linksOf(readFromTarball(file, 'package/README.md')),
  ]
    .filter(Boolean)
    .map(entry => entry.replace(/^\.\//, ''))
    .filter(entry => !files.includes(entry));
}

/** Files that a README leads to. */
function linksOf(markdown) {
  return [...markdown.matchAll(/\]\(([^)\s#]+)[^)\s]*\)/g)]
    .map(([, target]) => target)
    .filter(target => !/^[a-z]+:/.test(target));
}

function stringsIn(value) {
  if (typeof value === 'string') return [value];
  return Object.values(value ?? {}).flatMap(stringsIn);
}

/** Paths of all files in a tarball, without the folder that all are in. */
function filesOf(file) {
  return execFileSync('tar', ['-tzf', file], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map(name => name.replace(/^package\//, ''));
}

function readFromTarball(file, name) {
  return execFileSync('tar', ['-xzOf', file, name], {
    encoding: 'utf8',
    maxBuffer: 16 * 1024 ** 2,
  });
}
