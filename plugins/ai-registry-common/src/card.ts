import type { Digest } from './version';

/** Most bytes of a model card, front matter included. */
export const MAX_CARD_BYTES = 1024 * 1024;

/** The model card of a version, in the format of Hugging Face: Markdown after a front matter of YAML. */
export interface ModelCard {
  /** As it was written, front matter included; given back to the byte. */
  text: string;
  /** Of the text. */
  digest: Digest;
  /** What follows the front matter. */
  markdown: string;
  /** What the front matter says; empty where there is none, or where it cannot be read. */
  metadata: Record<string, unknown>;
  /** Why the front matter cannot be read, with the line; undefined where it can. */
  problem?: string;
}

export interface NewCard {
  /** Markdown after a front matter of YAML. */
  text: string;
  /**
   * Digest of the card that it takes the place of, null where there was none: it is refused when somebody else
   * has written one meanwhile. Left out, it takes the place of any.
   */
  replaces?: Digest | null;
}
