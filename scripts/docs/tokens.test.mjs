// @ts-check
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { pages, readPage } from './pages.mjs';

/** Asked about nothing in particular, such as what is not there yet: it cannot be for one thing only. */
const ABOUT_NOTHING = [
  'ai-registry.model.create',
  'ai-inference.deployment.read',
];

/** Tokens in the settings that pages show, whatever they are nested in. */
function tokensOf(markdown) {
  return [...markdown.matchAll(/^( *)```yaml\n([\s\S]*?)^ *```$/gm)]
    .map(([, indent, code]) =>
      code.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
    )
    .flatMap(code => findTokens(parse(code)));
}

function findTokens(value) {
  if (typeof value !== 'object' || value === null) return [];
  const found = Object.values(value).flatMap(findTokens);
  return 'options' in value && 'type' in value ? [value, ...found] : found;
}

test('a token that a page shows has scopes, each for something', () => {
  const shown = pages.flatMap(page =>
    tokensOf(readPage(page)).map(token => ({ page, token })),
  );
  assert.ok(shown.length >= 5, `${shown.length} were found`);
  for (const { page, token } of shown) {
    assert.equal(token.type, 'greenroom', page);
    // Those that the portal issues get their scopes there.
    if (token.options.from === 'portal') continue;
    for (const { permission, on } of token.options.scopes) {
      const where = `${page}, ${token.options.name}: ${permission}`;
      if (ABOUT_NOTHING.includes(permission)) continue;
      assert.ok(on, `${where} is for everything`);
      assert.ok(![on].flat().includes('*/*'), `${where} is for everything`);
    }
  }
});
