import {
  JOB_PRIORITIES,
  type JobPriority,
  type NewJob,
  type ParameterValue,
  problemWithQuantity,
  problemWithValue,
  type TemplateParameter,
  type TemplateSpec,
  type TrainingJob,
} from '@greenroom/plugin-ai-training-common';

/** What the form of a new job holds: texts, as they are written. */
export interface StartForm {
  name: string;
  /** By name. Of a text that has to be given, undefined stands for none. */
  parameters: Record<string, string | undefined>;
  /** Numbers of versions by the template's names; '' stands for the newest. */
  datasets: Record<string, string>;
  /** '' stands for the default one. */
  backend: string;
  /** '' stands for whatever the backend has. */
  flavor: string;
  count: string;
  nodes: string;
  memory: string;
  cpu: string;
  priority: JobPriority;
  deadlineMinutes: string;
  /** Entity ref. */
  team: string;
}

/** What to correct, by the names that the server has for fields: `parameters.epochs`, `resources.memory`, `team`. */
export type StartErrors = Partial<Record<string, string>>;

/** What a job is made after. */
export type JobBefore = Pick<
  TrainingJob,
  | 'name'
  | 'parameters'
  | 'datasets'
  | 'resources'
  | 'priority'
  | 'deadlineMinutes'
  | 'team'
  | 'backend'
>;

const MOST_MINUTES = 30 * 24 * 60;
const LONGEST_NAME = 250;
const ENTITY_REF = /^(group|user):[^:/\s]+\/[^:/\s]+$/;

/** The form as it is opened: as the template says, or as a job was that it is made after. */
export function startForm(spec: TemplateSpec, before?: JobBefore): StartForm {
  const resources = { ...spec.resources, ...before?.resources };
  return {
    name: '',
    parameters: Object.fromEntries(
      spec.parameters.map(parameter => [
        parameter.name,
        textOf(firstValue(parameter, before)),
      ]),
    ),
    datasets: Object.fromEntries(
      spec.datasets.map(({ name, version }) => [
        name,
        textOf(
          before?.datasets.find(one => one.name === name)?.version ?? version,
        ) ?? '',
      ]),
    ),
    backend: before?.backend ?? '',
    flavor: resources.flavor ?? '',
    count: String(resources.count),
    nodes: String(resources.nodes),
    memory: resources.memory ?? '',
    cpu: resources.cpu ?? '',
    priority: before?.priority ?? spec.priority,
    deadlineMinutes: String(before?.deadlineMinutes ?? spec.deadlineMinutes),
    team: before?.team ?? spec.owner,
  };
}

/** The job to submit, or what to correct. */
export function readStartForm(
  form: StartForm,
  spec: TemplateSpec,
):
  | { job: NewJob; errors?: undefined }
  | { job?: undefined; errors: StartErrors } {
  const errors: StartErrors = {};
  const parameters: Record<string, ParameterValue> = {};
  for (const parameter of spec.parameters) {
    const { name } = parameter;
    const value = readValue(parameter, form.parameters[name]);
    const problem = problemWithValue(parameter, value);
    if (problem !== undefined) errors[`parameters.${name}`] = problem;
    else parameters[name] = value!;
  }
  const whole = (field: string, text: string, most: number) => {
    const value = readNumber(text);
    const problem = problemWithValue(
      { type: 'integer', minimum: 1, maximum: most },
      value,
    );
    if (problem !== undefined) errors[field] = problem;
    return value as number;
  };
  const count = whole('resources.count', form.count, 64);
  const nodes = whole('resources.nodes', form.nodes, 256);
  const deadlineMinutes = whole(
    'deadlineMinutes',
    form.deadlineMinutes,
    MOST_MINUTES,
  );
  const name = form.name.trim();
  if (name.length > LONGEST_NAME) {
    errors.name = `expected at most ${LONGEST_NAME} characters, got ${name.length}`;
  }
  for (const field of ['memory', 'cpu'] as const) {
    const text = form[field].trim();
    const problem = text && problemWithQuantity(field, text);
    if (problem) errors[`resources.${field}`] = problem;
  }
  if (!ENTITY_REF.test(form.team)) {
    errors.team =
      'expected an entity ref such as group:default/vision, of a team that you belong to';
  }
  if (Object.keys(errors).length > 0) return { errors };
  const datasets = Object.entries(form.datasets).filter(
    ([, version]) => version !== '',
  );
  return {
    job: {
      template: spec.name,
      ...(name && { name }),
      parameters,
      datasets: Object.fromEntries(
        datasets.map(([dataset, version]) => [dataset, Number(version)]),
      ),
      resources: {
        count,
        nodes,
        ...(form.flavor && { flavor: form.flavor }),
        ...(form.memory.trim() && { memory: form.memory.trim() }),
        ...(form.cpu.trim() && { cpu: form.cpu.trim() }),
      },
      priority: form.priority,
      deadlineMinutes,
      team: form.team,
      ...(form.backend && { backend: form.backend }),
    },
  };
}

const RESOURCES = ['flavor', 'count', 'nodes', 'memory', 'cpu'];
const ALONE = ['name', 'team', 'backend', 'priority', 'deadlineMinutes'];

/**
 * What the server said of a field of the form, by that field: `parameters.epochs: expected ...`. Undefined where it is about
 * something else, which is shown as it is.
 */
export function errorsOfRefusal(
  message: string,
  spec: TemplateSpec,
): StartErrors | undefined {
  const found = /^(?:body[./])?([A-Za-z]+(?:[./]\w+)?):? (.+)$/s.exec(message);
  if (!found) return undefined;
  const field = found[1].replace('/', '.');
  const [part, name] = field.split('.');
  const isKnown =
    name === undefined
      ? ALONE.includes(part)
      : (part === 'resources' && RESOURCES.includes(name)) ||
        ((part === 'parameters' || part === 'datasets') &&
          spec[part].some(one => one.name === name));
  return isKnown ? { [field]: found[2] } : undefined;
}

export function readPriority(key: unknown): JobPriority {
  return JOB_PRIORITIES.find(priority => priority === key) ?? 'normal';
}

/** What was chosen before, if it may still be chosen. */
function firstValue(
  parameter: TemplateParameter,
  before: Pick<JobBefore, 'parameters'> | undefined,
): ParameterValue | undefined {
  const { name } = parameter;
  const value =
    before && Object.hasOwn(before.parameters, name)
      ? before.parameters[name]
      : undefined;
  return problemWithValue(parameter, value) === undefined
    ? value
    : parameter.default;
}

function textOf(value: ParameterValue | undefined): string | undefined {
  return value === undefined ? undefined : String(value);
}

/** As the parameter's type has it; what can not be that stays a text, and is told of. */
function readValue(
  { type }: Pick<TemplateParameter, 'type'>,
  text: string | undefined,
): ParameterValue | undefined {
  if (text === undefined || type === 'string') return text;
  if (type === 'boolean') {
    return text === 'true' || text === 'false' ? text === 'true' : undefined;
  }
  return readNumber(text);
}

function readNumber(text: string): number | string | undefined {
  const trimmed = text.trim();
  if (trimmed === '') return undefined;
  const value = Number(trimmed);
  // JSON has no infinity.
  return Number.isFinite(value) ? value : trimmed;
}
