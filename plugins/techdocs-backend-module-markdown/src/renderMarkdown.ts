import path from 'node:path';
import MarkdownIt from 'markdown-it';
import { locationOf } from './site';

export interface RenderedPage {
  /** The first heading, or the file's name. */
  title: string;
  html: string;
  /** Second-level headings, for the table of contents. */
  sections: { id: string; title: string }[];
  /** Words of the page, for search. */
  text: string;
}

export interface RenderOptions {
  /** Markdown file below the documentation's folder. */
  file: string;
  /** Pages of the site, to tell links between pages from others. */
  pages: Set<string>;
  /** URL of a file of the repository that is no page; undefined when there is no such URL. */
  repositoryUrl(file: string): string | undefined;
}

/** Renders a page; links to other pages and files are turned into those of the generated site. */
export function renderMarkdown(
  source: string,
  options: RenderOptions,
): RenderedPage {
  const markdown = new MarkdownIt({ linkify: true, html: false });
  const tokens = markdown.parse(stripFrontMatter(source), {});
  const page: RenderedPage = {
    title: path.basename(options.file, '.md'),
    html: '',
    sections: [],
    text: '',
  };
  const usedIds = new Set<string>();

  tokens.forEach((token, index) => {
    if (token.type === 'heading_open') {
      const title = plainText(tokens[index + 1].children ?? []);
      const id = uniqueSlug(title, usedIds);
      token.attrSet('id', id);
      if (token.tag === 'h1') page.title = title;
      if (token.tag === 'h2') page.sections.push({ id, title });
    }
    for (const child of token.children ?? []) {
      if (child.type === 'link_open') {
        child.attrSet(
          'href',
          resolveLink(child.attrGet('href') ?? '', options),
        );
      } else if (child.type === 'image') {
        child.attrSet(
          'src',
          relativeTo(options.file, child.attrGet('src') ?? ''),
        );
      }
    }
    if (token.type === 'inline') {
      page.text += `${plainText(token.children ?? [])} `;
    }
  });
  page.html = markdown.renderer.render(tokens, markdown.options, {});
  return page;
}

function stripFrontMatter(source: string): string {
  return source.replace(/^---\n[\s\S]*?\n---\n/, '');
}

function plainText(children: { content: string }[]): string {
  return children.map(child => child.content).join('');
}

function uniqueSlug(title: string, used: Set<string>): string {
  const slug = title
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .trim()
    .replace(/\s+/g, '-');
  let id = slug;
  for (let count = 1; used.has(id); count++) id = `${slug}-${count}`;
  used.add(id);
  return id;
}

function resolveLink(href: string, options: RenderOptions): string {
  if (/^(?:[a-z][a-z0-9+.-]*:|#|\/)/i.test(href)) return href;
  const [target, fragment] = href.split('#');
  const suffix = fragment === undefined ? '' : `#${fragment}`;
  const file = path.posix.join(path.posix.dirname(options.file), target);
  if (options.pages.has(file)) {
    return `${relativeLocation(options.file, file)}${suffix}`;
  }
  if (file.startsWith('../') || file.endsWith('.md')) {
    return options.repositoryUrl(file) ?? href;
  }
  return relativeTo(options.file, href);
}

function relativeLocation(from: string, to: string): string {
  const relative = path.posix.relative(
    `/${locationOf(from)}`,
    `/${locationOf(to)}`,
  );
  return relative === '' ? './' : `${relative}/`;
}

/** A page lies in a folder of its own name, one level below its source, unless it is an index. */
function relativeTo(file: string, target: string): string {
  if (/^(?:[a-z][a-z0-9+.-]*:|\/)/i.test(target)) return target;
  const isIndex = /(?:^|\/)(?:index|README)\.md$/.test(file);
  return isIndex ? target : path.posix.join('..', target);
}
