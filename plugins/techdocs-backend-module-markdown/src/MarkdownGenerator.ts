import fs from 'node:fs/promises';
import path from 'node:path';
import { NotFoundError } from '@backstage/errors';
import type {
  GeneratorBase,
  GeneratorRunOptions,
} from '@backstage/plugin-techdocs-node';
import { type RenderedPage, renderMarkdown } from './renderMarkdown';
import { renderPage, STYLESHEET } from './renderPage';
import { locationOf, pagesOf, parseSite, type Site } from './site';
import { stylesheet } from './stylesheet';

/**
 * Renders the Markdown of a repository for TechDocs, as MkDocs would, without Python. It understands
 * `site_name`, `site_description`, `docs_dir`, `repo_url` and `nav` of `mkdocs.yml`, and no MkDocs
 * plugins. Raw HTML in a page is shown as text.
 */
export class MarkdownGenerator implements GeneratorBase {
  async run(options: GeneratorRunOptions): Promise<void> {
    const { inputDir, outputDir, etag, siteOptions } = options;
    const { site, docs, files } = await readSite(inputDir, siteOptions?.name);
    const pages = new Map<string, RenderedPage>();
    const markdownFiles = files.filter(file => file.endsWith('.md'));
    for (const file of orderPages(site, markdownFiles)) {
      const source = await fs.readFile(path.join(docs, file), 'utf8');
      pages.set(
        file,
        renderMarkdown(source, {
          file,
          pages: new Set(markdownFiles),
          repositoryUrl: target =>
            site.repositoryUrl &&
            `${site.repositoryUrl}/blob/main/${path.posix.join(
              site.docsDirectory,
              target,
            )}`,
        }),
      );
    }
    await writePages({ site, pages, outputDir });
    for (const file of files.filter(name => !name.endsWith('.md'))) {
      await write(outputDir, file, await fs.readFile(path.join(docs, file)));
    }
    await write(outputDir, STYLESHEET, stylesheet);
    await writeSearchIndex(outputDir, pages);
    await writeMetadata({ outputDir, site, etag });
  }
}

async function readSite(inputDirectory: string, fallbackName?: string) {
  const configFile = path.join(inputDirectory, 'mkdocs.yml');
  const text = await fs.readFile(configFile, 'utf8').catch(error => {
    if (error.code !== 'ENOENT') throw error;
    return `site_name: ${JSON.stringify(fallbackName ?? 'Documentation')}`;
  });
  const { docsDirectory } = parseSite(text, []);
  const docs = path.join(inputDirectory, docsDirectory);
  const files = await listFiles(docs);
  return { site: parseSite(text, files.filter(isMarkdown)), docs, files };
}

function isMarkdown(file: string): boolean {
  return file.endsWith('.md');
}

async function listFiles(folder: string): Promise<string[]> {
  const entries = await fs
    .readdir(folder, { recursive: true, withFileTypes: true })
    .catch(error => {
      throw error.code === 'ENOENT'
        ? new NotFoundError(
            `mkdocs.yml: the folder ${path.basename(
              folder,
            )} of \`docs_dir\` does not exist`,
          )
        : error;
    });
  return entries
    .filter(entry => entry.isFile())
    .map(entry =>
      path
        .relative(folder, path.join(entry.parentPath, entry.name))
        .replaceAll(path.sep, '/'),
    )
    .sort();
}

/** Pages of the navigation first, then those that it does not name; a page that is missing is an error. */
function orderPages(site: Site, files: string[]): string[] {
  const named = pagesOf(site.navigation);
  const missing = named.find(file => !files.includes(file));
  if (missing) {
    throw new NotFoundError(
      `mkdocs.yml: \`nav\` names ${missing}, which is not in ${site.docsDirectory}/`,
    );
  }
  return [...new Set([...named, ...files])];
}

async function writePages(options: {
  site: Site;
  pages: Map<string, RenderedPage>;
  outputDir: string;
}): Promise<void> {
  const { site, pages, outputDir } = options;
  const titles = new Map([...pages].map(([file, page]) => [file, page.title]));
  for (const [file, page] of pages) {
    await write(
      outputDir,
      `${locationOf(file)}index.html`,
      renderPage({ site, file, page, titles }),
    );
  }
}

/** In the form of MkDocs' search plugin, which TechDocs' search collator reads. */
async function writeSearchIndex(
  outputDirectory: string,
  pages: Map<string, RenderedPage>,
): Promise<void> {
  const docs = [...pages].map(([file, { title, text }]) => ({
    location: locationOf(file),
    title,
    text: text.trim(),
  }));
  await write(
    outputDirectory,
    'search/search_index.json',
    JSON.stringify({ config: {}, docs }),
  );
}

async function writeMetadata(options: {
  outputDir: string;
  site: Site;
  etag: string | undefined;
}): Promise<void> {
  const { outputDir, site, etag } = options;
  await write(
    outputDir,
    'techdocs_metadata.json',
    JSON.stringify({
      site_name: site.name,
      site_description: site.description ?? '',
      etag,
      build_timestamp: Date.now(),
      files: await listFiles(outputDir),
    }),
  );
}

async function write(
  folder: string,
  file: string,
  content: string | Uint8Array,
): Promise<void> {
  const target = path.join(folder, file);
  await fs.mkdir(path.dirname(target), { recursive: true });
  await fs.writeFile(target, content);
}
