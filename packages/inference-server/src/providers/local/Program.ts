import type { Logger } from '../../logger';
import type { LocalModels } from '../ConnectionParts';
import type { LocalSettings } from './settings';

/** A process that serves a local model. */
export interface Program {
  /** Where it answers, without a path. */
  readonly url: string;
  /** The one key that it takes, made for it. */
  readonly key: string;
  /** Resolves when it has ended, for whatever reason, with what is known of it. */
  readonly ended: Promise<string>;
  /** Called when nobody has asked for the time that the settings say; again while that is so. */
  onIdle(listener: () => void): void;
  /** Ends it. */
  stop(): Promise<void>;
}

/**
 * Starts a process, and waits until it serves.
 *
 * @param signal - aborted when nobody waits for it any more; then it is ended
 * @throws Error with the reason, for people, when it cannot be started
 */
export type StartProgram = (options: {
  settings: LocalSettings;
  localModels: LocalModels;
  logger: Logger;
  signal: AbortSignal;
}) => Promise<Program>;
