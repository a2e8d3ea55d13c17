import { InputError } from '@backstage/errors';
import { parse } from 'yaml';

/** The parts of an `mkdocs.yml` that are understood. */
export interface Site {
  name: string;
  description?: string;
  /** Folder of the Markdown files, below the folder of `mkdocs.yml`. */
  docsDirectory: string;
  /** Where links that leave the documentation lead. */
  repositoryUrl?: string;
  navigation: NavigationItem[];
}

/** A page, or a named group of them. */
export type NavigationItem =
  | { title?: string; file: string }
  | { title: string; children: NavigationItem[] };

/**
 * @param text - content of `mkdocs.yml`
 * @param files - Markdown files of the documentation, for sites without a `nav`
 * @throws InputError naming the key that is wrong
 */
export function parseSite(text: string, files: string[]): Site {
  const config: unknown = parse(text);
  if (!isRecord(config)) {
    throw new InputError('mkdocs.yml: expected a mapping with `site_name`');
  }
  return {
    name: readText(config, 'site_name') ?? 'Documentation',
    description: readText(config, 'site_description'),
    docsDirectory: readText(config, 'docs_dir') ?? 'docs',
    repositoryUrl: readText(config, 'repo_url')?.replace(/\/$/, ''),
    navigation: config.nav
      ? parseNavigation(config.nav)
      : files.map(file => ({ file })),
  };
}

function parseNavigation(nav: unknown): NavigationItem[] {
  if (!Array.isArray(nav)) {
    throw new InputError('mkdocs.yml: `nav` must be a list');
  }
  return nav.map(entry => {
    if (typeof entry === 'string') return { file: entry };
    const [title, value] = isRecord(entry) ? Object.entries(entry)[0] : [];
    if (title === undefined) {
      throw new InputError(
        'mkdocs.yml: an entry of `nav` must be a file, `Title: file` or `Title: [entries]`',
      );
    }
    return typeof value === 'string'
      ? { title, file: value }
      : { title, children: parseNavigation(value) };
  });
}

/** Pages of a navigation in reading order. */
export function pagesOf(items: NavigationItem[]): string[] {
  return items.flatMap(item =>
    'file' in item ? [item.file] : pagesOf(item.children),
  );
}

/** Folder URL of a page, relative to the site: `how-to/x.md` is at `how-to/x/`, `index.md` at ``. */
export function locationOf(file: string): string {
  return file
    .replace(/(?:^|(?<=\/))(?:index|README)\.md$/, '')
    .replace(/\.md$/, '/');
}

function readText(
  config: Record<string, unknown>,
  key: string,
): string | undefined {
  const value = config[key];
  if (value !== undefined && typeof value !== 'string') {
    throw new InputError(`mkdocs.yml: \`${key}\` must be text`);
  }
  return value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
