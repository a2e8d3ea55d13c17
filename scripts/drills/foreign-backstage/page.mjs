// @ts-check
import path from 'node:path';
import { parse } from 'yaml';
import { UserError } from '../../lib/output.mjs';
import { root } from '../../lib/paths.mjs';

export const PAGE = path.join(
  root,
  'docs/how-to/add-to-an-existing-backstage.md',
);

/** What only those read whose app is of the old frontend system. */
export const OLD_SYSTEM_SECTION = 'In an app of the old frontend system';

/**
 * What a code block of the page asks of its reader.
 *
 * @typedef {{ kind: 'commands', text: string, staysRunning: boolean }
 *   | { kind: 'change', file: string, before: string, after: string }
 *   | { kind: 'settings', file: string, settings: object }} Step
 */

/** Commands that do not end by themselves: the reader goes on in another terminal. */
const STAYS_RUNNING = /^(\s*|.* )(yarn start|npx greenroom-data-plane)$/m;

/**
 * Reads the steps of a page, by the heading that they stand below.
 *
 * @param {string} markdown
 * @returns {Map<string, Step[]>}
 * @throws {UserError} a block is of a kind that nobody could follow without thinking
 */
export function readSteps(markdown) {
  /** @type {Map<string, Step[]>} */
  const sections = new Map();
  let steps = [];
  const blocks = /^## (.+)$|^```(\w*)\n([\s\S]*?)^```$/gm;
  for (const [, heading, language, code] of markdown.matchAll(blocks)) {
    if (heading) sections.set(heading, (steps = []));
    else steps.push(toStep(language, code));
  }
  return sections;
}

/** @returns {Step} */
function toStep(language, code) {
  switch (language) {
    case 'sh':
      return {
        kind: 'commands',
        text: code,
        staysRunning: STAYS_RUNNING.test(code),
      };
    case 'yaml':
      return {
        kind: 'settings',
        file: fileOf(code, /^# (\S+\.yaml)\n/),
        settings: parse(code),
      };
    case 'diff':
      return toChange(code);
    default:
      throw new UserError(
        `A code block in \`${language}\` says nothing that can be done: the page has commands (sh), settings (yaml, the first line a comment with the file) and changes (diff, the same).`,
      );
  }
}

/** @returns {Step} */
function toChange(code) {
  const file = fileOf(code, /^ \/\/ (\S+)\n/);
  const lines = code.trimEnd().split('\n').slice(1);
  const linesWithout = sign =>
    lines
      .filter(line => !line.startsWith(sign))
      .map(line => line.slice(1))
      .join('\n');
  return {
    kind: 'change',
    file,
    before: linesWithout('+'),
    after: linesWithout('-'),
  };
}

function fileOf(code, pattern) {
  const [, file] = code.match(pattern) ?? [];
  if (file) return file;
  throw new UserError(
    `The first line of this block has to be a comment with the file that it is about:\n${code}`,
  );
}

/**
 * A file after a change.
 *
 * @param {string} text
 * @param {{ file: string, before: string, after: string }} change
 */
export function applyChange(text, { file, before, after }) {
  const [head, ...tails] = text.split(before);
  if (tails.length !== 1) {
    throw new UserError(
      `${file} has to hold this once, and holds it ${tails.length} times:\n${before}`,
    );
  }
  return `${head}${after}${tails[0]}`;
}

/**
 * What is there with the page's settings merged in: as a person does it, lists grow.
 *
 * @template T
 * @param {T} present
 * @param {unknown} added
 * @returns {T}
 */
export function mergeSettings(present, added) {
  if (Array.isArray(present) && Array.isArray(added)) {
    return /** @type {any} */ ([...present, ...added]);
  }
  if (isObject(present) && isObject(added)) {
    const merged = { .../** @type {any} */ (present) };
    for (const [key, value] of Object.entries(/** @type {any} */ (added))) {
      merged[key] = mergeSettings(merged[key], value);
    }
    return merged;
  }
  return /** @type {any} */ (added);
}

function isObject(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
