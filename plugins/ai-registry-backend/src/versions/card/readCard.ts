import type { ModelCard } from '@greenroom/plugin-ai-registry-common';
import { type Document, parseDocument } from 'yaml';

/** A file of a bundle that is its card, as on Hugging Face. */
export const CARD_FILE = 'README.md';

/** A front matter that grows when its anchors are followed is not followed far. */
const MAX_ALIASES = 100;

/** A card, and its front matter as a document that keeps comments and what nobody here knows. */
export type ReadCard = ModelCard & { document?: Document };

/** Never throws: a card whose front matter is wrong keeps its text, and says where the mistake is. */
export function readCard(text: string): ReadCard {
  const parts = split(text);
  if (!parts) return { text, markdown: text, metadata: {} };
  const { yaml, markdown, firstLine } = parts;
  const wrong = (problem: string) => ({
    text,
    markdown,
    metadata: {},
    problem,
  });
  const document = parseDocument(yaml, {
    schema: 'core',
    logLevel: 'silent',
    prettyErrors: true,
  });
  const [error] = document.errors;
  if (error) {
    const line = firstLine + (error.linePos?.[0].line ?? 1) - 1;
    const [reason] = error.message.split(/ at line \d+/);
    return wrong(`line ${line} of the front matter is no YAML: ${reason}`);
  }
  let metadata: unknown;
  try {
    metadata = document.toJS({ maxAliasCount: MAX_ALIASES }) ?? {};
  } catch (failure) {
    return wrong(
      `the front matter cannot be read: ${(failure as Error).message}`,
    );
  }
  if (!isRecord(metadata)) {
    return wrong(
      `line ${firstLine}: expected fields such as 'license: apache-2.0' in the front matter`,
    );
  }
  return { text, markdown, metadata, document };
}

/** The licence that a card names; `other` stands for what `license_name` says. */
export function licenceOfCard({
  metadata,
}: Pick<ModelCard, 'metadata'>): string | undefined {
  const { license, license_name: name } = metadata;
  const [said] = Array.isArray(license) ? license : [license];
  if (typeof said !== 'string' || !said.trim()) return undefined;
  return said.trim() === 'other' && typeof name === 'string' && name.trim()
    ? name.trim()
    : said.trim();
}

/** A database takes no zeros in texts, and what was no UTF-8 would come back as something else. */
export function isCardText(text: string): boolean {
  return !/[\0\uFFFD]/.test(text);
}

/** Undefined where the text does not begin with a front matter that ends. */
function split(text: string) {
  const opening = /^\uFEFF?\s*---[ \t]*\r?\n/.exec(text);
  if (!opening) return undefined;
  const rest = text.slice(opening[0].length);
  const closing = /(^|\n)---[ \t]*(\r?\n|$)/.exec(rest);
  if (!closing) return undefined;
  const end = closing.index + closing[1].length;
  return {
    yaml: rest.slice(0, end),
    markdown: rest.slice(closing.index + closing[0].length),
    firstLine: opening[0].split('\n').length,
  };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
