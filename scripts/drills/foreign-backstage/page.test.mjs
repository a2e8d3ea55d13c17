// @ts-check
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { publicPackages } from '../../pack/publicPackages.mjs';
import {
  applyChange,
  mergeSettings,
  OLD_SYSTEM_SECTION,
  PAGE,
  readSteps,
} from './page.mjs';

const TEXT = readFileSync(PAGE, 'utf8');
const packages = publicPackages();

test('every code block of the page can be followed', () => {
  const steps = [...readSteps(TEXT).values()].flat();
  assert.ok(steps.length >= 8);
  assert.equal(
    steps.filter(step => step.kind === 'commands' && step.staysRunning).length,
    2,
  );
});

test('apps of the old frontend system mount every page and card there is', () => {
  const changes = (readSteps(TEXT).get(OLD_SYSTEM_SECTION) ?? [])
    .map(step => (step.kind === 'change' ? step.after : ''))
    .join('\n');
  for (const { name, directory, manifest } of packages) {
    if (!manifest.exports?.['./legacy'] || !name.includes('/plugin-')) continue;
    const entry = path.join(directory, manifest.exports['./legacy']);
    const mountable = [
      ...readFileSync(entry, 'utf8').matchAll(
        /^export const ((?:Ai|Entity)\w+)/gm,
      ),
    ].map(([, component]) => component);
    assert.ok(mountable.length >= 1, name);
    for (const component of mountable) {
      assert.match(changes, new RegExp(`<${component}\\b`));
    }
  }
});

test('what the page installs and adds is published', () => {
  const names = new Set(packages.map(({ name }) => name));
  const mentioned = new Set(TEXT.match(/@greenroom\/[\w-]+/g));
  assert.ok(mentioned.size >= 10);
  for (const name of mentioned) assert.ok(names.has(name), name);
});

test('the page gives tokens no more than a data plane and a CI need', () => {
  const [{ settings }] = /** @type {any} */ (
    readSteps(TEXT).get('Configure it')
  );
  for (const { type, options } of settings.backend.auth.externalAccess) {
    assert.equal(type, 'greenroom');
    for (const { permission, on } of options.scopes) {
      assert.notEqual(on, '*/*');
      // Registering a model is the one thing that is about none that is there.
      if (permission !== 'ai-registry.model.create') assert.ok(on, permission);
    }
  }
});

for (const { name, manifest } of packages) {
  test(`all that ${name} needs of Greenroom is published with it`, () => {
    const { dependencies = {}, peerDependencies = {} } = manifest;
    for (const [needed, range] of Object.entries({
      ...dependencies,
      ...peerDependencies,
    })) {
      if (!needed.startsWith('@greenroom/')) continue;
      assert.ok(
        packages.some(one => one.name === needed),
        `${needed} is private`,
      );
      assert.equal(range, 'workspace:^', needed);
    }
  });
}

test('reads commands, changes and settings below their headings', () => {
  const steps = readSteps(
    [
      '# Title',
      '## First',
      '```sh',
      'mkdir x && cd x',
      'A=1 \\',
      '  npx greenroom-data-plane',
      '```',
      '```yaml',
      '# app-config.yaml',
      'a: { b: [1] }',
      '```',
      '## Second',
      '```diff',
      ' // src/index.ts',
      ' one',
      '-two',
      '+three',
      '```',
      '',
    ].join('\n'),
  );
  const [commands, settings] = steps.get('First') ?? [];
  assert.equal(commands.kind === 'commands' && commands.staysRunning, true);
  assert.deepEqual(settings, {
    kind: 'settings',
    file: 'app-config.yaml',
    settings: { a: { b: [1] } },
  });
  assert.deepEqual(steps.get('Second'), [
    {
      kind: 'change',
      file: 'src/index.ts',
      before: 'one\ntwo',
      after: 'one\nthree',
    },
  ]);
});

test('refuses a block that does not say what it is about', () => {
  const block = (language, line) =>
    `## Steps\n\`\`\`${language}\n${line}\n\`\`\`\n`;
  assert.throws(() => readSteps(block('yaml', 'a: 1')), /The first line/);
  assert.throws(() => readSteps(block('ts', 'a()')), /says nothing/);
});

test('changes a file only where it holds what the page shows', () => {
  const change = { file: 'a.ts', before: 'one\ntwo', after: 'one\nthree' };
  assert.equal(applyChange('zero\none\ntwo\n', change), 'zero\none\nthree\n');
  assert.throws(() => applyChange('one\n', change), /holds it 0 times/);
});

test('merges settings as a person does', () => {
  assert.deepEqual(
    mergeSettings(
      { a: { list: [1], text: 'old' }, kept: true },
      { a: { list: [2], text: { now: 'an object' } } },
    ),
    { a: { list: [1, 2], text: { now: 'an object' } }, kept: true },
  );
});
