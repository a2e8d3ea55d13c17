export const SIGNAL_CHANNEL = 'ai-monitoring';

/** New records of a model were rolled up; refetch what is on the screen. */
export interface WindowUpdatedSignal {
  type: 'window-updated';
  environment: string;
  model: string;
  versions: number[];
  /** ISO 8601. */
  at: string;
}
