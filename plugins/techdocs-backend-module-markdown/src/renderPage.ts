import { createHash } from 'node:crypto';
import path from 'node:path';
import type { RenderedPage } from './renderMarkdown';
import { locationOf, type NavigationItem, type Site } from './site';
import { stylesheet } from './stylesheet';

/**
 * TechDocs' reader takes away every stylesheet whose name is not that of MkDocs' main one, `main.`, eight
 * hexadecimal digits and `.min.css`; and a page without a stylesheet never appears.
 */
export const STYLESHEET = `assets/stylesheets/main.${createHash('sha256')
  .update(stylesheet)
  .digest('hex')
  .slice(0, 8)}.min.css`;

/**
 * A whole page in the structure that TechDocs' reader expects of MkDocs with the Material theme: it
 * finds the navigation, the article and the table of contents by these class names.
 */
export function renderPage(options: {
  site: Site;
  file: string;
  page: RenderedPage;
  titles: Map<string, string>;
}): string {
  const { site, file, page, titles } = options;
  const up = path.posix.relative(`/${locationOf(file)}`, '/') || '.';
  const link = (target: string) => `${up}/${locationOf(target)}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>${escape(page.title)} - ${escape(site.name)}</title>
<link rel="stylesheet" href="${up}/${STYLESHEET}">
</head>
<body>
<input class="md-toggle" data-md-toggle="drawer" type="checkbox" id="__drawer" autocomplete="off">
<label class="md-overlay" for="__drawer"></label>
<header class="md-header"><label class="md-header__button" for="__drawer"></label></header>
<div class="md-container">
<div class="md-main"><div class="md-main__inner md-grid">
<div class="md-sidebar md-sidebar--primary" data-md-component="sidebar"><div class="md-sidebar__scrollwrap"><div class="md-sidebar__inner">
<nav class="md-nav md-nav--primary" aria-label="Navigation">
<label class="md-nav__title" for="__drawer">${escape(site.name)}</label>
${navigation(site.navigation, { file, titles, link })}
</nav>
</div></div></div>
<div class="md-sidebar md-sidebar--secondary" data-md-component="sidebar"><div class="md-sidebar__scrollwrap"><div class="md-sidebar__inner">
${contents(page)}
</div></div></div>
<div class="md-content"><article class="md-content__inner md-typeset">
${page.html}
</article></div>
</div></div>
</div>
</body>
</html>
`;
}

function navigation(
  items: NavigationItem[],
  context: {
    file: string;
    titles: Map<string, string>;
    link: (file: string) => string;
  },
): string {
  const entries = items.map(item => {
    if ('children' in item) {
      return `<li class="md-nav__item md-nav__item--section"><span class="md-nav__group">${escape(
        item.title,
      )}</span>
<nav class="md-nav" aria-label="${escape(item.title)}">${navigation(
        item.children,
        context,
      )}</nav></li>`;
    }
    const title = item.title ?? context.titles.get(item.file) ?? item.file;
    const active = item.file === context.file;
    return `<li class="md-nav__item${
      active ? ' md-nav__item--active' : ''
    }"><a class="md-nav__link${
      active ? ' md-nav__link--active' : ''
    }" href="${context.link(item.file)}">${escape(title)}</a></li>`;
  });
  return `<ul class="md-nav__list">\n${entries.join('\n')}\n</ul>`;
}

function contents({ sections }: RenderedPage): string {
  if (sections.length < 2) return '';
  const entries = sections.map(
    ({ id, title }) =>
      `<li class="md-nav__item"><a class="md-nav__link" href="#${id}">${escape(
        title,
      )}</a></li>`,
  );
  return `<nav class="md-nav md-nav--secondary" aria-label="On this page">
<label class="md-nav__title">On this page</label>
<ul class="md-nav__list">
${entries.join('\n')}
</ul>
</nav>`;
}

function escape(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
