// @ts-check
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { root } from '../lib/paths.mjs';
import { pages, readPage } from './pages.mjs';

/** Targets of Markdown links and images, without those in code. */
function linksOf(markdown) {
  const prose = markdown
    .replace(/^```[\s\S]*?^```/gm, '')
    .replace(/`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(match => match[1]);
}

/** What a heading is called in a link, as GitHub and TechDocs do it. */
function anchorsOf(markdown) {
  return [...markdown.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{Letter}\p{Number} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

test('links between pages, and to files and headings, lead somewhere', () => {
  const broken = [];
  for (const page of pages) {
    for (const link of linksOf(readPage(page))) {
      if (/^[a-z]+:/.test(link)) continue;
      const [file, anchor] = link.split('#');
      const target = path.join(file ? path.dirname(page) : '', file || page);
      if (!existsSync(path.join(root, target))) {
        broken.push(`${page}: ${link}`);
      } else if (anchor && !anchorsOf(readPage(target)).includes(anchor)) {
        broken.push(`${page}: ${link} (no such heading)`);
      }
    }
  }
  assert.deepEqual(broken, []);
});

test('no page has two headings of one name, of which a link reaches the first alone', () => {
  const twice = pages.flatMap(page => {
    const prose = readPage(page).replace(/^ *```[\s\S]*?^ *```$/gm, '');
    const anchors = anchorsOf(prose);
    return anchors
      .filter((anchor, index) => anchors.indexOf(anchor) !== index)
      .map(anchor => `${page}: ${anchor}`);
  });
  assert.deepEqual(twice, []);
});

test('every page of docs/ is in the navigation, and every entry is a page', () => {
  const listed = [...readPage('mkdocs.yml').matchAll(/([\w./-]+\.md)$/gm)].map(
    ([, file]) => file,
  );
  const found = pages
    .filter(file => file.startsWith(`docs${path.sep}`))
    .map(file => path.relative('docs', file).replaceAll(path.sep, '/'))
    .filter(file => file !== 'adr/template.md');
  assert.deepEqual(found.sort(), listed.sort());
});

test('the example files that CONTRIBUTING.md names exist', () => {
  const paths = [
    ...readPage('CONTRIBUTING.md').matchAll(
      /`((?:plugins|packages|examples|docs)\/[\w./-]+)`/g,
    ),
  ].map(([, file]) => file);
  assert.ok(paths.length > 10);
  assert.deepEqual(
    paths.filter(file => !existsSync(path.join(root, file))),
    [],
  );
});
