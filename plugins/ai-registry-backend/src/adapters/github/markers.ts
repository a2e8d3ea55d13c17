import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Person } from '../../environments/GitHost';

/**
 * What Greenroom writes for somebody ends with a marker that says for whom: the account on GitHub is
 * always Greenroom's own.
 *
 * @remarks
 *
 * Whoever may write to the repository may edit comments, also those of others. So the marker is signed,
 * together with the words before it, and an edited comment speaks for nobody.
 */
export type Marked =
  | { kind: 'comment' | 'closing'; by: Person; id: string }
  | { kind: 'approval'; by: Person; id: string; head: string }
  | { kind: 'opened'; by: Person };

const MARKER =
  /\s*<!-- greenroom:([A-Za-z0-9_-]{1,4000})\.([A-Za-z0-9_-]{43}) -->\s*$/;
const LOOKALIKE = /<!--(\s*greenroom:)/gi;
/** GitHub takes 65,536 characters. */
const MOST_CHARACTERS = 60_000;
const CUT = '\n\n… (cut: it is too long for GitHub; the portal has all of it)';

/** Signs and reads markers of one repository. */
export class Markers {
  readonly #key: string;
  readonly #repository: string;

  constructor(options: { key: string; repository: string }) {
    this.#key = options.key;
    this.#repository = options.repository;
  }

  /** @param where - what the text belongs to, so that it counts nowhere else */
  sign(text: string, marked: Marked, where: string): string {
    const payload = Buffer.from(JSON.stringify(marked)).toString('base64url');
    const shown = presentable(text);
    const signature = this.#signatureOf({ payload, shown, marked, where });
    const marker = `<!-- greenroom:${payload}.${signature} -->`;
    return shown ? `${shown}\n\n${marker}` : marker;
  }

  /** The text without its marker, and the marker where it is to be believed. */
  read(
    body: string,
    { where, isOurs }: { where: string; isOurs: boolean },
  ): { text: string; marked?: Marked } {
    const found = body.match(MARKER);
    if (!found) return { text: body };
    const text = body.slice(0, found.index);
    if (!isOurs) return { text };
    const [, payload, signature] = found;
    try {
      const marked = JSON.parse(
        Buffer.from(payload, 'base64url').toString('utf8'),
      ) as Marked;
      const expected = this.#signatureOf({
        payload,
        shown: text,
        marked,
        where,
      });
      return timingSafeEqual(Buffer.from(expected), Buffer.from(signature))
        ? { text, marked }
        : { text };
    } catch {
      return { text };
    }
  }

  #signatureOf(options: {
    payload: string;
    shown: string;
    marked: Marked;
    where: string;
  }): string {
    const { payload, shown, marked, where } = options;
    // A description is meant to be edited; who opened it stays the same.
    const words = marked.kind === 'opened' ? '' : normalized(shown);
    return createHmac('sha256', this.#key)
      .update([this.#repository, where, payload, words].join('\0'))
      .digest('base64url');
  }
}

/** Nobody can write what looks like a marker. */
function presentable(text: string): string {
  const safe = text.replace(LOOKALIKE, '&lt;!--$1');
  return safe.length > MOST_CHARACTERS
    ? `${safe.slice(0, MOST_CHARACTERS)}${CUT}`
    : safe;
}

/** GitHub may change the ends of lines. */
function normalized(text: string): string {
  return text.replace(/\r\n/g, '\n').trim();
}
