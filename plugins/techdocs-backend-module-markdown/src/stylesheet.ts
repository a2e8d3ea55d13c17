/**
 * What the Material theme would bring and TechDocs does not: the reader itself sets colours, fonts and
 * the places of the sidebars by the same variables. Its copy buttons are placed absolutely in their
 * `pre`, which is why that is what they are placed by and the code inside it what scrolls.
 */
export const stylesheet = `
.md-toggle, .md-overlay, .md-header { display: none; }
.md-content__button { float: right; cursor: pointer; color: var(--md-default-fg-color); }
.md-content__button svg { display: block; width: 1.5rem; height: 1.5rem; fill: currentColor; }
@media screen and (min-width: 76.25em) { .md-content__button { display: none; } }
.md-content__inner { padding: 0 1.5rem 3rem; line-height: 1.6; }
.md-typeset h1 { margin: 0 0 1.2rem; }
.md-typeset h2 { margin: 2.2rem 0 0.8rem; }
.md-typeset h3 { margin: 1.6rem 0 0.6rem; }
.md-typeset a { color: var(--md-typeset-a-color); text-decoration: none; }
.md-typeset a:hover { text-decoration: underline; }
.md-typeset img { max-width: 100%; }
.md-typeset pre { position: relative; margin: 1em 0; padding-right: 2.8rem; border-radius: 4px; background: var(--md-code-bg-color, rgba(128, 128, 128, 0.12)); }
.md-typeset pre > code { display: block; overflow-x: auto; padding: 0.9rem 0 0.9rem 1.1rem; background: none; }
.md-clipboard { padding: 0.3rem; border: 0; background: none; color: var(--md-default-fg-color--light); cursor: pointer; line-height: 0; }
.md-clipboard:hover, .md-clipboard:focus-visible { color: var(--md-typeset-a-color); }
.md-clipboard svg { width: 1.2rem; height: 1.2rem; fill: currentColor; }
.md-typeset code { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: 0.88em; padding: 0.1em 0.3em; border-radius: 3px; background: var(--md-code-bg-color, rgba(128, 128, 128, 0.12)); color: var(--md-code-fg-color); }
.md-typeset table { display: block; overflow-x: auto; border-collapse: collapse; margin: 1em 0; }
.md-typeset th, .md-typeset td { padding: 0.5em 0.9em; text-align: left; vertical-align: top; }
.md-typeset blockquote { margin: 1em 0; padding-left: 1em; }
.md-nav__list { list-style: none; margin: 0; padding: 0; }
.md-nav__item { padding: 0 0.8rem; }
.md-nav .md-nav .md-nav__item { padding-left: 0.8rem; }
.md-nav__title { display: block; padding: 0.2rem 0.8rem 0.6rem; font-weight: 700; }
.md-nav__group { display: block; margin-top: 0.9em; font-weight: 700; color: var(--md-default-fg-color); }
.md-nav__link { margin-top: 0.6em; color: var(--md-default-fg-color); text-decoration: none; cursor: pointer; }
.md-nav__link:hover { color: var(--md-typeset-a-color); }
.md-sidebar__scrollwrap { overflow-y: auto; }
`;
