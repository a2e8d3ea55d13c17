import { InputError } from '@backstage/errors';
import {
  type JobPriority,
  type JobResources,
  type NewJob,
  type ParameterValue,
  problemWithQuantity,
  problemWithValue,
  type TemplateDataset,
  type TemplateSpec,
  type TrainingJob,
} from '@greenroom/plugin-ai-training-common';

/** No dataset has a version after it: the registry counts with 32 bits. */
const LAST_VERSION = 2_147_483_647;

/** What somebody asks for, with all that the template and the job it is made after say. */
export interface FilledJob {
  parameters: Record<string, ParameterValue>;
  datasets: TemplateDataset[];
  resources: JobResources;
  priority: JobPriority;
  deadlineMinutes: number;
  team: string;
}

/**
 * Id of the job that one is made after: what is not said is as it was there. One that resumes another is made after that
 * one, since checkpoints fit what wrote them.
 *
 * @throws InputError when two are named
 */
export function jobBeforeOf({
  cloneOf,
  resumeOf,
}: Pick<NewJob, 'cloneOf' | 'resumeOf'>): string | undefined {
  if (cloneOf === undefined || resumeOf === undefined || cloneOf === resumeOf) {
    return cloneOf ?? resumeOf;
  }
  throw new InputError(
    `cloneOf: '${cloneOf}' is another job than resumeOf, '${resumeOf}': what begins with the checkpoints of a job is made after that one: leave cloneOf out, and say what is to differ`,
  );
}

/**
 * @param before - job that it is made after
 * @throws InputError that names the field that is wrong
 */
export function fillJob(
  spec: TemplateSpec,
  wanted: NewJob,
  before?: Pick<
    TrainingJob,
    | 'parameters'
    | 'datasets'
    | 'resources'
    | 'priority'
    | 'deadlineMinutes'
    | 'team'
  >,
): FilledJob {
  const given = (name: string) =>
    before?.datasets.find(dataset => dataset.name === name)?.version;
  refuseUnknown('datasets', wanted.datasets, spec.datasets);
  const resources = {
    ...spec.resources,
    ...before?.resources,
    ...wanted.resources,
  };
  for (const what of ['memory', 'cpu'] as const) {
    const text = resources[what];
    const problem = text !== undefined && problemWithQuantity(what, text);
    if (problem) throw new InputError(`resources.${what}: ${problem}`);
  }
  return {
    parameters: fillParameters(spec, wanted.parameters, before?.parameters),
    datasets: spec.datasets.map(dataset => ({
      ...dataset,
      version: checkVersion(
        dataset.name,
        wanted.datasets?.[dataset.name] ??
          given(dataset.name) ??
          dataset.version,
      ),
    })),
    resources,
    priority: wanted.priority ?? before?.priority ?? spec.priority,
    deadlineMinutes:
      wanted.deadlineMinutes ?? before?.deadlineMinutes ?? spec.deadlineMinutes,
    team: wanted.team ?? before?.team ?? spec.owner,
  };
}

function checkVersion(
  name: string,
  version: number | undefined,
): number | undefined {
  const isOne =
    version === undefined ||
    (Number.isInteger(version) && version >= 1 && version <= LAST_VERSION);
  if (isOne) return version;
  throw new InputError(
    `datasets.${name}: expected the number of a version, 1 to ${LAST_VERSION}, got ${version}`,
  );
}

function fillParameters(
  { parameters }: TemplateSpec,
  wanted: Record<string, ParameterValue> = {},
  before: Record<string, ParameterValue> = {},
): Record<string, ParameterValue> {
  refuseUnknown('parameters', wanted, parameters);
  return Object.fromEntries(
    parameters.map(parameter => {
      const { name } = parameter;
      const value = Object.hasOwn(wanted, name)
        ? wanted[name]
        : keptValue(parameter, before) ?? parameter.default;
      const problem = problemWithValue(parameter, value);
      if (problem === undefined) return [name, value!];
      throw new InputError(`parameters.${name}: ${problem}`);
    }),
  );
}

/** What it was before, where the template still takes that. */
function keptValue(
  parameter: TemplateSpec['parameters'][number],
  before: Record<string, ParameterValue>,
): ParameterValue | undefined {
  const { name } = parameter;
  if (!Object.hasOwn(before, name)) return undefined;
  return problemWithValue(parameter, before[name]) === undefined
    ? before[name]
    : undefined;
}

function refuseUnknown(
  field: string,
  given: object = {},
  known: readonly { name: string }[],
): void {
  const unknown = Object.keys(given).find(
    name => !known.some(one => one.name === name),
  );
  if (unknown === undefined) return;
  throw new InputError(
    `${field}.${unknown}: the template has none of this name: expected ${
      known.map(({ name }) => name).join(', ') || 'none'
    }`,
  );
}
