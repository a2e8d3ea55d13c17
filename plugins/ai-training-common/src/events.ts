/** Channel of signals to open pages. */
export const SIGNAL_CHANNEL = 'ai-training';

/** An experiment changed, or one of its runs was deleted or restored: to be read again. */
export interface ExperimentChangedSignal {
  type: 'experiment-changed';
  /** Id of the experiment. */
  experiment: string;
}
