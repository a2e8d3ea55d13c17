import type { Flavor } from '@greenroom/plugin-ai-registry-common';
import type { Cost, TrainingJob } from '@greenroom/plugin-ai-training-common';
import type { WantedAttempt } from '../backends/TrainingBackend';

const MINUTE_SECONDS = 60;
const SECOND_MILLIS = 1_000;

/** Says what an attempt of a job is to run. */
export class WantedAttempts {
  readonly #flavors: readonly Flavor[];
  readonly #controlPlaneUrl: () => Promise<string>;

  constructor(options: {
    flavors: readonly Flavor[];
    /** Where programs on this machine reach the control plane; a backend elsewhere knows better. */
    controlPlaneUrl: () => Promise<string>;
  }) {
    this.#flavors = options.flavors;
    this.#controlPlaneUrl = options.controlPlaneUrl;
  }

  /** What one of a flavor costs now; undefined where it has no price. */
  priceOf(flavor: string): Cost | undefined {
    return this.#flavors.find(({ name }) => name === flavor)?.pricePerHour;
  }

  async describe(
    job: TrainingJob,
    { number, ranMillis }: { number: number; ranMillis: number },
  ): Promise<WantedAttempt> {
    const { id, run, spec, deadlineMinutes, resumeOf } = job;
    const seconds =
      deadlineMinutes * MINUTE_SECONDS - Math.floor(ranMillis / SECOND_MILLIS);
    return {
      job: id,
      number,
      program: spec.program,
      sourceDigest: job.sourceDigest,
      parameters: job.parameters,
      datasets: job.datasets.map(({ name, digest, file }) => ({
        name,
        digest,
        files: file ? [file] : [],
      })),
      resources: job.resources,
      deadlineSeconds: Math.max(1, seconds),
      checkpoints: spec.checkpoints,
      ...(resumeOf !== undefined && { resumeOf }),
      environment: this.#environmentOf(job, await this.#controlPlaneUrl()),
      run,
      team: job.team,
      template: job.template,
      priority: job.priority,
    };
  }

  #environmentOf(job: TrainingJob, url: string): Record<string, string> {
    const training = `${url}/api/ai-training`;
    return {
      GREENROOM_URL: url,
      GREENROOM_JOB_ID: job.id,
      GREENROOM_REVISION: job.revision,
      ...(job.spec.model !== undefined && { GREENROOM_MODEL: job.spec.model }),
      ...Object.fromEntries(
        job.datasets.flatMap(({ name, uri }) =>
          uri === undefined
            ? []
            : [[`GREENROOM_DATASET_${name.toUpperCase()}_URI`, uri]],
        ),
      ),
      MLFLOW_TRACKING_URI: `${training}/mlflow`,
      MLFLOW_RUN_ID: job.run,
      MLFLOW_EXPERIMENT_ID: job.experiment,
      KUBEFLOW_TRAINER_STATUS_URL: `${training}/jobs/${job.id}/trainer-status`,
    };
  }
}
