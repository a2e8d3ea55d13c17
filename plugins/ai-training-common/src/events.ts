/** Channel of signals to open pages. */
export const SIGNAL_CHANNEL = 'ai-training';

/** An experiment changed, or one of its runs was deleted or restored: to be read again. */
export interface ExperimentChangedSignal {
  type: 'experiment-changed';
  /** Id of the experiment. */
  experiment: string;
}

/** A job is another way than before: to be read again. */
export interface JobChangedSignal {
  type: 'job-changed';
  /** UUID. */
  job: string;
  /** Id of its run. */
  run: string;
}

/** A training template was registered, read again or removed. */
export interface TemplateChangedSignal {
  type: 'template-changed';
  /** Its name. */
  template: string;
}

/** A model that is trained again by itself is another way than before. */
export interface RetrainingChangedSignal {
  type: 'retraining-changed';
  environment: string;
  model: string;
  /** Name of its template. */
  template: string;
}
