import type { VersionStage } from './version';

/** What was said of a model at a moment, as far as it can be said anew: files and measurements never change. */
export type ModelAsOf =
  | (AsOfMoment & { state: 'there' } & SaidOfModel)
  /** It was deleted then, and said nothing. */
  | (AsOfMoment & { state: 'deleted' });

interface AsOfMoment {
  model: string;
  /** The moment, in UTC to the millisecond. A change at this very moment is in force. */
  at: string;
}

interface SaidOfModel {
  description: string;
  tags: Record<string, string>;
  /** Where all aliases pointed, by name. */
  aliases: { alias: string; version: number }[];
  /** Those that were registered and not deleted, newest first, a page at a time. */
  versions: VersionAsOf[];
  nextCursor?: string;
}

export interface VersionAsOf {
  version: number;
  description: string;
  tags: Record<string, string>;
  /** Label of clients that know MLflow's stages; undefined where it had none. */
  stage?: VersionStage;
  /** By name. */
  aliases: string[];
}
