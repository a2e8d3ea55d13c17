import fs from 'node:fs/promises';
import path from 'node:path';
import {
  createMockDirectory,
  mockServices,
} from '@backstage/backend-test-utils';
import { MarkdownGenerator } from './MarkdownGenerator';
import { stylesheet } from './stylesheet';

const input = createMockDirectory();
const output = createMockDirectory();

const generate = () =>
  new MarkdownGenerator().run({
    inputDir: input.path,
    outputDir: output.path,
    etag: 'abc',
    // TechDocs types this as a winston logger; the generator does not log.
    logger: mockServices.logger.mock() as never,
  });

const read = (file: string) =>
  fs.readFile(path.join(output.path, file), 'utf8');

/** What the stylesheet says of exactly this selector. */
function declarationsOf(selector: string): Record<string, string> {
  const line = stylesheet
    .split('\n')
    .find(rule => rule.startsWith(`${selector} {`));
  const declarations = line?.match(/\{(.*)\}/)?.[1].split(';') ?? [];
  return Object.fromEntries(
    declarations
      .map(declaration => declaration.split(':').map(part => part.trim()))
      .filter(([property]) => property),
  );
}

describe('MarkdownGenerator', () => {
  beforeEach(() => {
    input.clear();
    output.clear();
  });

  it('renders the pages of the navigation into folders, with working links between them', async () => {
    input.setContent({
      'mkdocs.yml': `
site_name: Handbook
repo_url: https://example.com/repo/
nav:
  - index.md
  - Guides:
      - Write: how-to/write.md
`,
      docs: {
        'index.md':
          '# Welcome\n\nSee [writing](how-to/write.md#begin) and ![a picture](images/a.png).',
        'how-to/write.md':
          '# How to write\n\n## Begin\n\n[Home](../index.md), [code](../../src/x.ts), [self](#begin), <script>x</script>\n\n## End\n\n![a picture](../images/a.png)',
        'images/a.png': 'png',
      },
    });
    await generate();

    const home = await read('index.html');
    expect(home).toContain('<h1 id="welcome">Welcome</h1>');
    // The portal's page around it is the main landmark already.
    expect(home).not.toContain('<main');
    expect(home).toContain('href="how-to/write/#begin"');
    expect(home).toContain('src="images/a.png"');
    expect(home).toContain('href="./how-to/write/">Write</a>');

    const page = await read('how-to/write/index.html');
    expect(page).toContain('href="../../">Home</a>');
    expect(page).toContain(
      'href="https://example.com/repo/blob/main/src/x.ts"',
    );
    expect(page).toContain('href="#begin">self</a>');
    expect(page).toContain('src="../../images/a.png"');
    expect(page).toContain('&lt;script&gt;');
    expect(page).toContain('md-nav__item--active');
    expect(page).toContain('<h2 id="end">End</h2>');

    await expect(read('images/a.png')).resolves.toBe('png');
  });

  it("gives the stylesheet a name that the reader's sanitizer keeps", async () => {
    input.setContent({ docs: { 'how-to': { 'write.md': '# Write' } } });
    await generate();
    const page = await read('how-to/write/index.html');
    const [, href] = page.match(/<link rel="stylesheet" href="([^"]+)">/) ?? [];
    expect(href).toMatch(/main\.[A-Fa-f0-9]{8}\.min\.css$/);
    const file = path.posix.join('how-to/write', href);
    await expect(read(file)).resolves.toContain('.md-typeset');
  });

  it('keeps a copy button in the corner of its block, also of one that scrolls', async () => {
    // The reader puts the button into `pre`, with `position: absolute`.
    expect(declarationsOf('.md-typeset pre')).toMatchObject({
      position: 'relative',
    });
    expect(declarationsOf('.md-typeset pre')).not.toHaveProperty('overflow-x');
    expect(declarationsOf('.md-typeset pre > code')).toMatchObject({
      'overflow-x': 'auto',
    });
  });

  it('writes what search and the reader need', async () => {
    input.setContent({
      'mkdocs.yml': 'site_name: Handbook\nsite_description: All of it',
      docs: { 'index.md': '# Welcome\n\nSome `words`.' },
    });
    await generate();
    const { docs } = JSON.parse(await read('search/search_index.json'));
    expect(docs).toEqual([
      { location: '', title: 'Welcome', text: 'Welcome Some words.' },
    ]);
    expect(JSON.parse(await read('techdocs_metadata.json'))).toMatchObject({
      site_name: 'Handbook',
      site_description: 'All of it',
      etag: 'abc',
      files: expect.arrayContaining(['index.html']),
    });
  });

  it('names the page of the navigation that is missing', async () => {
    input.setContent({
      'mkdocs.yml': 'site_name: Handbook\nnav: [gone.md]',
      docs: { 'index.md': '# Welcome' },
    });
    await expect(generate()).rejects.toThrow(
      'mkdocs.yml: `nav` names gone.md, which is not in docs/',
    );
  });

  it.each([
    ['site_name: [1]', '`site_name` must be text'],
    ['site_name: x\nnav: {}', '`nav` must be a list'],
    ['site_name: x\nnav: [3]', 'an entry of `nav` must be'],
    ['site_name: x\ndocs_dir: other', 'does not exist'],
  ])('refuses %j', async (config, message) => {
    input.setContent({ 'mkdocs.yml': config, docs: { 'index.md': '# x' } });
    await expect(generate()).rejects.toThrow(message);
  });
});
