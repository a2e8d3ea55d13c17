import { Button, Flex } from '@backstage/ui';
import { Panel } from '@greenroom/ai-react';
import type { Model } from '@greenroom/plugin-ai-registry-common';
import { type FormEvent, useState } from 'react';
import { useSearchParams } from 'react-router-dom';
import { AsOfView } from './AsOfView';
import { MomentField } from './MomentField';
import styles from './asOf.module.css';
import { toFieldValue } from './toFieldValue';

/** What was said of a model at a moment that the reader chooses; the moment is in the address. */
export function AsOfTab({ model }: { model: Model }) {
  const [params, setParams] = useSearchParams();
  const at = params.get('at') ?? undefined;
  const [moment, setMoment] = useState(toFieldValue(at));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (moment) setParams({ at: new Date(moment).toISOString() });
  };
  return (
    <Flex direction="column" gap="4">
      <Panel
        title="As it was at a moment"
        description="Descriptions, tags, aliases and stages, as they were then. Choose a moment in your time zone."
      >
        <form className={styles.form} onSubmit={submit}>
          <MomentField value={moment} onChange={setMoment} />
          <Button type="submit" variant="secondary" isDisabled={!moment}>
            Look up
          </Button>
        </form>
      </Panel>
      {at !== undefined && <AsOfView key={at} model={model.name} at={at} />}
    </Flex>
  );
}
