import type { RunOutput } from '@greenroom/plugin-ai-training-common';
import type { CallOptions } from '../callOptions';
import type { ExperimentGuard } from '../experiments/ExperimentGuard';
import { checkLength, LIMITS } from '../limits';
import type { RunStore } from '../runs/RunStore';
import { type InputStore, keyOf, type NewInput } from './InputStore';
import { InputError } from '@backstage/errors';

/** What runs say that they read and made. Asks whether the caller may write to the run. */
export class InputService {
  readonly #inputs: InputStore;
  readonly #runs: Pick<RunStore, 'findPlace'>;
  readonly #guard: Pick<ExperimentGuard, 'requireWrite'>;

  constructor(options: {
    inputs: InputStore;
    runs: Pick<RunStore, 'findPlace'>;
    guard: Pick<ExperimentGuard, 'requireWrite'>;
  }) {
    this.#inputs = options.inputs;
    this.#runs = options.runs;
    this.#guard = options.guard;
  }

  /**
   * Datasets and logged models that a run read.
   *
   * @throws NotFoundError when there is no such run, or no such logged model
   */
  async logInputs(
    runId: string,
    {
      inputs,
      models,
    }: { inputs: readonly NewInput[]; models: readonly string[] },
    options: CallOptions,
  ): Promise<void> {
    checkInputs(inputs);
    await this.#requireWrite(runId, options);
    await this.#inputs.add(runId, {
      inputs: firstOfEach(inputs),
      models: models.map(id => ({ id, direction: 'input', step: 0 })),
    });
  }

  /**
   * Logged models that a run made.
   *
   * @throws NotFoundError when there is no such run, or no such logged model
   */
  async logOutputs(
    runId: string,
    outputs: readonly RunOutput[],
    options: CallOptions,
  ): Promise<void> {
    await this.#requireWrite(runId, options);
    await this.#inputs.add(runId, {
      models: outputs.map(({ modelId, step }) => ({
        id: modelId,
        direction: 'output',
        step,
      })),
    });
  }

  async #requireWrite(runId: string, options: CallOptions): Promise<void> {
    const { experiment } = await this.#runs.findPlace(runId);
    await this.#guard.requireWrite(experiment, options, {
      kind: 'run',
      id: runId,
    });
  }
}

/** Of a dataset that is given twice, what was said first. */
export function firstOfEach(inputs: readonly NewInput[]): NewInput[] {
  const first = new Map<string, NewInput>();
  for (const input of inputs) {
    const key = keyOf(input.dataset);
    if (!first.has(key)) first.set(key, input);
  }
  return [...first.values()];
}

/** @throws InputError that names what is too long */
function checkInputs(inputs: readonly NewInput[]): void {
  if (inputs.length > LIMITS.batchDatasets) {
    throw new InputError(
      `datasets: a request can have at most ${LIMITS.batchDatasets} of them, and has ${inputs.length}: send fewer at a time`,
    );
  }
  for (const { dataset, tags } of inputs) {
    checkLength(dataset.name, LIMITS.datasetName, 'name');
    checkLength(dataset.digest, LIMITS.datasetDigest, 'digest');
    checkLength(dataset.sourceType, LIMITS.datasetSourceType, 'source_type');
    checkLength(dataset.source, LIMITS.datasetSource, 'source');
    checkLength(dataset.schema ?? '', LIMITS.datasetSchema, 'schema');
    checkLength(dataset.profile ?? '', LIMITS.datasetProfile, 'profile');
    for (const [key, value] of Object.entries(tags)) {
      checkLength(key, LIMITS.inputTagKey, 'key');
      checkLength(value, LIMITS.inputTagValue, 'value');
    }
  }
}
