import {
  MAX_CARD_BYTES,
  type ModelCard,
} from '@greenroom/plugin-ai-registry-common';
import { type Document, isScalar, parseDocument, visit } from 'yaml';

/** A file of a bundle that is its card, as on Hugging Face. */
export const CARD_FILE = 'README.md';

/** Most characters of a front matter that is read: what is wrong all over takes its reader seconds. */
export const MAX_FRONT_MATTER = 128 * 1024;

/** A front matter that grows when its anchors are followed is not followed far. */
const MAX_ALIASES = 100;

/** Longer than any name of a licence: what is longer is no name. */
const MAX_LICENCE = 200;

/** A card, and its front matter as a document that keeps comments and what nobody here knows. */
export type ReadCard = Omit<ModelCard, 'digest'> & { document?: Document };

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
  const noYaml = (at: number, reason: string) =>
    `line ${
      firstLine + yaml.slice(0, at).split('\n').length - 1
    } of the front matter is no YAML: ${reason}`;
  if (yaml.length > MAX_FRONT_MATTER) {
    return wrong(
      `the front matter has ${yaml.length} characters, and at most ${MAX_FRONT_MATTER} are read`,
    );
  }
  const document = parseDocument(yaml, {
    schema: 'core',
    logLevel: 'silent',
    // Both take the square of what there is of keys, or of mistakes.
    uniqueKeys: false,
    prettyErrors: false,
  });
  const [mistake] = document.errors;
  if (mistake) return wrong(noYaml(mistake.pos[0], mistake.message));
  let metadata: unknown;
  let json: string;
  try {
    const { repeated, aliases } = lookAt(document);
    if (repeated) {
      return wrong(
        noYaml(repeated.at, `Map keys must be unique: '${repeated.key}'`),
      );
    }
    if (aliases > MAX_ALIASES) {
      return wrong(
        `the front matter has ${aliases} aliases, and at most ${MAX_ALIASES} are followed`,
      );
    }
    metadata = document.toJS({ maxAliasCount: MAX_ALIASES }) ?? {};
    // An alias within what it stands for never ends.
    json = JSON.stringify(metadata);
  } catch (failure) {
    const [reason] = (failure as Error).message.split('\n');
    return wrong(`the front matter cannot be read: ${reason}`);
  }
  if (json.length > MAX_CARD_BYTES) {
    return wrong(
      `the front matter grows to ${json.length} characters when its aliases are followed, and at most ${MAX_CARD_BYTES} are read`,
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
  const licence =
    said.trim() === 'other' && typeof name === 'string' && name.trim()
      ? name.trim()
      : said.trim();
  return licence.length <= MAX_LICENCE ? licence : undefined;
}

/** A database takes no zeros in texts, and what was no UTF-8 would come back as something else. */
export function isCardText(text: string): boolean {
  return !/[\0\uFFFD\p{Surrogate}]/u.test(text);
}

/** The first key that a map has twice, and how many aliases there are. */
function lookAt(document: Document) {
  let repeated: { key: string; at: number } | undefined;
  let aliases = 0;
  visit(document, {
    Alias: () => {
      aliases += 1;
    },
    Map: (_key, map) => {
      const seen = new Set<unknown>();
      for (const { key } of map.items) {
        if (!isScalar(key)) continue;
        if (seen.has(key.value)) {
          repeated = { key: String(key.value), at: key.range?.[0] ?? 0 };
          return visit.BREAK;
        }
        seen.add(key.value);
      }
      return undefined;
    },
  });
  return { repeated, aliases };
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
