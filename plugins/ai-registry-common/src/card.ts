/** Most bytes of a model card, front matter included. */
export const MAX_CARD_BYTES = 1024 * 1024;

/** The model card of a version, in the format of Hugging Face: Markdown after a front matter of YAML. */
export interface ModelCard {
  /** As it was written, front matter included; given back to the byte. */
  text: string;
  /** What follows the front matter. */
  markdown: string;
  /** What the front matter says; empty where there is none, or where it cannot be read. */
  metadata: Record<string, unknown>;
  /** Why the front matter cannot be read, with the line; undefined where it can. */
  problem?: string;
}
