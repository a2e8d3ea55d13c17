import { ConflictError, InputError } from '@backstage/errors';
import type { ModelVersion } from '@greenroom/plugin-ai-registry-common';
import {
  type AttemptEnd,
  CONVERTIBLE_FLAVORS,
  type Conversion,
  type ConversionState,
  conversionTemplateOf,
  convertibleFlavorOf,
  type JobState,
  type TemplateSpec,
  tellEnd,
  type TrainingJob,
} from '@greenroom/plugin-ai-training-common';

/** In the last line of a converter that made nothing. */
const NOT_CONVERTED = ' was not converted: ';

/**
 * @throws InputError that says why it is none to convert, and what to do
 * @throws ConflictError where it is in ONNX
 */
export function checkConvertible(
  version: Pick<ModelVersion, 'model' | 'version' | 'format' | 'mlflow'>,
): void {
  if (convertibleFlavorOf(version)) return;
  const name = `Version ${version.version} of '${version.model}'`;
  const flavors = version.mlflow?.flavors.map(flavor => flavor.name) ?? [];
  switch (version.format) {
    case 'onnx':
      throw new ConflictError(`${name} is in ONNX already`);
    case 'external':
      throw new InputError(
        `${name} runs at a provider, and its files hold no model to convert`,
      );
    default:
      throw new InputError(
        `${name} has the flavors ${
          flavors.join(', ') || 'none'
        }, and what is converted has one of ${CONVERTIBLE_FLAVORS.join(
          ', ',
        )}: export the model to ONNX where it is trained, and register that file`,
      );
  }
}

/**
 * The converter's template for one model: its jobs are the owner's, count against the owner's quota, and may add versions
 * to that model alone.
 */
export function toConversionSpec(
  converter: TemplateSpec,
  options: {
    model: string;
    owner: string;
    image?: string;
    memory?: string;
  },
): TemplateSpec {
  const { model, owner, image, memory } = options;
  return {
    ...converter,
    name: conversionTemplateOf(model),
    owner,
    // One of each owner: its runs are seen by whoever sees the owner's.
    experiment: `Conversions to ONNX of ${owner}`,
    model,
    program: { ...converter.program, ...(image !== undefined && { image }) },
    resources: {
      ...converter.resources,
      ...(memory !== undefined && { memory }),
    },
  };
}

export function isOpen({ phase }: JobState): boolean {
  return !['succeeded', 'failed', 'cancelled'].includes(phase);
}

export function toConversion(
  ref: { model: string; version: number },
  job: TrainingJob,
  /** Version that its run has registered. */
  made?: number,
): Conversion {
  return {
    ...ref,
    job: job.id,
    run: job.run,
    requestedBy: job.submittedBy,
    requestedAt: job.submittedAt,
    allowOtherVersions: job.parameters.allow_other_versions === true,
    state: toState(job, made),
  };
}

function toState(
  { state, submittedAt }: TrainingJob,
  made: number | undefined,
): ConversionState {
  switch (state.phase) {
    case 'succeeded':
      return {
        phase: 'converted',
        since: state.since,
        ...(made !== undefined && { made }),
      };
    case 'failed':
      return {
        phase: 'failed',
        since: state.since,
        reason: reasonOf(state.end) ?? `The job failed: ${tellEnd(state.end)}`,
      };
    case 'cancelled':
      return { phase: 'cancelled', since: state.since, by: state.by };
    default:
      return { phase: 'converting', since: submittedAt };
  }
}

/** The converter says in its last line why it made nothing; undefined where it came to no such line. */
function reasonOf(end: AttemptEnd): string | undefined {
  if (end.kind !== 'program-failed') return undefined;
  const last = end.lastLines.trim().split('\n').at(-1)?.trim();
  return last?.includes(NOT_CONVERTED) ? last : undefined;
}

/** @throws ConflictError where what is asked for is there */
export function checkNotMade({ version, model, state }: Conversion): void {
  if (state.phase !== 'converted' || state.made === undefined) return;
  throw new ConflictError(
    `Version ${version} of '${model}' was converted already: it is version ${state.made} in ONNX. Delete that one to have another made`,
  );
}
