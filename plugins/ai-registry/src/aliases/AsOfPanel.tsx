import { useApi, useRouteRef } from '@backstage/frontend-plugin-api';
import { ResponseError } from '@backstage/errors';
import { Button, Link, Select } from '@backstage/ui';
import {
  ErrorNotice,
  formatMoment,
  Panel,
  PersonName,
} from '@greenroom/ai-react';
import type { AliasChange } from '@greenroom/plugin-ai-registry-common';
import { useState, type FormEvent } from 'react';
import useAsyncFn from 'react-use/esm/useAsyncFn';
import { aiRegistryApiRef } from '../api/AiRegistryApi';
import { MomentField } from '../asOf/MomentField';
import { versionRouteRef } from '../routes';
import styles from './AsOfPanel.module.css';

export interface AsOfPanelProps {
  model: string;
  aliases: string[];
}

interface Answer {
  alias: string;
  at: string;
  /** Undefined when the alias pointed nowhere then. */
  change?: AliasChange;
}

/** Answers "what was production on 3 May?". */
export function AsOfPanel({ model, aliases }: AsOfPanelProps) {
  const registry = useApi(aiRegistryApiRef);
  const [alias, setAlias] = useState(aliases[0]);
  const [moment, setMoment] = useState('');
  const [answer, ask] = useAsyncFn(
    async (at: string): Promise<Answer> => {
      try {
        const change = await registry.getAlias(model, alias, { at });
        return { alias, at, change };
      } catch (error) {
        if (error instanceof ResponseError && error.statusCode === 404) {
          return { alias, at };
        }
        throw error;
      }
    },
    [registry, model, alias],
  );
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (moment) ask(new Date(moment).toISOString());
  };

  return (
    <Panel
      title="As of a moment"
      description="What an alias pointed at then, in your time zone."
    >
      <form className={styles.form} onSubmit={submit}>
        <Select
          label="Alias"
          className={styles.alias}
          options={aliases.map(name => ({ id: name, label: name }))}
          value={alias}
          onChange={value => setAlias(`${value}`)}
        />
        <MomentField value={moment} onChange={setMoment} />
        <Button
          type="submit"
          variant="secondary"
          isPending={answer.loading}
          isDisabled={!moment}
        >
          Look up
        </Button>
      </form>
      <div role="status" aria-live="polite" className={styles.answer}>
        {answer.value && <AnswerText model={model} answer={answer.value} />}
      </div>
      {answer.error && (
        <ErrorNotice title="The look-up failed" error={answer.error} />
      )}
    </Panel>
  );
}

function AnswerText({ model, answer }: { model: string; answer: Answer }) {
  const versionLink = useRouteRef(versionRouteRef);
  const { alias, at, change } = answer;
  if (change?.version === undefined) {
    return (
      <>
        On {formatMoment(at)}, <b>{alias}</b> pointed at no version.
      </>
    );
  }
  return (
    <>
      On {formatMoment(at)}, <b>{alias}</b> was{' '}
      <Link
        weight="bold"
        href={
          versionLink?.({ name: model, version: String(change.version) }) ?? '#'
        }
      >
        {`version ${change.version}`}
      </Link>
      , since {formatMoment(change.validFrom)}, moved by{' '}
      <PersonName entityRef={change.changedBy} />: {change.reason}
    </>
  );
}
