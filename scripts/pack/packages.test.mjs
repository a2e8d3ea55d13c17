// @ts-check
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { root } from '../lib/paths.mjs';
import { publicPackages } from './publicPackages.mjs';

const LICENSE = readFileSync(path.join(root, 'LICENSE'), 'utf8');

for (const { name, directory, manifest } of publicPackages()) {
  const read = file => readFileSync(path.join(directory, file), 'utf8');

  test(`${name} can be published`, () => {
    assert.equal(read('LICENSE'), LICENSE);
    assert.equal(manifest.license, 'Apache-2.0');
    assert.equal(manifest.repository.directory, path.relative(root, directory));
    assert.equal(
      manifest.configSchema,
      existsSync(path.join(directory, 'config.d.ts'))
        ? 'config.d.ts'
        : undefined,
    );
    for (const file of [
      manifest.configSchema,
      ...Object.values(manifest.bin ?? {}),
    ]) {
      if (file) assert.ok(isPacked(manifest, file), `${file} is not packed`);
    }
  });

  test(`links in the README of ${name} work outside the repository`, () => {
    const links = [...read('README.md').matchAll(/\]\(([^)\s]+)\)/g)].map(
      ([, target]) => target,
    );
    for (const link of links) {
      if (/^(https?:|#)/.test(link)) continue;
      const file = path.normalize(link.replace(/#.*/, ''));
      // Packing makes JSON of it.
      assert.notEqual(file, 'config.d.ts');
      assert.ok(
        existsSync(path.join(directory, file)) && isPacked(manifest, file),
        `${link} leads to something that is not in the package: use the address in the repository`,
      );
    }
  });
}

test('all packages have one version', () => {
  const versions = new Set(publicPackages().map(p => p.manifest.version));
  assert.equal(versions.size, 1);
});

test('changesets are about packages that are published, and say something', () => {
  const names = new Set(publicPackages().map(({ name }) => name));
  const folder = path.join(root, '.changeset');
  const changesets = readdirSync(folder).filter(
    file => file.endsWith('.md') && file !== 'README.md',
  );
  for (const file of changesets) {
    const [, about = '', text = ''] =
      readFileSync(path.join(folder, file), 'utf8').match(
        /^---\n([\s\S]*?)\n---\n([\s\S]*)$/,
      ) ?? [];
    const releases = Object.entries(parse(about) ?? {});
    assert.ok(releases.length > 0, `${file} names no package`);
    for (const [name, size] of releases) {
      assert.ok(names.has(name), `${file}: ${name}`);
      assert.match(size, /^(patch|minor|major)$/, file);
    }
    assert.ok(text.trim().length > 20, `${file} says nothing`);
  }
});

/** Whether `files` of package.json names it, or a folder or pattern that it is in. */
function isPacked({ files }, file) {
  return files.some(pattern => {
    const wanted = pattern.replace(/\/?\*\*?.*$/, '');
    const relative = path.relative(wanted, path.normalize(file));
    return relative === '' || !relative.startsWith('..');
  });
}
