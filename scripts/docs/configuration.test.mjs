// @ts-check
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import ts from 'typescript';
import { root } from '../lib/paths.mjs';
import { readPage } from './pages.mjs';

/**
 * Names of the settings that a plugin declares below a path of keys.
 *
 * @param {string} plugin - its folder
 * @param {string[]} keys
 */
function settingsOf(plugin, keys) {
  const file = path.join(root, 'plugins', plugin, 'config.d.ts');
  const source = ts.createSourceFile(
    file,
    readFileSync(file, 'utf8'),
    ts.ScriptTarget.Latest,
    true,
  );
  const config = source.statements.find(ts.isInterfaceDeclaration);
  assert.ok(config, `${file} declares no interface`);
  /** @type {readonly ts.TypeElement[]} */
  let members = [...config.members];
  for (const key of keys) {
    const found = members.find(member => member.name?.getText() === key);
    assert.ok(found && ts.isPropertySignature(found) && found.type, key);
    const type = ts.isArrayTypeNode(found.type)
      ? found.type.elementType
      : found.type;
    assert.ok(ts.isTypeLiteralNode(type), `${key} has no settings`);
    members = [...type.members];
  }
  return members.flatMap(member => member.name?.getText() ?? []);
}

/** What the first cells of a page's tables name as code. */
function keysOf(page) {
  return [...readPage(page).matchAll(/^ *\| ([^|]*)\|/gm)].flatMap(([, cell]) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, key]) => key.replace('[]', '')),
  );
}

const names = (keys, setting) =>
  keys.some(key => key === setting || key.startsWith(`${setting}.`));

test('the page about environments has a row for each setting of one', () => {
  const settings = settingsOf('ai-registry-common', [
    'greenroom',
    'environments',
  ]);
  const keys = keysOf('docs/how-to/configure-environments.md');
  assert.ok(settings.length >= 10, `${settings.length} were found`);
  assert.deepEqual(
    settings.filter(setting => !names(keys, setting)),
    [],
  );
});

test('the reference of the configuration has the settings of environments and of promotions', () => {
  const keys = [
    ...readPage('docs/reference/configuration.md').matchAll(/`([^`\n]+)`/g),
  ].map(([, key]) => key.replaceAll('[]', ''));
  const settings = [
    ...settingsOf('ai-registry-common', ['greenroom', 'environments']).map(
      setting => `environments.${setting}`,
    ),
    ...settingsOf('ai-registry-backend', ['aiRegistry', 'promotion']).map(
      setting => `promotion.${setting}`,
    ),
  ];
  assert.deepEqual(
    settings.filter(setting => !names(keys, setting)),
    [],
  );
});
