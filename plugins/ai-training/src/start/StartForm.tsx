import {
  identityApiRef,
  toastApiRef,
  useApi,
  useRouteRef,
} from '@backstage/frontend-plugin-api';
import { ResponseError, toError } from '@backstage/errors';
import { Button, ButtonLink, TextField } from '@backstage/ui';
import {
  ErrorNotice,
  fieldError,
  formatDuration,
  Panel,
  useEntityTitles,
  useLive,
} from '@greenroom/ai-react';
import {
  JOB_PRIORITIES,
  type NewJob,
  type TemplateSpec,
} from '@greenroom/plugin-ai-training-common';
import { type FormEvent, useRef, useState } from 'react';
import { useNavigate } from 'react-router-dom';
import useAsync from 'react-use/esm/useAsync';
import { aiTrainingApiRef } from '../api/AiTrainingApi';
import { money } from '../jobs/words';
import { jobRouteRef, templatesRouteRef } from '../routes';
import { ChoiceField } from './ChoiceField';
import { DatasetField } from './DatasetField';
import { backendsOf, flavorChoices, priceOf } from './flavorChoices';
import { ParameterField } from './ParameterField';
import {
  errorsOfRefusal,
  type JobBefore,
  readPriority,
  readStartForm,
  type StartErrors,
  startForm,
} from './startForm';
import styles from './start.module.css';

const PRIORITY_LABELS = { low: 'Low', normal: 'Normal', high: 'High' };

export interface StartFormProps {
  spec: TemplateSpec;
  /** Job that it is made after. */
  before: JobBefore | undefined;
  cloneOf: string | undefined;
  resumeOf: string | undefined;
}

/** Asks what a job of a template is to be like, submits it, and goes to its page. */
export function StartForm(props: StartFormProps) {
  const { spec, before, cloneOf, resumeOf } = props;
  const training = useApi(aiTrainingApiRef);
  const toasts = useApi(toastApiRef);
  const navigate = useNavigate();
  const toJob = useRouteRef(jobRouteRef);
  const toTemplates = useRouteRef(templatesRouteRef);
  const [first] = useState(() => startForm(spec, before));
  const [form, setForm] = useState(first);
  const [errors, setErrors] = useState<StartErrors>({});
  const [refusal, setRefusal] = useState<Error>();
  const [isSending, setSending] = useState(false);
  const element = useRef<HTMLFormElement>(null);
  const asked = useRef<{ text: string; requestId: string }>();

  const change = (part: Partial<typeof form>, ...fields: string[]) => {
    setForm(old => ({ ...old, ...part }));
    setRefusal(undefined);
    setErrors(old => ({
      ...old,
      ...Object.fromEntries(fields.map(field => [field, undefined])),
    }));
  };
  const showErrors = (wrong: StartErrors) => {
    setErrors(wrong);
    // Once they are drawn, the first one is where one goes on.
    setTimeout(() =>
      element.current
        ?.querySelector<HTMLElement>(
          '[aria-invalid="true"], [data-invalid] input, [data-invalid] button',
        )
        ?.focus(),
    );
  };
  /** Sent twice with the same content, one job comes of it. */
  const requestIdOf = (job: NewJob) => {
    const text = JSON.stringify(job);
    if (asked.current?.text !== text) {
      asked.current = { text, requestId: makeRequestId() };
    }
    return asked.current.requestId;
  };
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (isSending) return;
    const read = readStartForm(form, spec);
    setRefusal(undefined);
    if (!read.job) {
      showErrors(read.errors);
      return;
    }
    setErrors({});
    setSending(true);
    const job: NewJob = {
      ...read.job,
      ...(cloneOf !== undefined && { cloneOf }),
      ...(resumeOf !== undefined && { resumeOf }),
    };
    try {
      const made = await training.submitJob({
        ...job,
        requestId: requestIdOf(job),
      });
      toasts.post({
        title: `Job ${made.name} submitted`,
        status: 'success',
        timeout: 5_000,
      });
      const target = toJob?.({ id: made.id });
      if (target) navigate(target);
    } catch (failure) {
      const error = toError(failure);
      const said =
        error instanceof ResponseError ? error.cause.message : error.message;
      const wrong = errorsOfRefusal(said, spec);
      if (wrong) showErrors(wrong);
      else setRefusal(error);
    } finally {
      setSending(false);
    }
  };
  const text = (
    field: 'name' | 'count' | 'nodes' | 'memory' | 'cpu' | 'deadlineMinutes',
    path: string = field,
  ) => ({
    value: form[field],
    ...fieldError(errors[path]),
    onChange: (value: string) => change({ [field]: value }, path),
  });
  const wrongFields = Object.values(errors).filter(one => one !== undefined);

  return (
    <form ref={element} className={styles.form} onSubmit={submit} noValidate>
      {spec.parameters.length > 0 && (
        <Panel title="Parameters" description="What its program is told.">
          <div className={styles.fields}>
            {spec.parameters.map(parameter => {
              const { name } = parameter;
              return (
                <ParameterField
                  key={name}
                  parameter={parameter}
                  value={form.parameters[name]}
                  error={errors[`parameters.${name}`]}
                  onChange={value =>
                    change(
                      { parameters: { ...form.parameters, [name]: value } },
                      `parameters.${name}`,
                    )
                  }
                />
              );
            })}
          </div>
        </Panel>
      )}
      {spec.datasets.length > 0 && (
        <Panel title="Data" description="What its program reads.">
          <div className={styles.fields}>
            {spec.datasets.map(dataset => {
              const { name } = dataset;
              return (
                <DatasetField
                  key={name}
                  dataset={dataset}
                  value={form.datasets[name]}
                  error={errors[`datasets.${name}`]}
                  onChange={version =>
                    change(
                      { datasets: { ...form.datasets, [name]: version } },
                      `datasets.${name}`,
                    )
                  }
                />
              );
            })}
          </div>
        </Panel>
      )}
      <ResourcesPanel
        form={form}
        first={first}
        origin={before ? 'the job before' : 'the template'}
        errors={errors}
        change={change}
        text={text}
      />
      <Panel title="Job">
        <div className={styles.fields}>
          <TextField
            label="Name"
            description="For people; one is made up where it is empty."
            {...text('name')}
          />
          <TeamField
            owner={spec.owner}
            team={form.team}
            error={errors.team}
            onChange={team => change({ team }, 'team')}
          />
          <ChoiceField
            label="Priority"
            description="Which jobs of the team go first."
            options={JOB_PRIORITIES.map(id => ({
              id,
              label: PRIORITY_LABELS[id],
            }))}
            value={form.priority}
            error={errors.priority}
            onChange={key =>
              change({ priority: readPriority(key) }, 'priority')
            }
          />
          <TextField
            label="Deadline, minutes"
            description={deadlineInWords(form.deadlineMinutes)}
            isRequired
            inputMode="numeric"
            {...text('deadlineMinutes')}
          />
        </div>
      </Panel>
      {refusal && (
        <ErrorNotice title="The job was not submitted" error={refusal} />
      )}
      <p className={styles.text} role="status">
        {wrongFields.length > 0 &&
          `${
            wrongFields.length === 1
              ? 'One field has'
              : `${wrongFields.length} fields have`
          } to be corrected.`}
      </p>
      <div className={styles.actions}>
        <Button type="submit" variant="primary" isPending={isSending}>
          Start job
        </Button>
        <ButtonLink variant="secondary" href={toTemplates?.() ?? '#'}>
          Back to the templates
        </ButtonLink>
      </div>
    </form>
  );
}

function ResourcesPanel(props: {
  form: ReturnType<typeof startForm>;
  /** As it was opened. */
  first: ReturnType<typeof startForm>;
  /** Where it was taken from, for people. */
  origin: string;
  errors: StartErrors;
  change(
    part: Partial<ReturnType<typeof startForm>>,
    ...fields: string[]
  ): void;
  text(
    field: 'count' | 'nodes' | 'memory' | 'cpu',
    path: string,
  ): { value: string; onChange(value: string): void };
}) {
  const { form, first, origin, errors, change, text } = props;
  const training = useApi(aiTrainingApiRef);
  const live = useLive(
    async signal => (await training.listFlavorUse({ signal })).items,
    [],
    { keepPrevious: true },
  );
  const uses = live.value ?? [];
  const backends = backendsOf(uses);
  const price = priceOf(uses, form);
  const hours = Number(form.deadlineMinutes) / 60;
  return (
    <Panel
      title="Resources"
      description={
        price &&
        `${money(price.amount, price.currency)} an hour${
          hours > 0
            ? `, at most ${money(
                price.amount * hours,
                price.currency,
              )} until its deadline`
            : ''
        }.`
      }
    >
      <div className={styles.fields}>
        {(backends.length > 1 || form.backend !== '') && (
          <ChoiceField
            label="Runs on"
            description="The machine or cluster."
            options={[
              { id: '', label: 'The usual one' },
              ...[...new Set([...backends, form.backend])]
                .filter(Boolean)
                .map(id => ({ id, label: id })),
            ]}
            value={form.backend}
            error={errors.backend}
            onChange={backend => change({ backend }, 'backend')}
          />
        )}
        <ChoiceField
          label="Flavor"
          description={
            live.error
              ? `What there is can not be listed: ${live.error.message}`
              : 'The kind of machine or graphic card.'
          }
          options={flavorChoices(uses, form.backend, form.flavor)}
          value={form.flavor}
          error={errors['resources.flavor']}
          onChange={flavor => change({ flavor }, 'resources.flavor')}
        />
        <TextField
          label="Count"
          description="How many of the flavor each node has."
          isRequired
          inputMode="numeric"
          {...text('count', 'resources.count')}
        />
        <TextField
          label="Nodes"
          description="Programs that work together."
          isRequired
          inputMode="numeric"
          {...text('nodes', 'resources.nodes')}
        />
        <TextField
          label="Memory"
          description={`Of each node, such as 4Gi; empty: ${whenEmpty(
            first.memory,
            origin,
          )}.`}
          {...text('memory', 'resources.memory')}
        />
        <TextField
          label="Processors"
          description={`Of each node, such as 2 or 500m; empty: ${whenEmpty(
            first.cpu,
            origin,
          )}.`}
          {...text('cpu', 'resources.cpu')}
        />
      </div>
    </Panel>
  );
}

/** What is not said is as the form was opened. */
function whenEmpty(value: string, origin: string): string {
  return value === ''
    ? 'what the machine or cluster gives by itself'
    : `${value}, as ${origin} has it`;
}

function TeamField(props: {
  owner: string;
  team: string;
  error: string | undefined;
  onChange(team: string): void;
}) {
  const { owner, team, error, onChange } = props;
  const identity = useApi(identityApiRef);
  const own = useAsync(
    async () => (await identity.getBackstageIdentity()).ownershipEntityRefs,
    [identity],
  );
  const teams = [...new Set([owner, ...(own.value ?? []), team])];
  const titleOf = useEntityTitles(teams);
  return (
    <ChoiceField
      label="Team"
      description="Whose quota and budget it counts against."
      options={teams.map(id => ({ id, label: titleOf(id) }))}
      value={team}
      error={error}
      onChange={onChange}
    />
  );
}

function deadlineInWords(text: string): string {
  const minutes = Number(text);
  const lasting =
    minutes > 0 && Number.isFinite(minutes)
      ? ` (${formatDuration(minutes * 60)})`
      : '';
  return `It is ended after as many minutes of running${lasting}: of all its attempts together, from its start or the last Retry.`;
}

/** Browsers have randomUUID only over https and on localhost. */
function makeRequestId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
}
