import type { RunStatus } from './run';

/** A run of another server, with the id that it had there. What it measured and read is logged to it afterwards. */
export interface ImportedRun {
  /** As the other server has it, such as 32 hexadecimal digits. */
  id: string;
  name: string;
  /** As its client said. */
  userId: string;
  status: RunStatus;
  /** Milliseconds since 1970. */
  startedAt?: number;
  /** Milliseconds since 1970; undefined while it goes on. */
  endedAt?: number;
  /** At most 100; more are logged to it afterwards. */
  params?: Record<string, string>;
  /** At most 100; more are logged to it afterwards. */
  tags?: Record<string, string>;
}

/** A logged model of another server, with the id that it had there. It is pending until somebody says that its files are all there. */
export interface ImportedLoggedModel {
  /** `m-` and 32 hexadecimal digits. */
  id: string;
  name: string;
  modelType?: string;
  /** Id of the run that made it, which has to be here. */
  sourceRun?: string;
  /** Milliseconds since 1970; now where nothing is said. */
  createdAt?: number;
  /** At most 100; more are logged to it afterwards. */
  params?: Record<string, string>;
  /** At most 100; more are set afterwards. */
  tags?: Record<string, string>;
}

/** How it is here after it was brought over. */
export interface Imported<Item> {
  /** False: it was there already, and was not changed. */
  isNew: boolean;
  item: Item;
}
