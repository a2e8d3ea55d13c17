/** Where a version runs, and why. */
export interface Placement {
  /** On the thread that serves, or in a thread for models. */
  where: 'inline' | 'worker';
  /** For people. */
  reason: string;
}
